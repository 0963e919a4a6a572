//! What flows on the bus, under which key, and how.

use std::marker::PhantomData;

use tandem_wire::{
    ControlReply, ControlRequest, EpisodeReply, EpisodeRequest, Heartbeat, IMAGE_BYTES_MAX, Image,
    Instruction, JointCommand, JointState, PolicyReply, PolicyRequest, Receipt, Report, Status,
    Truth,
};

use crate::Qos;

/// The keys of one robot: `tandem/<robot>/...`, as `KEYS.md` lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    // Invariant: `tandem/` and a checked name.
    root: String,
}

/// A key on which messages of one type are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic<M> {
    key: String,
    qos: Qos,
    limit_bytes: usize,
    message: PhantomData<fn() -> M>,
}

/// A key on which requests of one type are answered with replies of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service<Req, Rep> {
    key: String,
    request_limit_bytes: usize,
    reply_limit_bytes: usize,
    messages: PhantomData<fn(Req) -> Rep>,
}

/// A name cannot be part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "name `{name}` cannot be part of a key: use 1 to {NAME_BYTES_MAX} of the characters a-z, A-Z, \
     0-9, `_` and `-`"
)]
pub struct KeyError {
    /// The name as it was given.
    pub name: String,
}

/// The most bytes of a robot's or a camera's name.
pub const NAME_BYTES_MAX: usize = 64;

impl Keys {
    /// The keys of the robot called `robot`.
    ///
    /// # Errors
    /// If the name holds anything that Zenoh would read as more than a name.
    pub fn new(robot: &str) -> Result<Self, KeyError> {
        Ok(Self { root: format!("tandem/{}", checked(robot)?) })
    }

    /// Measured joint state, robot to daemon.
    #[must_use]
    pub fn state(&self) -> Topic<JointState> {
        self.topic("state", Qos::State, 16 * KIB)
    }

    /// Pictures of one camera, robot to daemon.
    ///
    /// # Errors
    /// If the name holds anything that Zenoh would read as more than a name.
    pub fn camera(&self, name: &str) -> Result<Topic<Image>, KeyError> {
        let key = format!("camera/{}", checked(name)?);
        Ok(self.topic(&key, Qos::Image, IMAGE_BYTES_MAX + KIB))
    }

    /// Admitted commands, daemon to robot.
    #[must_use]
    pub fn command(&self) -> Topic<JointCommand> {
        self.topic("command", Qos::Command, 2 * KIB)
    }

    /// What became of the commands, robot to daemon.
    #[must_use]
    pub fn receipt(&self) -> Topic<Receipt> {
        self.topic("receipt", Qos::State, KIB)
    }

    /// That the arm's owner is alive, owner to daemon.
    #[must_use]
    pub fn heartbeat(&self) -> Topic<Heartbeat> {
        self.topic("heartbeat", Qos::State, KIB)
    }

    /// The task in words, anyone to daemon.
    #[must_use]
    pub fn instruction(&self) -> Topic<Instruction> {
        self.topic("instruction", Qos::Data, KIB)
    }

    /// How the daemon is, daemon to anyone.
    #[must_use]
    pub fn status(&self) -> Topic<Status> {
        self.topic("status", Qos::Data, 64 * KIB)
    }

    /// Arming, stopping, instructing: an operator asks the daemon.
    #[must_use]
    pub fn control(&self) -> Service<ControlRequest, ControlReply> {
        self.service("control", KIB, 8 * KIB)
    }

    /// System 1's policies: an operator asks the daemon. On a key of its own, so that a stop never
    /// waits behind a list of bundles.
    #[must_use]
    pub fn policy(&self) -> Service<PolicyRequest, PolicyReply> {
        self.service("policy", KIB, POLICY_BYTES_MAX)
    }

    /// The measurements so far: anyone asks the daemon, with a request of kind `Report`.
    #[must_use]
    pub fn measurements(&self) -> Service<ControlRequest, Report> {
        self.service("measurements", KIB, REPORT_BYTES_MAX)
    }

    /// How the arm's own side is, and taking note of a stop there: an operator asks the bridge.
    #[must_use]
    pub fn bridge(&self) -> Service<ControlRequest, ControlReply> {
        self.service("bridge", KIB, 8 * KIB)
    }

    /// A new scene: a judge asks the simulator.
    #[must_use]
    pub fn episode(&self) -> Service<EpisodeRequest, EpisodeReply> {
        self.service("sim/episode", KIB, 8 * KIB)
    }

    /// What only the simulator knows, simulator to judge; never to a policy.
    #[must_use]
    pub fn truth(&self) -> Topic<Truth> {
        self.topic("sim/truth", Qos::Data, KIB)
    }

    fn topic<M>(&self, key: &str, qos: Qos, limit_bytes: usize) -> Topic<M> {
        Topic { key: format!("{}/{key}", self.root), qos, limit_bytes, message: PhantomData }
    }

    fn service<Req, Rep>(
        &self,
        key: &str,
        request_limit_bytes: usize,
        reply_limit_bytes: usize,
    ) -> Service<Req, Rep> {
        let key = format!("{}/{key}", self.root);
        Service { key, request_limit_bytes, reply_limit_bytes, messages: PhantomData }
    }
}

impl<M> Topic<M> {
    /// The key expression.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The quality of service its publishers use.
    #[must_use]
    pub const fn qos(&self) -> Qos {
        self.qos
    }

    /// The largest payload a subscription takes; what is larger is garbage.
    #[must_use]
    pub const fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }
}

impl<Req, Rep> Service<Req, Rep> {
    /// The key expression.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The largest request that is answered.
    #[must_use]
    pub const fn request_limit_bytes(&self) -> usize {
        self.request_limit_bytes
    }

    /// The largest reply that is taken.
    #[must_use]
    pub const fn reply_limit_bytes(&self) -> usize {
        self.reply_limit_bytes
    }
}

const KIB: usize = 1024;

/// A reply with every list full takes about 0.5 MiB.
const POLICY_BYTES_MAX: usize = 1024 * KIB;

/// A report with every list full takes about 1.2 MiB.
const REPORT_BYTES_MAX: usize = 2048 * KIB;

fn checked(name: &str) -> Result<&str, KeyError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(KeyError { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_smuggle_key_syntax() {
        for name in ["", "a/b", "*", "**", "a b", "a#", "a?b", "$*", "@adminspace", "\u{e9}"] {
            assert_eq!(Keys::new(name), Err(KeyError { name: name.to_owned() }));
        }
        assert!(Keys::new(&"a".repeat(NAME_BYTES_MAX + 1)).is_err());
        let keys = Keys::new("so101_left-2").unwrap();
        assert_eq!(keys.state().key(), "tandem/so101_left-2/state");
        assert_eq!(keys.camera("wrist").unwrap().key(), "tandem/so101_left-2/camera/wrist");
        assert!(keys.camera("../command").is_err());
    }
}
