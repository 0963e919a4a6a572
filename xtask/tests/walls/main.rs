//! The walls of ARCHITECTURE.md. A failure names the room, the line and the rule.

mod dependencies;
mod sources;

use std::path::{Path, PathBuf};

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every Rust file of a room below its `src`, with its text.
fn sources(room: &str) -> Vec<(PathBuf, String)> {
    let folder = match room {
        "sim" | "firmware-bridge" => room.to_owned(),
        "protocol" => "firmware-bridge/protocol".to_owned(),
        _ => format!("crates/{room}"),
    };
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable source folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a readable source file");
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "the room `{room}` has no source files");
    files.sort();
    files
}
