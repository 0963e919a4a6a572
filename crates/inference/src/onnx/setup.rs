//! `tandem setup onnxruntime`: fetches the shared library, once per user.
//!
//! The library comes from the official wheel through the machine's own `pip`, whatever index or
//! mirror that is set to use; what makes it trustworthy is the pinned hash, not where it came from.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::runtime::{ONNXRUNTIME_VERSION, OnnxRuntime, RuntimeError, cached_library};

/// The wheel for one kind of machine.
struct Wheel {
    /// As Rust names the architecture.
    arch: &'static str,
    /// As pip names the platform.
    platform: &'static str,
    sha256: &'static str,
}

/// The official wheels of [`ONNXRUNTIME_VERSION`] for CPython 3.11; the library in them does not
/// depend on the version of Python. Hashes as published with the release of 2026-11-13.
const WHEELS: [Wheel; 2] = [
    Wheel {
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
    },
    Wheel {
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
    },
];

/// The library is 35 MB; this is a bound, not a measure.
const LIBRARY_BYTES_MAX: u64 = 256 << 20;

/// What the set-up is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStep {
    /// Another set-up may be at work.
    Waiting,
    /// pip fetches the wheel, about 28 MB.
    Downloading,
    /// The wheel's hash is compared.
    Verifying,
    /// The library is taken out of the wheel.
    Unpacking,
    /// The library is loaded to see that it serves.
    Loading,
}

/// Why ONNX Runtime was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no wheel for this machine.
    #[error(
        "there is no onnx runtime wheel for {os} on {arch}; build libonnxruntime yourself and set ORT_DYLIB_PATH, or set engine = \"candle\""
    )]
    Platform {
        /// The operating system.
        os: &'static str,
        /// The architecture.
        arch: &'static str,
    },
    /// Neither `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("there is no cache folder; set XDG_CACHE_HOME or HOME")]
    NoCache,
    /// A file could not be read or written.
    #[error("{} cannot be {done}: {source}", file.display())]
    File {
        /// The file or folder.
        file: PathBuf,
        /// What was tried: `created`, `read` ...
        done: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Python could not be started.
    #[error(
        "python3 does not start: {source}; install Python 3 with pip, or put libonnxruntime.so in place and set ORT_DYLIB_PATH"
    )]
    Python {
        /// What the system says.
        source: io::Error,
    },
    /// pip failed.
    #[error("pip could not fetch onnxruntime {ONNXRUNTIME_VERSION}: {message}")]
    Pip {
        /// The end of what it says.
        message: String,
    },
    /// The wheel is another than the pinned one.
    #[error("{} has the hash {found} where {expected} is pinned; it is not used", file.display())]
    Hash {
        /// The wheel.
        file: PathBuf,
        /// The pinned SHA-256.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// The wheel cannot be read, or has no library in it.
    #[error("{} holds no usable library: {source}", file.display())]
    Wheel {
        /// The wheel.
        file: PathBuf,
        /// What is wrong.
        source: zip::result::ZipError,
    },
    /// The library does not serve.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

/// Puts the pinned ONNX Runtime into the user's cache folder and returns the library's path; does
/// nothing if it is there. Two set-ups at once wait for each other.
///
/// # Errors
/// If there is no wheel for this machine, pip cannot fetch it, it is not the pinned one, or the
/// library in it does not load. Nothing half done stays where it would be found.
pub fn setup_onnxruntime(mut progress: impl FnMut(SetupStep)) -> Result<PathBuf, SetupError> {
    let library = cached_library().ok_or(SetupError::NoCache)?;
    let wheel = wheel_for_this_machine()?;
    let Some(folder) = library.parent() else { return Err(SetupError::NoCache) };
    let lock = folder.join("lock");
    make_folder(folder)?;
    progress(SetupStep::Waiting);
    // Held until the end of this function; the system lets go of it if the process dies.
    let _lock = File::create(&lock)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| SetupError::File { file: lock.clone(), done: "locked", source })?;
    if library.is_file() {
        return Ok(library);
    }

    let staging = folder.join("staging");
    clear(&staging)?;
    make_folder(&staging)?;
    progress(SetupStep::Downloading);
    let file = download(wheel, &staging)?;
    progress(SetupStep::Verifying);
    verify(wheel, &file)?;
    progress(SetupStep::Unpacking);
    let unpacked = staging.join("libonnxruntime.so");
    unpack(&file, &unpacked)?;
    fs::rename(&unpacked, &library).map_err(|source| SetupError::File {
        file: library.clone(),
        done: "created",
        source,
    })?;
    clear(&staging)?;

    progress(SetupStep::Loading);
    match OnnxRuntime::find(Some(&library)) {
        // A process that already runs another library cannot load this one, nor judge it.
        Ok(_) | Err(RuntimeError::Another { .. }) => Ok(library),
        Err(error) => {
            fs::remove_file(&library).ok();
            Err(error.into())
        }
    }
}

