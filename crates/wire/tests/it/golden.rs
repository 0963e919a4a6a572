//! Another implementation writes the bytes we write, and we read what it wrote.

use core::fmt::Debug;

use tandem_wire::Message;

use crate::samples;

/// `hex` was written by rosbags from the `.msg` definitions and the values of `sample`.
fn check<M: Message + PartialEq + Debug>(hex: &str, sample: &M) {
    let golden: Vec<u8> =
        hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let mut ours = Vec::new();
    sample.encode(&mut ours);
    assert_eq!(ours, golden, "{} is written otherwise", M::TYPE);
    assert_eq!(M::decode(&golden).as_ref(), Ok(sample), "{} is read otherwise", M::TYPE);
}

macro_rules! golden {
    ($($test:ident = $file:literal;)*) => {
        $(
            #[test]
            fn $test() {
                check(include_str!(concat!("../golden/", $file)), &samples::$test());
            }
        )*
    };
}

golden! {
    joint_state = "JointState.hex";
    image = "Image.hex";
    joint_command = "JointCommand.hex";
    receipt = "Receipt.hex";
    heartbeat = "Heartbeat.hex";
    instruction = "Instruction.hex";
    control_request = "ControlRequest.hex";
    control_reply = "ControlReply.hex";
    status = "Status.hex";
    report = "Report.hex";
    policy_request = "PolicyRequest.hex";
    policy_reply = "PolicyReply.hex";
    episode_request = "EpisodeRequest.hex";
    episode_reply = "EpisodeReply.hex";
    truth = "Truth.hex";
}
