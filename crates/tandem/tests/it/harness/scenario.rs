//! A copy of the shipped scenario in a folder of its own, for a test to change and run.

use std::cell::Cell;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use super::{Process, Said};

/// Whose turn it is to load the machine.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    static IS_MINE: Cell<bool> = const { Cell::new(false) };
}

/// The machine, for one test at a time.
struct Turn(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl Turn {
    fn wait() -> Self {
        // It would wait for itself.
        assert!(!IS_MINE.replace(true), "a test has one scenario at a time: drop the first");
        Self(TURN.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        IS_MINE.set(false);
    }
}

/// The program under test.
const TANDEM: &str = env!("CARGO_BIN_EXE_tandem");

pub(crate) struct Scenario {
    dir: TempDir,
    /// The config's name in the folder.
    file: &'static str,
    pub(crate) robot: String,
    pub(crate) daemon: String,
    /// Where a bridge may listen.
    pub(crate) bridge: String,
    started: AtomicUsize,
    _turn: Turn,
}

impl Scenario {
    /// The SO-101's scenario as it ships, on ports that are free now.
    pub(crate) fn new() -> Self {
        Self::of("so101.toml")
    }

    /// A shipped scenario on ports that are free now.
    pub(crate) fn of(file: &'static str) -> Self {
        let turn = Turn::wait();
        let dir = tempfile::Builder::new().prefix("tandem-it-").tempdir().unwrap();
        copy(&shipped(), dir.path());
        let [robot, daemon, bridge] = free_endpoints();
        let started = AtomicUsize::new(0);
        let scenario = Self { dir, file, robot, daemon, bridge, started, _turn: turn };
        scenario.set("robot = \"tcp/", &format!("robot = \"{}\"", scenario.robot));
        scenario.set("daemon = \"tcp/", &format!("daemon = \"{}\"", scenario.daemon));
        scenario
    }

    /// The SO-101's, patient.
    pub(crate) fn patient() -> Self {
        let scenario = Self::new().patiently();
        scenario.set_each(&[
            ("missed_steps_max", 1000),
            ("late_chunks_max", 10_000),
            ("late_chunks_fraction_max", 1),
            ("tracking_ms_max", 5000),
        ]);
        scenario
    }

    /// With more patience and a longer validity of commands than is wise on a robot: a machine
    /// busy with other things must not decide what a test sees.
    pub(crate) fn patiently(self) -> Self {
        self.set_each(&[
            ("state_age_ms_max", 800),
            ("action_age_ms_max", 1000),
            ("frame_age_ms_max", 2000),
            ("latent_age_ms_warn", 2000),
            ("latent_age_ms_hold", 4000),
            ("latent_age_ms_stop", 8000),
            ("receipt_age_ms_max", 800),
            ("silence_age_ms_stop", 3000),
            ("command_valid_ms", 100),
        ]);
        self
    }

    /// The same arm with motors of another kind, as `docs/bring-your-own-arm.md` says.
    pub(crate) fn with_motors(self, kind: &str) -> Self {
        if kind == "feetech" {
            return self;
        }
        self.set("motors = ", &format!("motors = \"{kind}\""));
        if kind == "mit" {
            self.replace("baud = 1000000\n", "");
        }
        let motors = self.dir().join("motors").join(kind).with_extension("toml");
        let text =
            fs::read_to_string(self.config()).unwrap() + &fs::read_to_string(motors).unwrap();
        fs::write(self.config(), text).unwrap();
        self
    }

    /// The SO-101's, patient, and so slow that no policy, however bad, gets an arm to a limit during a test.
    pub(crate) fn slow() -> Self {
        let scenario = Self::patient();
        scenario.set("velocity_fraction_max = ", "velocity_fraction_max = 0.01");
        scenario
    }

    fn set_each(&self, values: &[(&str, u32)]) {
        for (key, value) in values {
            self.set(&format!("{key} = "), &format!("{key} = {value}"));
        }
    }

    /// Replaces the one line that begins with `start`.
    pub(crate) fn set(&self, start: &str, line: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        let found = text.lines().filter(|old| old.starts_with(start)).count();
        assert_eq!(found, 1, "lines that begin with `{start}`");
        let replace = |old| if str::starts_with(old, start) { line } else { old };
        let lines: Vec<&str> = text.lines().map(replace).collect();
        fs::write(self.config(), lines.join("\n") + "\n").unwrap();
    }

    /// Replaces every `old`, of which there must be one.
    pub(crate) fn replace(&self, old: &str, new: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(old), "no `{old}` in\n{text}");
        fs::write(self.config(), text.replace(old, new)).unwrap();
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir().join(self.file)
    }

    /// Starts `tandem sim`.
    pub(crate) fn sim(&self) -> Process {
        self.start("sim", Command::new(TANDEM).arg("sim").args(self.stay()))
    }

    /// Starts `tandem run`.
    pub(crate) fn daemon(&self) -> Process {
        self.start("run", Command::new(TANDEM).arg("run").args(self.stay()))
    }

    /// Starts `tandem bridge`.
    pub(crate) fn bridge_process(&self) -> Process {
        self.start("bridge", Command::new(TANDEM).arg("bridge").args(self.stay()))
    }

    /// Starts a line of a shell in the scenario's folder, `tandem` being the program under test.
    pub(crate) fn shell(&self, line: &str) -> Process {
        let mut command = Command::new("sh");
        // A process that is left behind gets the whole group's end.
        command.args(["-c", line]).current_dir(self.dir()).process_group(0);
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = Path::new(TANDEM).parent().unwrap();
        command.env("PATH", format!("{}:{path}", bin.display()));
        self.start("shell", &mut command)
    }

    /// Starts `tandem run` through another program, which is given the whole command line.
    pub(crate) fn daemon_through(&self, wrapper: &[String]) -> Process {
        // In a folder that everybody may read, because the program's own may not be.
        let program = self.dir().join("tandem");
        fs::copy(TANDEM, &program).unwrap();
        let mut words = wrapper.iter().cloned();
        let mut command = match words.next() {
            Some(first) => Command::new(first),
            None => Command::new(&program),
        };
        if !wrapper.is_empty() {
            command.args(words).arg(&program);
        }
        self.start("run", command.arg("run").args(self.stay()))
    }

    /// Starts `tandem demo` with these arguments in a process group of its own, like a shell.
    pub(crate) fn demo(&self, arguments: &[&str]) -> Process {
        let mut command = Command::new(TANDEM);
        command.arg("demo").arg("--config").arg(self.config()).args(["--headless"]);
        self.start("demo", command.args(arguments).process_group(0))
    }

    /// Runs `tandem` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.process(arguments[0], arguments).end()
    }

    /// Runs `tandem ctl` to its end.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Said {
        let config = self.config();
        let config = config.to_str().unwrap();
        self.run(&[&["ctl", "--config", config], arguments].concat())
    }

    /// Starts `tandem` with these arguments.
    pub(crate) fn process(&self, name: &str, arguments: &[&str]) -> Process {
        self.start(name, Command::new(TANDEM).args(arguments))
    }

    /// Starts `tandem ctl`.
    pub(crate) fn ctl_process(&self, arguments: &[&str]) -> Process {
        let config = self.config();
        let config = config.to_str().unwrap();
        self.process("ctl", &[&["ctl", "--config", config], arguments].concat())
    }

    fn stay(&self) -> [String; 2] {
        [self.config().to_str().unwrap().to_owned(), "--stop-with-parent".to_owned()]
    }

    fn start(&self, name: &str, command: &mut Command) -> Process {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        Process::start(command, self.dir().join(format!("{number}-{name}.out")))
    }
}

/// Where the shipped configs lie.
pub(crate) fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// Loopback ports nobody has now. All are held until all are known.
fn free_endpoints() -> [String; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| format!("tcp/{}", listener.local_addr().unwrap()))
}
