//! `tandem ctl`: an operator's requests to a running daemon.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Garbage, Keys};
use tandem_config::Config;
use tandem_wire::{ControlKind, ControlRequest, Status};

use crate::arguments::{Ctl, CtlWhat};
use crate::failure::Failure;

/// How long the daemon may take to answer; it publishes its status ten times a second.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Ctl) -> Result<(), Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let endpoint = arguments.daemon.clone().unwrap_or_else(|| config.bus.daemon.clone());
    let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![endpoint] })?;
    let keys = Keys::new(&config.robot.name)?;
    let (kind, text) = match &arguments.what {
        CtlWhat::Status => return status(&bus, &keys),
        CtlWhat::Arm => (ControlKind::Arm, ""),
        CtlWhat::Disarm => (ControlKind::Disarm, ""),
        CtlWhat::Ack => (ControlKind::Acknowledge, ""),
        CtlWhat::Stop => (ControlKind::Stop, ""),
        CtlWhat::Instruct { text } => (ControlKind::Instruct, text.as_str()),
        CtlWhat::Fault { name } => (ControlKind::Fault, name.as_str()),
        CtlWhat::Shutdown => (ControlKind::Shutdown, ""),
    };
    let request = ControlRequest { kind, text: text.to_owned() };
    let reply = bus.ask(&keys.control(), &request, ANSWER_WITHIN)?;
    if reply.ok {
        println!("{}", reply.message);
        Ok(())
    } else {
        Err(Failure::failed(reply.message))
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
