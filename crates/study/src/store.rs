//! Measured cells on disk: one small file each, so that a study can be stopped at any time.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StudyError;

/// A folder of cells, each named by everything it depends on.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens or makes a folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, StudyError> {
        let folder = folder.to_path_buf();
        fs::create_dir_all(&folder).map_err(|source| file(&folder, source))?;
        Ok(Self { folder })
    }

    /// The cell called `key`, if it was measured.
    ///
    /// # Errors
    /// If its file is there and cannot be read.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StudyError> {
        let path = self.path(key);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(file(&path, source)),
        };
        let cell = serde_json::from_str(&text);
        cell.map(Some).map_err(|source| StudyError::Json { path, source })
    }

    /// Keeps a cell. A reader sees the whole of it or nothing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put<T: Serialize>(&self, key: &str, cell: &T) -> Result<(), StudyError> {
        let text = serde_json::to_string(cell).map_err(StudyError::Cell)?;
        write_atomically(&self.path(key), &(text + "\n"))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// Writes a file beside its place, then moves it there.
///
/// # Errors
/// If either fails.
pub fn write_atomically(path: &Path, text: &str) -> Result<(), StudyError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    fs::write(&beside, text).map_err(|source| file(path, source))?;
    fs::rename(&beside, path).map_err(|source| file(path, source))
}

fn file(path: &Path, source: std::io::Error) -> StudyError {
    StudyError::File { path: path.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_measured() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        // Quotients have digits to the last: of a thousand, a reader that rounds twice errs on some.
        let measured: Vec<f64> = (1..1000).map(|n| f64::from(n) / 997.0).collect();
        store.put("a", &measured).unwrap();
        assert_eq!(store.get::<Vec<f64>>("a").unwrap(), Some(measured));
    }

    #[test]
    fn what_was_kept_is_found_and_what_is_broken_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("cells")).unwrap();
        assert_eq!(store.get::<Vec<u32>>("a").unwrap(), None);
        store.put("a", &[1, 2]).unwrap();
        assert_eq!(store.get::<Vec<u32>>("a").unwrap(), Some(vec![1, 2]));
        fs::write(store.path("a"), "[1,").unwrap();
        let message = store.get::<Vec<u32>>("a").unwrap_err().to_string();
        assert!(message.contains("a.json") && message.contains("delete it"), "{message}");
    }
}
