//! Requests for new episodes: asked on the bus' thread, answered between two physics steps.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tandem_bus::{Bus, BusError, Garbage, Keys, Server};
use tandem_wire::{EpisodeReply, EpisodeRequest};

use crate::World;

/// A new scene takes milliseconds; longer means that the physics thread is gone.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

struct Question {
    request: EpisodeRequest,
    answer: SyncSender<EpisodeReply>,
}

pub(super) struct Questions {
    asked: Receiver<Question>,
    _server: Server,
}

impl Questions {
    pub(super) fn serve(bus: &Bus, keys: &Keys, garbage: &Garbage) -> Result<Self, BusError> {
        let (sender, asked) = sync_channel(1);
        let server = bus.serve(&keys.episode(), garbage, move |request: EpisodeRequest| {
            let (answer, answered) = sync_channel(1);
            let given = sender
                .try_send(Question { request, answer })
                .ok()
                .and_then(|()| answered.recv_timeout(ANSWER_WITHIN).ok());
            given.unwrap_or_else(|| EpisodeReply {
                message: "the simulation does not answer; it is stopping or overloaded".to_owned(),
                ..EpisodeReply::default()
            })
        })?;
        Ok(Self { asked, _server: server })
    }

    /// Answers at most one question; says whether it did.
    pub(super) fn answer(&self, world: &mut World) -> bool {
        let Ok(Question { request, answer }) = self.asked.try_recv() else { return false };
        let reply = world.serve(&request);
        tracing::info!(seed = request.seed, instruction = %reply.instruction, "new episode");
        // Whoever asked may have given up; the scene is laid all the same.
        answer.try_send(reply).ok();
        true
    }
}
