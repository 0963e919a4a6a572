//! The one wire that a host and its servos share.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_types::Stamp;

use super::faults::Faults;
use super::pace::Pace;
use super::transcript::{Said, Transcript};
use crate::exchange::Framing;

/// A half-duplex line: what the host says arrives byte by byte, and so does what servos answer.
pub(super) struct Wire<F: Framing> {
    pace: Pace,
    framing: F,
    todo: VecDeque<(Stamp, F::Packet)>,
    out: VecDeque<(Stamp, Vec<u8>)>,
    collisions: u64,
}

impl<F: Framing> Wire<F> {
    pub(super) const fn new(baud: u32, framing: F) -> Self {
        let pace = Pace::new(baud);
        Self { pace, framing, todo: VecDeque::new(), out: VecDeque::new(), collisions: 0 }
    }

    /// How often the host spoke while a servo did.
    pub(super) const fn collisions(&self) -> u64 {
        self.collisions
    }

    /// Takes the host's bytes.
    pub(super) fn hear(&mut self, now: Stamp, bytes: &[u8], faults: &mut Faults) {
        if !self.out.is_empty() {
            // Two at once on one wire: neither is understood.
            self.collisions += 1;
            self.out.clear();
        }
        for byte in bytes {
            let arrived = self.pace.carry(now, 1);
            let byte = faults.mangle(*byte);
            if let Some(packet) = byte.and_then(|byte| self.framing.push(byte)) {
                self.todo.push_back((arrived, packet));
            }
        }
    }

    /// The next packet of the host's that has arrived by now.
    pub(super) fn next(&mut self, now: Stamp) -> Option<(Stamp, F::Packet)> {
        due(&mut self.todo, now)
    }

    /// A servo answers `pause` after all that was said before. If it is mute, only its time passes:
    /// the next servo of a sync read waits it out.
    pub(super) fn speak(&mut self, at: Stamp, pause: Duration, bytes: Vec<u8>, mute: bool) {
        let began = self.pace.free().max(at);
        self.pace.carry(began, 0);
        self.pace.pause(pause);
        let arrived = self.pace.carry(began, bytes.len());
        if !mute {
            self.out.push_back((arrived, bytes));
        }
    }

    /// Gives the host what has arrived by now.
    pub(super) fn deliver(
        &mut self,
        now: Stamp,
        faults: &mut Faults,
        transcript: &mut Transcript,
        out: &mut Vec<u8>,
    ) {
        while let Some((at, bytes)) = due(&mut self.out, now) {
            transcript.say(at, Said::Device, &bytes);
            out.extend(bytes.into_iter().filter_map(|byte| faults.mangle(byte)));
        }
    }

    /// When there is something to do next.
    pub(super) fn due(&self) -> Option<Stamp> {
        let todo = self.todo.front().map(|(stamp, _)| *stamp);
        let out = self.out.front().map(|(stamp, _)| *stamp);
        todo.into_iter().chain(out).min()
    }
}

/// The next of a queue, if its time has come.
fn due<T>(queue: &mut VecDeque<(Stamp, T)>, now: Stamp) -> Option<(Stamp, T)> {
    queue.front().filter(|(at, _)| *at <= now)?;
    queue.pop_front()
}
