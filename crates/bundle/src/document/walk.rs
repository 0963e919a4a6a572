//! One pass over a TOML tree: the place of every key, and what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Key, Kind, names};
use crate::{Finding, Position};

/// What a walk found.
pub(super) struct Walked {
    pub(super) places: BTreeMap<String, Position>,
    pub(super) findings: Vec<Finding>,
}

/// Compares the tree under `root` with the known keys.
pub(super) fn walk(file: &Path, text: &str, root: &DeTable<'_>, keys: &[Key]) -> Walked {
    let walked = Walked { places: BTreeMap::new(), findings: Vec::new() };
    let mut walker = Walker { file, text, keys, walked };
    walker.table("", "", root, Position::START);
    walker.walked.findings.sort_by_key(|finding| finding.position);
    walker.walked
}

struct Walker<'a> {
    file: &'a Path,
    text: &'a str,
    keys: &'a [Key],
    walked: Walked,
}

impl Walker<'_> {
    /// `path` is the table's own name (`camera[1]`), `pattern` the one in the key table
    /// (`camera[]`).
    fn table(&mut self, path: &str, pattern: &str, table: &DeTable<'_>, place: Position) {
        for (name, value) in table {
            let position = Position::of(self.text, name.span().start);
            let path = join(path, name.get_ref());
            self.walked.places.insert(path.clone(), position);
            match self.known(pattern, name.get_ref()) {
                Some(key) => self.value(&path, key, value, position),
                None => self.unknown(pattern, name.get_ref(), position),
            }
        }
        for key in self.keys {
            let Some(name) = child(key.path, pattern) else { continue };
            if key.required && !table.contains_key(name) {
                let problem = format!("`{}` is missing", join(path, name));
                self.report(place, &problem, &format!("add `{name}` with {}", key.kind));
            }
        }
    }

    fn value(&mut self, path: &str, key: Key, value: &Spanned<DeValue<'_>>, position: Position) {
        match (key.kind, value.get_ref()) {
            (Kind::Table, DeValue::Table(table)) => self.table(path, key.path, table, position),
            (Kind::Tables, DeValue::Array(items)) => {
                let pattern = format!("{}[]", key.path);
                for (index, item) in items.iter().enumerate() {
                    self.item(&format!("{path}[{index}]"), &pattern, item);
                }
            }
            (kind, value) if fits(kind, value) => self.mark_items(path, value),
            (kind, value) => {
                let problem = format!("`{path}` holds {}", describe(value));
                self.report(position, &problem, &format!("it takes {kind}"));
            }
        }
    }

    fn item(&mut self, path: &str, pattern: &str, item: &Spanned<DeValue<'_>>) {
        let position = Position::of(self.text, item.span().start);
        self.walked.places.insert(path.to_owned(), position);
        if let DeValue::Table(table) = item.get_ref() {
            self.table(path, pattern, table, position);
        } else {
            let problem = format!("`{path}` holds {}", describe(item.get_ref()));
            self.report(position, &problem, "it takes a table");
        }
    }

    fn mark_items(&mut self, path: &str, value: &DeValue<'_>) {
        let DeValue::Array(items) = value else { return };
        for (index, item) in items.iter().enumerate() {
            let position = Position::of(self.text, item.span().start);
            self.walked.places.insert(format!("{path}[{index}]"), position);
        }
    }

    fn known(&self, pattern: &str, name: &str) -> Option<Key> {
        let named = |wanted: &str| {
            self.keys.iter().find(|key| child(key.path, pattern) == Some(wanted)).copied()
        };
        // A name with a star in it must not find the entry for "any name" by spelling it.
        if name == "*" { None } else { named(name).or_else(|| named("*")) }
    }

    fn unknown(&mut self, pattern: &str, name: &str, position: Position) {
        let siblings: Vec<&str> =
            self.keys.iter().filter_map(|key| child(key.path, pattern)).collect();
        let mend = names::mend(name, &siblings);
        self.report(position, &format!("unknown key `{name}`"), &mend);
    }

    fn report(&mut self, position: Position, problem: &str, mend: &str) {
        self.walked.findings.push(Finding::at(self.file, position, problem, mend));
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The last name of `path` if it lies directly in the table `pattern`.
fn child<'a>(path: &'a str, pattern: &str) -> Option<&'a str> {
    match path.rsplit_once('.') {
        Some((parent, name)) => (parent == pattern).then_some(name),
        None => pattern.is_empty().then_some(path),
    }
}

fn fits(kind: Kind, value: &DeValue<'_>) -> bool {
    match kind {
        Kind::Text => is_text(value),
        Kind::Flag => value.is_bool(),
        Kind::Count => is_count(value),
        Kind::Number => is_number(value),
        Kind::Texts => all(value, is_text),
        Kind::Counts => all(value, is_count),
        Kind::Numbers => all(value, is_number),
        Kind::PerJoint => is_number(value) || all(value, is_number),
        Kind::Foreign => value.is_table(),
        Kind::Table | Kind::Tables => false,
    }
}

fn all(value: &DeValue<'_>, fits: impl Fn(&DeValue<'_>) -> bool) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(|item| fits(item.get_ref())))
}

fn is_text(value: &DeValue<'_>) -> bool {
    value.is_str()
}

fn is_count(value: &DeValue<'_>) -> bool {
    value.as_integer().is_some_and(|number| {
        i64::from_str_radix(number.as_str(), number.radix()).is_ok_and(|number| number >= 0)
    })
}

fn is_number(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Integer(_) => true,
        DeValue::Float(number) => number.as_str().parse::<f64>().is_ok_and(f64::is_finite),
        _ => false,
    }
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => "a string".to_owned(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => format!("{flag}"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(items) => match items.iter().find(|item| !is_number(item.get_ref())) {
            Some(odd) if !odd.get_ref().is_array() => {
                format!("a list with {} in it", describe(odd.get_ref()))
            }
            _ => "a list".to_owned(),
        },
        DeValue::Table(_) => "a table".to_owned(),
    }
}
