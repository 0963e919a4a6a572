//! The control thread: sample, tick, hand over, sleep.

use rtrb::{Consumer, Producer};
use tandem_control::{Controller, Inputs};
use tandem_guard::{AdmittedCommand, Request};
use tandem_latest::{Reader, Writer};
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_types::{ActionChunk, InstructionId, Posture, State};

use crate::beat::Beat;
use crate::record::{Answer, TickRecord};
use crate::senses::Confirmation;
use crate::shared::Shared;
use crate::witnesses::Witnesses;

/// An operator's request on its way to the tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u64,
    pub(crate) request: Request,
}

/// Everything the control thread holds.
pub(crate) struct Tick {
    pub(crate) controller: Controller,
    pub(crate) beat: Beat,
    pub(crate) states: Reader<State>,
    pub(crate) chunks: Reader<ActionChunk>,
    pub(crate) receipts: Reader<Confirmation>,
    pub(crate) witnesses: Witnesses,
    pub(crate) tickets: Consumer<Ticket>,
    pub(crate) commands: Writer<Option<AdmittedCommand>>,
    pub(crate) postures: [Writer<Posture>; 3],
    pub(crate) records: Producer<TickRecord>,
}

impl Tick {
    /// Ticks until the daemon stops.
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            self.once(shared);
        }
    }

    /// One period. Real-time: no allocation, no lock, no system call but the sleep at its start.
    fn once(&mut self, shared: &Shared) {
        let wake = self.beat.wait();
        let now = wake.woke;
        let ticket = self.tickets.pop().ok();
        let chunk = self.chunks.latest().map(|sample| &sample.value);
        let (instruction, progress) = chunk
            .map_or((InstructionId::default(), 0.0), |chunk| (chunk.instruction, chunk.progress));
        let receipt = self.receipts.latest().and_then(|it| it.value.of(self.controller.epoch()));
        let output = self.controller.tick(
            now,
            &Inputs {
                state: self.states.latest().map(|sample| &sample.value),
                chunk,
                receipt,
                witness: self.witnesses.hear(),
                request: ticket.map(|ticket| ticket.request),
            },
        );
        shared.note_refused(output.counters.refused);
        if let Some(command) = &output.command {
            self.commands.write(now, now, |slot| match slot {
                Some(slot) => slot.copy_from(command),
                empty => *empty = Some(*command),
            });
        }
        if let Some(posture) = &output.posture {
            for writer in &mut self.postures {
                writer.write(posture.stamp, now, |slot| slot.copy_from(posture));
            }
        }
        let answer = ticket.map(|ticket| Answer {
            ticket: ticket.number,
            refusal: output.refusal,
            nonce: self.controller.nonce(),
        });
        let record = TickRecord {
            wake,
            compute: now.age_at(MonotonicClock.now()),
            mode: output.mode,
            reaction: output.reaction,
            cause: output.cause,
            ages: output.ages,
            counters: output.counters,
            seam_rad: output.seam_rad,
            instruction,
            progress,
            speed_rad_s: output.command.map_or(0.0, |sent| sent.command().dq.max_abs()),
            answer,
        };
        if self.records.push(record).is_err() {
            shared.lost_record();
        }
    }
}

#[cfg(test)]
mod tests;
