//! A TOML file read under a table of known keys.

mod names;
mod walk;

use core::fmt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use crate::{Finding, Position};

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A whole number, zero or more.
    Count,
    /// A list of whole numbers, zero or more.
    Counts,
    /// A finite number.
    Number,
    /// A list of finite numbers.
    Numbers,
    /// One finite number for all joints, or a list with one for each.
    PerJoint,
    /// A table, whose keys are listed on their own.
    Table,
    /// A list of tables, whose keys are listed on their own under `name[]`.
    Tables,
    /// A table with keys that are someone else's business.
    Foreign,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::Texts => "a list of strings",
            Self::Flag => "true or false",
            Self::Count => "a whole number, zero or more",
            Self::Counts => "a list of whole numbers, zero or more",
            Self::Number => "a finite number",
            Self::Numbers => "a list of finite numbers",
            Self::PerJoint => "a finite number, or a list with one for each joint",
            Self::Table | Self::Foreign => "a table",
            Self::Tables => "a list of tables",
        })
    }
}

/// One known key of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its path: `control.rate_hz`, `camera[].name` in a list of tables, `files.*` for any name.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether its table is wrong without it.
    pub required: bool,
}

impl Key {
    /// A key its table must have.
    #[must_use]
    pub const fn must(path: &'static str, kind: Kind) -> Self {
        Self { path, kind, required: true }
    }

    /// A key its table may have.
    #[must_use]
    pub const fn may(path: &'static str, kind: Kind) -> Self {
        Self { path, kind, required: false }
    }
}

/// A TOML file with known keys of the right kinds, and the place of each.
#[derive(Clone, Debug)]
pub struct Document {
    file: PathBuf,
    text: String,
    places: BTreeMap<String, Position>,
}

impl Document {
    /// Reads `text` (the content of `file`, which is named in every finding) under `keys`.
    ///
    /// # Errors
    /// Everything that is wrong with it: one finding for broken TOML, or one for each key that is
    /// unknown, missing or of the wrong kind, in the order of the file.
    pub fn parse(
        file: impl Into<PathBuf>,
        text: impl Into<String>,
        keys: &[Key],
    ) -> Result<Self, Vec<Finding>> {
        let (file, text) = (file.into(), text.into());
        let root = DeTable::parse(&text).map_err(|error| vec![broken(&file, &text, &error)])?;
        let walked = walk::walk(&file, &text, root.get_ref(), keys);
        if walked.findings.is_empty() {
            Ok(Self { places: walked.places, file, text })
        } else {
            Err(walked.findings)
        }
    }

    /// The value the document spells.
    ///
    /// # Errors
    /// If a value does not fit its type though its kind was right, such as a number too large.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Finding> {
        toml::from_str(&self.text).map_err(|error| broken(&self.file, &self.text, &error))
    }

    /// The same document under another name.
    pub(crate) fn moved_to(self, file: PathBuf) -> Self {
        Self { file, ..self }
    }

    /// The file's name, as it was given.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The place of a key (`control.rate_hz`, `camera[1].name`, `robot.joints[2]`), or of the
    /// nearest table around it if the key is not written there.
    #[must_use]
    pub fn position(&self, key: &str) -> Position {
        let mut path = key;
        loop {
            if let Some(&position) = self.places.get(path) {
                return position;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or(""),
                None => return Position::START,
            }
        }
    }

    /// Says that the value of `key` is wrong: `` `key` problem; mend ``.
    #[must_use]
    pub fn finding(&self, key: &str, problem: impl fmt::Display, mend: &str) -> Finding {
        Finding::at(&self.file, self.position(key), &format!("`{key}` {problem}"), mend)
    }
}

fn broken(file: &Path, text: &str, error: &toml::de::Error) -> Finding {
    let position = error.span().map_or(Position::START, |span| Position::of(text, span.start));
    let problem = error.message().lines().collect::<Vec<_>>().join(", ");
    Finding::at(file, position, &problem, "correct this value or its TOML syntax")
}

#[cfg(test)]
mod tests;
