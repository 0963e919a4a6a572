//! What may stand in which room's sources.

use std::path::Path;

use crate::dependencies::LAYERS;
use crate::sources;

/// Sources that may hold `unsafe`: two rooms, and the one door to a matrix product.
const UNSAFE: &[&str] =
    &["crates/latest/src", "crates/realtime/src", "crates/inference/src/kernels/matrix.rs"];

/// The one room that reads a clock or sleeps.
const CLOCK: &str = "realtime";

/// How a clock is read, or time is slept away, in Rust.
const CLOCK_READS: &[&str] =
    &["Instant::now", "SystemTime::now", "thread::sleep", "park_timeout", "clock_gettime"];

#[test]
fn unsafe_stands_only_where_it_is_allowed() {
    for_each_line(|_room, file, number, line| {
        let code = without_comment_or_string(line);
        let found = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == "unsafe");
        let allowed = || UNSAFE.iter().any(|path| file.to_string_lossy().contains(path));
        assert!(!found || allowed(), "{}:{number}: `unsafe` outside {UNSAFE:?}", file.display());
    });
}

#[test]
fn only_realtime_reads_a_clock() {
    for_each_line(|room, file, number, line| {
        let code = without_comment_or_string(line);
        for read in CLOCK_READS {
            assert!(
                room == CLOCK || !code.contains(read),
                "{}:{number}: `{read}` outside `{CLOCK}`; take a `Clock` or a `Stamp` instead",
                file.display()
            );
        }
    });
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    for_each_line(|_room, file, number, line| {
        let code = without_comment_or_string(line);
        assert!(
            !code.contains("#[allow(") && !code.contains("#![allow("),
            "{}:{number}: use `expect` with a reason instead of `allow`",
            file.display()
        );
    });
}

#[test]
fn libraries_have_typed_errors() {
    for_each_line(|room, file, number, line| {
        let code = without_comment_or_string(line);
        let erased = code.contains("Box<dyn Error") || code.contains("Box<dyn std::error::Error");
        assert!(
            room == "tandem" || !erased,
            "{}:{number}: an erased error in a library",
            file.display()
        );
    });
}

#[test]
fn every_room_introduces_itself() {
    for room in rooms().filter(|room| *room != "tandem") {
        let files = sources(room);
        let (_, text) = files
            .iter()
            .find(|(path, _)| path.ends_with("src/lib.rs"))
            .unwrap_or_else(|| panic!("`{room}` has no lib.rs"));
        let intro: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        for part in ["```", "does not do"] {
            assert!(intro.contains(part), "`{room}/src/lib.rs` opens without `{part}`");
        }
    }
}

/// A microcontroller builds this room. `.ci/run` builds it for one where that target is installed;
/// this holds everywhere.
#[test]
fn the_protocol_needs_no_system() {
    let files = sources("protocol");
    let (_, text) = files.iter().find(|(path, _)| path.ends_with("src/lib.rs")).expect("a lib.rs");
    assert!(text.contains("\n#![no_std]\n"), "the protocol is not `no_std`");
    for (file, text) in &files {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let line = without_comment_or_string(line);
            for word in ["std::", "alloc::", "f32", "f64", "vec!"] {
                assert!(
                    !line.contains(word),
                    "{}:{}: `{word}` in the protocol",
                    file.display(),
                    number + 1
                );
            }
        }
    }
}

fn rooms() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().flat_map(|layer| layer.iter().copied())
}

fn for_each_line(check: impl Fn(&str, &Path, usize, &str)) {
    for room in rooms() {
        for (file, text) in sources(room) {
            for (number, line) in text.lines().enumerate() {
                check(room, &file, number + 1, line);
            }
        }
    }
}

/// The line's code: string literals emptied, the comment cut off. Good enough for the words above,
/// which stand in no character literal or multi-line string.
fn without_comment_or_string(line: &str) -> String {
    let mut code = String::new();
    let mut in_string = false;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' if in_string => {
                characters.next();
            }
            '"' => in_string = !in_string,
            '/' if !in_string && characters.peek() == Some(&'/') => break,
            _ if !in_string => code.push(c),
            _ => {}
        }
    }
    code
}
