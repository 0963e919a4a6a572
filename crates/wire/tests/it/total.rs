//! Any bytes give a value or a typed error.

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use tandem_wire::{
    ControlReply, ControlRequest, DecodeError, EpisodeReply, EpisodeRequest, Heartbeat, Image,
    Instruction, JointCommand, JointState, Message, PolicyReply, PolicyRequest, Receipt, Report,
    Status, Truth,
};

use crate::samples;

type Recode = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

/// Each message: a valid payload of it, and how to read and write it again.
fn all() -> Vec<(Vec<u8>, Recode)> {
    fn entry<M: Message>(sample: M) -> (Vec<u8>, Recode) {
        let mut payload = Vec::new();
        sample.encode(&mut payload);
        let recode: Recode = |bytes| {
            let mut out = Vec::new();
            M::decode(bytes)?.encode(&mut out);
            Ok(out)
        };
        (payload, recode)
    }
    vec![
        entry::<JointState>(samples::joint_state()),
        entry::<Image>(samples::image()),
        entry::<JointCommand>(samples::joint_command()),
        entry::<Receipt>(samples::receipt()),
        entry::<Heartbeat>(samples::heartbeat()),
        entry::<Instruction>(samples::instruction()),
        entry::<ControlRequest>(samples::control_request()),
        entry::<ControlReply>(samples::control_reply()),
        entry::<Status>(samples::status()),
        entry::<Report>(samples::report()),
        entry::<PolicyRequest>(samples::policy_request()),
        entry::<PolicyReply>(samples::policy_reply()),
        entry::<EpisodeRequest>(samples::episode_request()),
        entry::<EpisodeReply>(samples::episode_reply()),
        entry::<Truth>(samples::truth()),
    ]
}

#[test]
fn every_truncation_is_refused() {
    for (payload, recode) in all() {
        for length in 0..payload.len() {
            assert!(recode(&payload[..length]).is_err(), "{length} of {}", payload.len());
        }
    }
}

#[test]
fn padding_may_follow_but_no_more() {
    for (mut payload, recode) in all() {
        let clean = payload.clone();
        let offset = payload.len();
        for _ in 0..3 {
            payload.push(0xee);
            assert_eq!(recode(&payload).as_ref(), Ok(&clean));
        }
        payload.push(0xee);
        assert_eq!(recode(&payload), Err(DecodeError::Trailing { offset, bytes: 4 }));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut with_header = vec![0, 1, 0, 0];
        with_header.extend_from_slice(&bytes);
        for (_, recode) in all() {
            check_idempotent(recode, &bytes);
            check_idempotent(recode, &with_header);
        }
    }

    /// Near misses go deeper than noise: lengths, codes and texts are hit one at a time.
    #[test]
    fn any_change_of_a_valid_message_is_read_or_refused(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        for (mut payload, recode) in all() {
            for (place, value) in &places {
                let place = place.index(payload.len());
                payload[place] = *value;
            }
            check_idempotent(recode, &payload);
            check_idempotent(recode, &payload[..cut.index(payload.len())]);
        }
    }

    /// Every length field in turn claims too much.
    #[test]
    fn length_bombs_are_refused(length in 1_u32..=u32::MAX) {
        let bomb = |length: u32| [&[0, 1, 0, 0][..], &length.to_le_bytes()].concat();
        let error = Report::decode(&bomb(length)).unwrap_err();
        let refused = matches!(error, DecodeError::TooLong { .. } | DecodeError::Short { .. });
        prop_assert!(refused, "{error}");
        prop_assert_eq!(Report::decode(&bomb(0)).unwrap_err(), DecodeError::Short {
            offset: 8,
            needed: 4,
            available: 0,
        });
    }
}

/// What can be read can be written, and then reads as the same.
fn check_idempotent(recode: Recode, bytes: &[u8]) {
    if let Ok(once) = recode(bytes) {
        assert_eq!(recode(&once).as_ref(), Ok(&once));
    }
}
