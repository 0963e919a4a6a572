//! `tandem doctor`: what this machine grants a real-time program, and the mend for the rest.

use tandem_inference::OnnxRuntime;
use tandem_realtime::{Conditions, Policy, Schedule, lock_memory};

use crate::failure::Failure;

/// The control tick's priority in the configs we ship.
const PRIORITY: u8 = 80;

pub(crate) fn run() -> Result<(), Failure> {
    let machine = Conditions::read();
    let said = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
    println!(
        "processor    {} ({}), {} CPUs",
        said(machine.cpu_model),
        machine.architecture,
        machine.cpus
    );
    let realtime = if machine.kernel_realtime { "PREEMPT_RT" } else { "not PREEMPT_RT" };
    println!("kernel       {}, {realtime}", said(machine.kernel_release));
    if machine.virtual_machine {
        println!("             a virtual machine: its host may take the CPU away at any time");
    }
    println!("isolated     {}", said(machine.cpus_isolated.filter(|cpus| !cpus.is_empty())));
    println!("governor     {}", said(machine.governor));

    let mut granted = Schedule { policy: Policy::Fifo { priority: PRIORITY }, cpu: None }.apply();
    granted.extend(lock_memory());
    for grant in &granted.grants {
        match &grant.refusal {
            None => println!("granted      {}", grant.asked),
            Some(refusal) => {
                println!("REFUSED      {} ({}): {}", grant.asked, refusal.error, refusal.mend);
            }
        }
    }
    match OnnxRuntime::find(None) {
        Ok(_) => println!("onnx         found"),
        Err(error) => println!("onnx         not there ({error}); the candle engine needs nothing"),
    }
    if granted.is_complete() {
        println!("ready: the control tick will have its real-time class");
    } else {
        println!("everything will work, but later than it should: see REFUSED above");
    }
    Ok(())
}
