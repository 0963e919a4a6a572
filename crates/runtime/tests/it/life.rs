//! Starting and stopping.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tandem_config::Config;
use tandem_runtime::{Daemon, StartError};

/// All tests look at the threads of this process, or start some.
static TURN: Mutex<()> = Mutex::new(());

/// The threads the graph consists of, as the kernel knows them.
const THREADS: [&str; 8] =
    ["eye", "floor", "sender", "swap", "system1", "system2", "telemetry", "tick"];

pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shipped scenario, on ports nobody has now.
pub(crate) fn config() -> Config {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/so101.toml");
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [robot, daemon] =
        listeners.map(|listener| format!("tcp/{}", listener.local_addr().unwrap()));
    Config::load(file).unwrap().with_endpoints(&robot, &daemon).unwrap()
}

/// Which of the graph's threads this process has now.
fn threads() -> BTreeSet<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    let names = names.map(|name| name.trim().to_owned());
    names.filter(|name| THREADS.contains(&name.as_str())).collect()
}

#[test]
fn a_daemon_goes_without_trace_and_can_come_again() {
    let _turn = turn();
    let config = config();
    assert_eq!(threads(), BTreeSet::new());
    for _ in 0..2 {
        let daemon = Daemon::start(&config).unwrap();
        assert!(!daemon.stopping());
        assert_eq!(threads(), THREADS.map(str::to_owned).into());
        drop(daemon);
        assert_eq!(threads(), BTreeSet::new());
    }
}

#[test]
fn what_cannot_be_used_is_refused_before_any_thread_starts() {
    let _turn = turn();
    let refusal = |break_it: &dyn Fn(&mut Config)| {
        let mut config = config();
        break_it(&mut config);
        let error = Daemon::start(&config).err().unwrap();
        assert_eq!(threads(), BTreeSet::new());
        error
    };
    let error = refusal(&|config| config.system1.bundle = PathBuf::from("no/such/bundle"));
    assert!(matches!(error, StartError::Bundle(_)), "{error}");
    assert!(error.to_string().contains("no/such/bundle"), "{error}");

    let error = refusal(&|config| config.system1.bundle = config.system2.bundle.clone());
    assert!(matches!(error, StartError::Mismatch { .. }), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp/{}", taken.local_addr().unwrap());
    let error = refusal(&|config| config.bus.daemon.clone_from(&endpoint));
    assert!(matches!(error, StartError::Open(_)), "{error}");
    assert!(error.to_string().contains(&endpoint), "{error}");
}
