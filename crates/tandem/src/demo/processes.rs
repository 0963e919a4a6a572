//! The simulated arm, the daemon and, before servos, the bridge as child processes on private
//! endpoints.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

use crate::LOG_FILTER;

/// How long a child may take to end in order before it is killed.
const ORDERLY_END_WITHIN: Duration = Duration::from_secs(3);

/// Where the processes listen, and the serial port between two of them.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) robot: String,
    pub(crate) daemon: String,
    pub(crate) bridge: String,
    pub(crate) port: String,
}

impl Endpoints {
    /// What nobody else has at this moment.
    pub(crate) fn free() -> anyhow::Result<Self> {
        let port = std::env::temp_dir().join(format!("tandem-{}-servos", std::process::id()));
        Ok(Self {
            robot: free_endpoint()?,
            daemon: free_endpoint()?,
            bridge: free_endpoint()?,
            port: port.to_string_lossy().into_owned(),
        })
    }
}

/// The children. They end with this value, and also if this process is killed: each of them
/// stops when its standard input, whose other end we hold, closes.
pub(crate) struct Processes {
    children: Vec<(&'static str, Child)>,
    endpoints: Endpoints,
}

impl Processes {
    /// Starts a simulated arm, a daemon and, if the scenario has servos, a bridge on ports that are
    /// free now; the arm also makes pictures for people if `spectator`.
    pub(crate) fn start(config: &Config, spectator: bool) -> anyhow::Result<Self> {
        let extra: &[&str] = if spectator { &["--spectator"] } else { &[] };
        let bridge = config.bridge.is_some().then_some(("bridge", &[][..]));
        let children: Vec<_> = [("sim", extra), ("run", &[])].into_iter().chain(bridge).collect();
        Self::start_each(&config.file, &children)
    }

    /// Starts the processes named, each by its subcommand, on ports that are free now.
    pub(crate) fn start_each(
        config: &Path,
        children: &[(&'static str, &[&str])],
    ) -> anyhow::Result<Self> {
        let mut processes = Self { children: Vec::new(), endpoints: Endpoints::free()? };
        for &(name, extra) in children {
            let child = start(config, &processes.endpoints, name, extra)?;
            processes.children.push((name, child));
        }
        Ok(processes)
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Fails if one of them has ended by itself.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        for (name, child) in &mut self.children {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("`tandem {name}` ended by itself ({status}); what it said is above");
            }
        }
        Ok(())
    }

    /// Ends them in order, and by force if that takes too long: first who commands an arm, last the
    /// arm itself.
    pub(crate) fn stop(&mut self) {
        let deadline = MonotonicClock.now().after(ORDERLY_END_WITHIN);
        for (_, child) in self.children.iter_mut().rev() {
            drop(child.stdin.take());
            while MonotonicClock.now() < deadline && matches!(child.try_wait(), Ok(None)) {
                sleep_until(MonotonicClock.now().after(Duration::from_millis(10)));
            }
            child.kill().ok();
            child.wait().ok();
        }
        self.children.clear();
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts one process by its subcommand.
pub(crate) fn start(
    config: &Path,
    endpoints: &Endpoints,
    name: &str,
    extra: &[&str],
) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(&program);
    if std::env::var_os(LOG_FILTER).is_none() {
        // What they say in good order would tear the progress bar apart.
        command.env(LOG_FILTER, "error,zenoh=off");
    }
    command
        .arg(name)
        .arg(config)
        .args(["--robot", &endpoints.robot])
        .args(["--daemon", &endpoints.daemon])
        .args(["--bridge", &endpoints.bridge])
        .args(["--port", &endpoints.port])
        .arg("--stop-with-parent")
        .args(extra)
        // Ctrl-C is for the parent, which then ends them in order.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `tandem {name}`"))
}

/// A loopback port that nobody has at this moment.
fn free_endpoint() -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free loopback port")?;
    Ok(format!("tcp/127.0.0.1:{}", listener.local_addr()?.port()))
}
