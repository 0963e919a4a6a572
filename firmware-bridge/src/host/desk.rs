//! What people ask the bridge: how it is, and to take note of a stop.

use core::time::Duration;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tandem_bus::{Bus, BusError, Garbage, Keys, Server};
use tandem_protocol::Fault;
use tandem_types::Stamp;
use tandem_wire::{ControlKind, ControlReply, ControlRequest};

use crate::motors::AnyBus;
use crate::{Inbox, ServoArm};

/// An answer takes one cycle; longer means that the thread of the line is gone.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

struct Question {
    kind: ControlKind,
    answer: SyncSender<ControlReply>,
}

/// Questions wait here for the thread that owns the arm.
pub(super) struct Desk {
    asked: Receiver<Question>,
    _server: Server,
}

impl Desk {
    pub(super) fn serve(bus: &Bus, keys: &Keys, garbage: &Garbage) -> Result<Self, BusError> {
        let (sender, asked) = sync_channel(1);
        let server = bus.serve(&keys.bridge(), garbage, move |request: ControlRequest| {
            let (answer, answered) = sync_channel(1);
            let given = sender
                .try_send(Question { kind: request.kind, answer })
                .ok()
                .and_then(|()| answered.recv_timeout(ANSWER_WITHIN).ok());
            given.unwrap_or_else(|| ControlReply {
                message: "the bridge does not answer; it is stopping".to_owned(),
                ..ControlReply::default()
            })
        })?;
        Ok(Self { asked, _server: server })
    }

    /// Answers at most one question.
    pub(super) fn answer(&self, now: Stamp, inbox: &mut Inbox, arm: &mut ServoArm<AnyBus>) {
        let Ok(question) = self.asked.try_recv() else { return };
        let (ok, message) = match question.kind {
            ControlKind::Status => (true, describe(arm, inbox)),
            ControlKind::Acknowledge => match inbox.acknowledge(now, arm.firmware()) {
                Ok(()) => {
                    (true, "acknowledged; nothing moves until the daemon is armed anew".to_owned())
                }
                Err(refusal) => (false, refusal.to_string()),
            },
            _ => (false, "the bridge answers status and acknowledge; ask the daemon".to_owned()),
        };
        let reply = ControlReply { ok, message, ..ControlReply::default() };
        // Whoever asked may have given up.
        question.answer.try_send(reply).ok();
    }
}

/// The state first, so that a program finds it there; then whatever is wrong, a line each.
fn describe(arm: &mut ServoArm<AnyBus>, inbox: &Inbox) -> String {
    let (state, fault) = (arm.firmware().state(), arm.firmware().fault());
    let mut text = state.to_string();
    if fault != Fault::None {
        text = format!("{text}: {fault}");
    }
    for (joint, id, flags) in arm.complaints() {
        text = format!("{text}\n{joint} (motor {id}): {flags}");
    }
    let receipt = inbox.receipt(Stamp::ORIGIN);
    text = format!("{text}\n{} commands obeyed, {} refused", receipt.applied, receipt.refused);
    if receipt.refused > 0 {
        text = format!("{text}, the last one as {:?}", receipt.refusal);
    }
    text
}
