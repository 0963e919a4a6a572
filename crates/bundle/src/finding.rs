//! One thing that is wrong with a file.

use core::fmt;
use std::path::{Path, PathBuf};

/// A place in a text file, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The top of a file.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of byte `offset` in `text`.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.get(line_start..).unwrap_or("").chars().count();
        Self { line, column }
    }
}

/// One thing that is wrong, where, and the mend: a line for the person who must mend it.
///
/// The text is complete (`file:line:column: what is wrong; the mend`); the other fields say the
/// same place to a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file at fault.
    pub file: PathBuf,
    /// The place in it, for a text file.
    pub position: Option<Position>,
    /// The tensor at fault, for a weights file.
    pub tensor: Option<String>,
    /// The whole line.
    pub text: String,
}

impl Finding {
    /// Something wrong at one place of a text file.
    #[must_use]
    pub fn at(file: &Path, position: Position, problem: &str, mend: &str) -> Self {
        let Position { line, column } = position;
        let text = format!("{}:{line}:{column}: {problem}; {mend}", file.display());
        Self { file: file.to_path_buf(), position: Some(position), tensor: None, text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "a = 1\nb\u{e9}c = 2\n";
        for (offset, line, column) in [(0, 1, 1), (4, 1, 5), (6, 2, 1), (9, 2, 3), (99, 3, 1)] {
            assert_eq!(Position::of(text, offset), Position { line, column }, "offset {offset}");
        }
    }
}
