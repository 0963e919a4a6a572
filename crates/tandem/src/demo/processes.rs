//! The simulated arm and the daemon, or one of them, as child processes on private endpoints.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

use crate::LOG_FILTER;

/// How long a child may take to end in order before it is killed.
const ORDERLY_END_WITHIN: Duration = Duration::from_secs(3);

/// Where the two processes listen.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) robot: String,
    pub(crate) daemon: String,
}

/// The children. They end with this value, and also if this process is killed: each of them
/// stops when its standard input, whose other end we hold, closes.
pub(crate) struct Processes {
    children: Vec<(&'static str, Child)>,
    endpoints: Endpoints,
}

impl Processes {
    /// Starts a simulated arm and a daemon on ports that are free now; the arm also makes pictures
    /// for people if `spectator`.
    pub(crate) fn start(config: &Path, spectator: bool) -> anyhow::Result<Self> {
        let extra: &[&str] = if spectator { &["--spectator"] } else { &[] };
        Self::start_each(config, &[("sim", extra), ("run", &[])])
    }

    /// Starts the processes named, each by its subcommand, on two ports that are free now.
    pub(crate) fn start_each(
        config: &Path,
        children: &[(&'static str, &[&str])],
    ) -> anyhow::Result<Self> {
        let endpoints = Endpoints { robot: free_endpoint()?, daemon: free_endpoint()? };
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut processes = Self { children: Vec::new(), endpoints };
        for &(name, extra) in children {
            let mut command = Command::new(&program);
            if std::env::var_os(LOG_FILTER).is_none() {
                // What they say in good order would tear the progress bar apart.
                command.env(LOG_FILTER, "error,zenoh=off");
            }
            let child = command
                .arg(name)
                .arg(config)
                .args(["--robot", &processes.endpoints.robot])
                .args(["--daemon", &processes.endpoints.daemon])
                .arg("--stop-with-parent")
                .args(extra)
                // Ctrl-C is for the parent, which then ends them in order.
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .with_context(|| format!("cannot start `tandem {name}`"))?;
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

    /// Ends them in order, and by force if that takes too long.
    pub(crate) fn stop(&mut self) {
        for (_, child) in &mut self.children {
            drop(child.stdin.take());
        }
        let deadline = MonotonicClock.now().after(ORDERLY_END_WITHIN);
        for (_, child) in &mut self.children {
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

/// A loopback port that nobody has at this moment.
fn free_endpoint() -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free loopback port")?;
    Ok(format!("tcp/127.0.0.1:{}", listener.local_addr()?.port()))
}
