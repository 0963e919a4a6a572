//! Finds the shared library of ONNX Runtime and loads it, once per process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

/// The version that `tandem setup onnxruntime` installs.
pub const ONNXRUNTIME_VERSION: &str = "1.32.0";

/// The variable that names the library, after that of the `ort` crate.
const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

/// ONNX Runtime, loaded. Clones share it.
#[derive(Clone)]
pub struct OnnxRuntime {
    pub(super) environment: Environment,
    library: PathBuf,
}

/// Why there is no ONNX Runtime.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// It is nowhere to be found.
    #[error(
        "onnx runtime is not installed; run `tandem setup onnxruntime`, or set {LIBRARY_VARIABLE} to libonnxruntime.so"
    )]
    Missing,
    /// The library that was named is not there.
    #[error("there is no onnx runtime at {}; mend the path, or run `tandem setup onnxruntime`", library.display())]
    NoFile {
        /// The path given.
        library: PathBuf,
    },
    /// The library does not load, or is too old.
    #[error("onnx runtime does not load: {source}; run `tandem setup onnxruntime`")]
    Library {
        /// What the loader says; it names the file.
        source: ort::LoadDynamicError,
    },
    /// The library loads and then fails.
    #[error("onnx runtime at {} does not start: {source}", library.display())]
    Start {
        /// The library.
        library: PathBuf,
        /// What it says.
        source: ort::Error,
    },
    /// Another library was loaded before; a process can hold one.
    #[error("onnx runtime is already loaded from {}; {} cannot be loaded beside it", loaded.display(), asked.display())]
    Another {
        /// The one in use.
        loaded: PathBuf,
        /// The one asked for.
        asked: PathBuf,
    },
}

/// The runtime of this process. It is never dropped: `ort` can start only one.
static LOADED: Mutex<Option<OnnxRuntime>> = Mutex::new(None);

impl OnnxRuntime {
    /// Finds the library and loads it: at `explicit` if given, else where the variable
    /// `ORT_DYLIB_PATH` points, else where [`setup_onnxruntime`](crate::setup_onnxruntime) puts
    /// it. Later calls return the same runtime.
    ///
    /// # Errors
    /// If it is not found or does not load, or if `explicit` names another library than the one
    /// this process has loaded.
    pub fn find(explicit: Option<&Path>) -> Result<Self, RuntimeError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return match explicit {
                Some(asked) if absolute(asked) != runtime.library => Err(RuntimeError::Another {
                    loaded: runtime.library.clone(),
                    asked: asked.to_path_buf(),
                }),
                _ => Ok(runtime.clone()),
            };
        }
        let runtime = Self::load(&locate(explicit)?)?;
        Ok(loaded.insert(runtime).clone())
    }

    /// Where the library was found.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    fn load(library: &Path) -> Result<Self, RuntimeError> {
        let library = absolute(library);
        let environment = ort::init_from(&library)
            .map_err(|source| RuntimeError::Library { source })?
            .with_name("tandem")
            .with_telemetry(false)
            .build()
            .map_err(|source| RuntimeError::Start { library: library.clone(), source })?;
        // Everything below comes back as a typed error; the runtime must not also write it to stderr.
        environment.set_log_level(LogLevel::Fatal);
        tracing::info!(library = %library.display(), "onnx runtime loaded");
        Ok(Self { environment, library })
    }
}

/// Where `tandem setup onnxruntime` puts the library: in the user's cache folder.
pub(super) fn cached_library() -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    let folder = cache.join("tandem").join(format!("onnxruntime-{ONNXRUNTIME_VERSION}"));
    Some(folder.join(format!("libonnxruntime.so.{ONNXRUNTIME_VERSION}")))
}

fn locate(explicit: Option<&Path>) -> Result<PathBuf, RuntimeError> {
    let variable = std::env::var_os(LIBRARY_VARIABLE).filter(|path| !path.is_empty());
    let named = explicit.map(Path::to_path_buf).or_else(|| variable.map(PathBuf::from));
    match named {
        Some(library) if library.is_file() => Ok(library),
        Some(library) => Err(RuntimeError::NoFile { library }),
        None => cached_library().filter(|path| path.is_file()).ok_or(RuntimeError::Missing),
    }
}

/// The library's one name, so that two ways to write it compare equal.
fn absolute(library: &Path) -> PathBuf {
    library.canonicalize().unwrap_or_else(|_| library.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_library_must_be_there() {
        let error = locate(Some(Path::new("no/such/libonnxruntime.so"))).unwrap_err();
        assert!(matches!(error, RuntimeError::NoFile { .. }));
        assert!(error.to_string().contains("tandem setup onnxruntime"), "{error}");
    }
}
