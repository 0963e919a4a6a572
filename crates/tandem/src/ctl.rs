//! `tandem ctl`: an operator's requests to a running daemon.

mod policy;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Garbage, Keys};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_wire::{ControlKind, ControlRequest, Status, TEXT_BYTES_MAX};

use crate::arguments::{Ctl, CtlWhat};
use crate::attendance::Attendance;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How long the daemon may take to answer; it publishes its status ten times a second.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Ctl) -> Result<(), Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let endpoint = arguments.daemon.clone().unwrap_or_else(|| config.bus.daemon.clone());
    let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![endpoint] })?;
    let keys = Keys::new(&config.robot.name)?;
    let (kind, text) = match &arguments.what {
        CtlWhat::Status => {
            status(&bus, &keys)?;
            if let Some(bridge) = &config.bridge {
                bridge_status(arguments.bridge.as_ref().unwrap_or(&bridge.listen), &keys);
            }
            return Ok(());
        }
        CtlWhat::Arm { nonce } => {
            (ControlKind::Arm, nonce.map(|nonce| nonce.to_string()).unwrap_or_default())
        }
        CtlWhat::Attend => return attend(&config, &bus, &keys),
        CtlWhat::Disarm => (ControlKind::Disarm, String::new()),
        CtlWhat::Ack => (ControlKind::Acknowledge, String::new()),
        CtlWhat::Stop => (ControlKind::Stop, String::new()),
        CtlWhat::Instruct { texts, file } => {
            (ControlKind::Instruct, instructions(texts, file.as_deref())?)
        }
        CtlWhat::Policy(policy) => return policy::run(&bus, &keys, &policy.what),
        CtlWhat::Fault { name, ms } => {
            let ms = ms.map(|ms| format!(" {ms}")).unwrap_or_default();
            (ControlKind::Fault, format!("{name}{ms}"))
        }
        CtlWhat::Shutdown => (ControlKind::Shutdown, String::new()),
    };
    if text.len() > TEXT_BYTES_MAX {
        let bytes = text.len();
        let problem = format!("the instructions have {bytes} bytes, at most {TEXT_BYTES_MAX}");
        return Err(Failure::usage(problem));
    }
    let request = ControlRequest { kind, text };
    let reply = bus.ask(&keys.control(), &request, ANSWER_WITHIN)?;
    if reply.ok {
        println!("{}", reply.message);
        Ok(())
    } else {
        Err(Failure::failed(reply.message))
    }
}

/// Owns the arm until somebody ends this process.
fn attend(config: &Config, bus: &Bus, keys: &Keys) -> Result<(), Failure> {
    const LOOK_EVERY: Duration = Duration::from_millis(50);
    if config.guard.supervision.lease_age_max.is_none() {
        let file = config.file.display();
        let problem = format!("{file} asks for no owner: set lease_age_ms_max under [guard] there");
        return Err(Failure::usage(problem));
    }
    let interrupt = Interrupt::install()?;
    let attendance = Attendance::begin(bus, keys)?;
    println!("owner {}; Ctrl-C lets go of the arm, and stops it", attendance.token());
    while attendance.is_alive() && !interrupt.is_raised() {
        sleep_until(MonotonicClock.now().after(LOOK_EVERY));
    }
    if interrupt.is_raised() {
        Ok(())
    } else {
        Err(Failure::failed("the bus is gone; the arm has no owner any more".to_owned()))
    }
}

/// Instructions as a request carries them: one in each line.
fn instructions(texts: &[String], file: Option<&Path>) -> anyhow::Result<String> {
    match file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("{}", file.display())),
        None => Ok(texts.join("\n")),
    }
}

fn status(bus: &Bus, keys: &Keys) -> Result<(), Failure> {
    let (sender, statuses) = sync_channel(1);
    let _subscription =
        bus.subscribe(&keys.status(), &Garbage::default(), move |status: Status| {
            sender.try_send(status).ok();
        })?;
    let status = statuses
        .recv_timeout(ANSWER_WITHIN)
        .context("no status from the daemon: is `tandem run` up, on this endpoint?")?;
    print(&status);
    Ok(())
}

/// What the arm's own side says; a bridge that says nothing is worth a line, too.
fn bridge_status(endpoint: &str, keys: &Keys) {
    let request = ControlRequest { kind: ControlKind::Status, text: String::new() };
    let asked = Bus::open(&BusConfig { listen: vec![], connect: vec![endpoint.to_owned()] })
        .map_err(anyhow::Error::from)
        .and_then(|bus| Ok(bus.ask(&keys.bridge(), &request, ANSWER_WITHIN)?));
    let said = asked.map_or_else(
        |_silent| format!("no answer at {endpoint}: is `tandem bridge` up?"),
        |reply| reply.message.replace('\n', "\n             "),
    );
    println!("bridge       {said}");
}

fn print(status: &Status) {
    let age = |ms: f64| if ms.is_finite() { format!("{ms:.0} ms") } else { "none yet".to_owned() };
    let said = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    println!("mode         {}", status.mode_text);
    println!("cause        {}", said(&status.cause));
    println!("instruction  {}", said(&status.instruction));
    println!("progress     {:.0} %", 100.0 * status.progress);
    println!(
        "system 1     {} on {}, {:.1} Hz",
        status.system1_bundle, status.engine, status.system1_hz
    );
    println!("last swap    {}", said(status.swap.trim_start_matches("swap ")));
    println!("system 2     {}, {:.2} Hz", status.system2_bundle, status.system2_hz);
    println!(
        "control      {:.1} Hz, {} ticks, {} missed",
        status.control_hz, status.ticks, status.missed
    );
    println!(
        "ages         state {}, observation {}, pictures {}, latent goal {}",
        age(status.state_age_ms),
        age(status.observation_age_ms),
        age(status.frame_age_ms),
        age(status.latent_age_ms)
    );
    println!(
        "guard        {} clamped, {} refused, {} holds; {} garbage on the bus",
        status.clamped, status.refused, status.holds, status.garbage
    );
    for kind in &status.interventions {
        println!("  {:<16} {:>8} times, last: {}", kind.code, kind.times, kind.text);
    }
    let joints = status.joints.iter().zip(status.q.iter().zip(status.command.iter()));
    for (name, (q, command)) in joints {
        println!("  {name:<16} {q:>8.4} rad measured, {command:>8.4} rad commanded");
    }
}
