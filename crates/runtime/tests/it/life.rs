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

/// What the kernel says of one of the graph's threads.
#[derive(Debug, PartialEq)]
struct Scheduling {
    fifo: bool,
    priority: u32,
    nice: i32,
    cpus: String,
}

fn scheduling(name: &str) -> Scheduling {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let mut dirs = tasks.map(|task| task.path());
    let is_it =
        |dir: &PathBuf| fs::read_to_string(dir.join("comm")).is_ok_and(|n| n.trim() == name);
    let dir = dirs.find(is_it).unwrap();
    let stat = fs::read_to_string(dir.join("stat")).unwrap();
    // The fields of proc(5), counted from the third: the second may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let field = |number: usize| fields[number - 3].parse::<i32>().unwrap();
    let status = fs::read_to_string(dir.join("status")).unwrap();
    let cpus = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    Scheduling {
        fifo: field(41) & 0xff == 1,
        priority: u32::try_from(field(40)).unwrap(),
        nice: field(19),
        cpus: cpus.trim().to_owned(),
    }
}

#[test]
fn every_thread_runs_as_the_config_says() {
    let _turn = turn();
    let mut config = config();
    // A CPU this process may use; that of the main thread at this moment.
    let cpu = scheduling(fs::read_to_string("/proc/self/comm").unwrap().trim()).cpus;
    let first = cpu.split([',', '-']).next().unwrap().to_owned();
    config.control.cpu = Some(first.parse().unwrap());
    config.system1.cpu = Some(first.parse().unwrap());
    let daemon = Daemon::start(&config).unwrap();
    let granted = daemon.granted();
    let fifo = !granted.to_string().contains("SCHED_FIFO 80 refused");
    for (name, priority, pinned) in [
        ("tick", 80, true),
        ("floor", 80, true),
        ("sender", 75, false),
        ("system1", 70, true),
        ("eye", 65, true),
    ] {
        let cpus = if pinned { first.clone() } else { cpu.clone() };
        let expected =
            Scheduling { fifo, priority: if fifo { priority } else { 0 }, nice: 0, cpus };
        assert_eq!(scheduling(name), expected, "{name}: {granted}");
    }
    let slow = scheduling("system2");
    assert_eq!((slow.fifo, slow.nice), (false, 5), "{granted}");
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
