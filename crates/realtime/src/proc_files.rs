//! Reading the small text files in which Linux describes itself.

use std::{fs::File, io::Read as _, path::Path};

/// More than any file read here holds; `/proc/cpuinfo` alone grows with the CPUs, and only its
/// beginning matters.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The beginning of a file, or an empty text if it cannot be read: what a kernel does not offer is
/// unknown, not an error.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let mut bytes = Vec::new();
    let outcome =
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
    if outcome.is_err() {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The one line of a file, without the white space and NUL bytes around it; `None` if it is empty.
pub(crate) fn read_line(path: impl AsRef<Path>) -> Option<String> {
    let text = read(path);
    let line = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!line.is_empty()).then(|| line.to_owned())
}

/// The value of `key` in a text of `key: value` lines.
pub(crate) fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| (name.trim() == key).then(|| value.trim()))
}

/// A size from `/proc/self/status`.
pub(crate) fn status_bytes(key: &str) -> Option<u64> {
    bytes(field(&read("/proc/self/status"), key)?)
}

/// A size such as `1234 kB`.
fn bytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The steal ticks of all CPUs: the eighth number of the first line of `/proc/stat`.
pub(crate) fn steal_ticks(stat: &str) -> Option<u64> {
    stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().nth(7)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "VmPeak:\t  10 kB\nVmRSS:\t    2344 kB\nmodel name\t: Some CPU @ 2: GHz\nodd";
        assert_eq!(field(text, "VmRSS"), Some("2344 kB"));
        assert_eq!(field(text, "model name"), Some("Some CPU @ 2: GHz"));
        assert_eq!(field(text, "RSS"), None);
        assert_eq!(field(text, "odd"), None);
    }

    #[test]
    fn sizes_have_a_unit() {
        for (text, expected) in [
            ("2344 kB", Some(2344 * 1024)),
            ("0 kB", Some(0)),
            ("2344", None),
            ("-1 kB", None),
            ("18446744073709551615 kB", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), expected, "{text:?}");
        }
    }

    #[test]
    fn steal_is_the_eighth_number() {
        let stat = "cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
        assert_eq!(steal_ticks(stat), Some(80));
        assert_eq!(steal_ticks("cpu  10 20 30"), None, "before Linux 2.6.11");
        assert_eq!(steal_ticks(""), None);
    }

    #[test]
    fn a_missing_file_is_unknown() {
        assert_eq!(read("/proc/no/such/file"), "");
        assert_eq!(read_line("/proc/no/such/file"), None);
        assert_eq!(read("/proc"), "", "a folder is no text either");
    }
}
