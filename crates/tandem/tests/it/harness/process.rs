//! Child processes that never outlive their test.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::wait_for;

/// A running `tandem`. Both its outputs go to a file each.
pub(crate) struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// How a process ended, and what it had said.
#[derive(Debug)]
pub(crate) struct Said {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Process {
    /// Starts it; its outputs go to `output` with the endings `.out` and `.err`. Its standard input
    /// is a pipe that closes when this test ends, however it ends.
    pub(crate) fn start(command: &mut Command, output: PathBuf) -> Self {
        let (stdout, stderr) = (output.with_extension("out"), output.with_extension("err"));
        let child = command
            // The tests read what is logged by default.
            .env_remove("TANDEM_LOG")
            .stdin(Stdio::piped())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard output so far.
    pub(crate) fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        read(&self.stderr)
    }

    /// Kills it as the kernel would: without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name, to its whole process group if `group`.
    pub(crate) fn signal(&self, name: &str, group: bool) {
        let id = format!("{}{}", if group { "-" } else { "" }, self.id());
        let sent = Command::new("kill").args(["-s", name, "--", &id]).status().unwrap();
        assert!(sent.success(), "kill -s {name} {id}: {sent}");
    }

    /// Presses Enter.
    pub(crate) fn enter(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Closes its standard input, as a parent does that goes away.
    pub(crate) fn abandon(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(&mut self) -> Said {
        let status = wait_for("a process ends", || self.ended());
        Said { code: status.code(), stdout: self.stdout(), stderr: self.log() }
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "a failed test shows what its processes said")]
    fn drop(&mut self) {
        // Neither can fail in a way that matters: it is gone already, or it is gone now.
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}{}", self.stderr.display(), self.stdout(), self.log());
        }
    }
}

fn read(file: &PathBuf) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}
