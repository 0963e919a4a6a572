//! JSON, with numbers rounded exactly.
//!
//! `serde_json` rounds exactly only with a feature that Cargo would switch on for the whole
//! workspace, and one unit in the last place decides the bin of a value on its edge. Here numbers
//! go through the standard library, which always rounds exactly.

use core::str::FromStr as _;

/// A JSON value; members keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let value = reader.value()?;
        reader.space();
        if reader.at == text.len() { Ok(value) } else { Err(reader.error("the end")) }
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = if let Self::Object(members) = self { &members[..] } else { &[] };
        members.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    pub(crate) const fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// A list of objects.
    pub(crate) fn holds_cases(&self) -> bool {
        matches!(self.items(), [Self::Object(_), ..])
    }

    pub(crate) fn member(&self, name: &str) -> Result<&Self, String> {
        self.members().find(|(n, _)| *n == name).map(|(_, v)| v).ok_or(format!("no `{name}`"))
    }

    pub(crate) fn is_null(&self, name: &str) -> Result<bool, String> {
        Ok(*self.member(name)? == Self::Null)
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        match self.member(name)? {
            Self::Text(text) => Ok(text),
            other => Err(format!("`{name}` is {other:?}, not text")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.member(name)? {
            Self::Bool(flag) => Ok(*flag),
            other => Err(format!("`{name}` is {other:?}, not true or false")),
        }
    }

    pub(crate) fn flags(&self, name: &str) -> Result<Vec<bool>, String> {
        let flags = self.member(name)?.items().iter().map(|item| *item == Self::Bool(true));
        Ok(flags.collect())
    }

    pub(crate) fn number(&self, name: &str) -> Result<f64, String> {
        self.member(name)?.as_number().ok_or(format!("`{name}` is no number"))
    }

    /// All numbers of a list, or of lists in lists, one after the other.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        self.member(name)?.flat().ok_or(format!("`{name}` holds other than numbers"))
    }

    /// As above, of this value itself.
    pub(crate) fn flat(&self) -> Option<Vec<f64>> {
        let mut numbers = Vec::new();
        self.flatten(&mut numbers)?;
        Some(numbers)
    }

    pub(crate) fn integer<T: TryFrom<i64>>(&self, name: &str) -> Result<T, String> {
        let integer =
            exact(self.number(name)?).ok_or(format!("`{name}` is no integer in range"))?;
        Ok(integer)
    }

    pub(crate) fn integers<T: TryFrom<i64>>(&self, name: &str) -> Result<Vec<T>, String> {
        let integers = self.numbers(name)?.into_iter().map(exact).collect::<Option<_>>();
        integers.ok_or(format!("`{name}` holds other than integers in range"))
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            // JSON has no word for these; the vectors write them as text.
            Self::Text(text) if matches!(&text[..], "NaN" | "Infinity" | "-Infinity") => {
                f64::from_str(text).ok()
            }
            _ => None,
        }
    }

    fn flatten(&self, numbers: &mut Vec<f64>) -> Option<()> {
        if let Self::List(items) = self {
            items.iter().try_for_each(|item| item.flatten(numbers))
        } else {
            numbers.push(self.as_number()?);
            Some(())
        }
    }
}

fn exact<T: TryFrom<i64>>(number: f64) -> Option<T> {
    let integer = number as i64;
    if integer as f64 == number { T::try_from(integer).ok() } else { None }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, String> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        if self.depth == 64 {
            return Err(self.error("at most 64 levels"));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut members = Vec::new();
        while !self.ends(b'}', members.is_empty())? {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':', "`:`")?;
            members.push((name, self.value()?));
        }
        Ok(Value::Object(members))
    }

    fn list(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        while !self.ends(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Value::List(items))
    }

    /// Takes the bracket that ends a list, or the comma before its next item.
    fn ends(&mut self, bracket: u8, is_first: bool) -> Result<bool, String> {
        self.space();
        if self.peek() == Some(bracket) {
            self.at += 1;
            return Ok(true);
        }
        if !is_first {
            self.expect(b',', "`,`")?;
        }
        Ok(false)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
        let word = &rest[..end.unwrap_or(rest.len())];
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            // Rust reads `inf` and `nan`, too, which JSON does not know.
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Value::Number(f64::from_str(word).map_err(|_error| self.error("a number"))?)
            }
            _ => return Err(self.error("a value")),
        };
        self.at += word.len();
        Ok(value)
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect(b'"', "text")?;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).ok_or_else(|| self.error("the end of a text"))?;
            string.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Ok(string);
            }
            string.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let kind = self.peek().ok_or_else(|| self.error("an escape"))?;
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            // Pairs for characters beyond U+FFFF stand in no name or kind of a vector file.
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4);
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                self.at += 4;
                code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.error("an escape")),
        })
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(self.error(what));
        }
        self.at += 1;
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, expected: &str) -> String {
        format!("not JSON: {expected} expected at byte {}", self.at)
    }
}