fn wheel_for_this_machine() -> Result<&'static Wheel, SetupError> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let wheel = WHEELS.iter().find(|wheel| os == "linux" && wheel.arch == arch);
    wheel.ok_or(SetupError::Platform { os, arch })
}

fn download(wheel: &Wheel, staging: &Path) -> Result<PathBuf, SetupError> {
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"])
        .args(["--timeout", "30", "--retries", "3", "--no-deps", "--only-binary=:all:"])
        .args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"])
        .args(["--platform", wheel.platform, "--dest"])
        .arg(staging)
        .arg(format!("onnxruntime=={ONNXRUNTIME_VERSION}"))
        .output()
        .map_err(|source| SetupError::Python { source })?;
    let found = fs::read_dir(staging).into_iter().flatten().flatten().map(|entry| entry.path());
    let wheel = found.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl"));
    match wheel {
        Some(wheel) if output.status.success() => Ok(wheel),
        _ => Err(SetupError::Pip { message: last_lines(&output.stderr) }),
    }
}

/// The last three lines, where pip says what went wrong.
fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<_> = text.lines().rev().filter(|line| !line.is_empty()).take(3).collect();
    lines.reverse();
    if lines.is_empty() { "it left no wheel and said nothing".to_owned() } else { lines.join("; ") }
}

fn verify(wheel: &Wheel, file: &Path) -> Result<(), SetupError> {
    let error = |source| SetupError::File { file: file.to_path_buf(), done: "read", source };
    let mut hasher = Sha256::new();
    let mut wheel_file = File::open(file).map_err(error)?;
    let mut block = vec![0; 1 << 16];
    loop {
        match wheel_file.read(&mut block).map_err(error)? {
            0 => break,
            read => hasher.update(block.get(..read).unwrap_or_default()),
        }
    }
    let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == wheel.sha256 {
        return Ok(());
    }
    Err(SetupError::Hash { file: file.to_path_buf(), expected: wheel.sha256, found })
}

fn unpack(wheel: &Path, library: &Path) -> Result<(), SetupError> {
    let broken = |source| SetupError::Wheel { file: wheel.to_path_buf(), source };
    let read = |source| SetupError::File { file: wheel.to_path_buf(), done: "read", source };
    let write = |source| SetupError::File { file: library.to_path_buf(), done: "written", source };
    let mut archive = zip::ZipArchive::new(File::open(wheel).map_err(read)?).map_err(broken)?;
    let name = format!("onnxruntime/capi/libonnxruntime.so.{ONNXRUNTIME_VERSION}");
    let entry = archive.by_name(&name).map_err(broken)?;
    let mut out = File::create(library).map_err(write)?;
    io::copy(&mut entry.take(LIBRARY_BYTES_MAX), &mut out).map_err(write)?;
    out.sync_all().map_err(write)
}

fn make_folder(folder: &Path) -> Result<(), SetupError> {
    fs::create_dir_all(folder).map_err(|source| SetupError::File {
        file: folder.to_path_buf(),
        done: "created",
        source,
    })
}

fn clear(folder: &Path) -> Result<(), SetupError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(SetupError::File { file: folder.to_path_buf(), done: "removed", source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_wheel_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("onnxruntime.whl");
        fs::write(&file, "not the wheel").unwrap();
        for wheel in &WHEELS {
            let error = verify(wheel, &file).unwrap_err();
            assert!(matches!(error, SetupError::Hash { expected, .. } if expected == wheel.sha256));
        }
    }

    #[test]
    fn a_wheel_without_a_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("onnxruntime.whl");
        let mut empty = zip::ZipWriter::new(File::create(&file).unwrap());
        empty.start_file("readme", zip::write::SimpleFileOptions::default()).unwrap();
        empty.finish().unwrap();
        let error = unpack(&file, &folder.path().join("out")).unwrap_err();
        assert!(matches!(error, SetupError::Wheel { .. }), "{error}");
        fs::write(&file, "junk").unwrap();
        assert!(matches!(unpack(&file, &folder.path().join("out")), Err(SetupError::Wheel { .. })));
    }

    #[test]
    fn pip_is_quoted_from_its_end() {
        assert_eq!(last_lines(b"a\nb\n\nc\nd\n"), "b; c; d");
        assert_eq!(last_lines(b""), "it left no wheel and said nothing");
    }
}
