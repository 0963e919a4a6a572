//! Any frames at any time: no limit is exceeded, and nothing moves that was not armed.

use proptest::prelude::{any, prop, prop_oneof, proptest};
use proptest::strategy::{Just, Strategy};
use tandem_protocol::{
    Address, Body, Command, DeviceTime, Epoch, Frame, Joints, Request, Setpoint,
};

use crate::fixture::{DEVICE, HOST, config};
use crate::judge::Judge;

#[derive(Clone, Debug)]
enum Event {
    Frame(Box<Frame>),
    Tick { us: u64 },
    Garbage,
    Flags(u16),
}

proptest! {
    #![proptest_config(prop::test_runner::Config::with_cases(2000))]
    #[test]
    fn whatever_comes_limits_hold_and_latches_stay(events in prop::collection::vec(events(), 1..300)) {
        let mut judge = Judge::new(config());
        for event in events {
            match event {
                Event::Frame(mut frame) => {
                    // What was drawn as its age becomes the moment it was made.
                    if let Body::Command(command) = &mut frame.body {
                        command.made.0 = judge.now().0.saturating_sub(command.made.0);
                    }
                    judge.receive(&frame);
                }
                Event::Tick { us } => judge.tick(us),
                Event::Garbage => judge.garbage(),
                Event::Flags(flags) => judge.flags(flags),
            }
        }
    }
}

/// Frames that are nearly right, so that most of them get far.
fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        10 => frames().prop_map(|frame| Event::Frame(Box::new(frame))),
        10 => (100_u64..3_000).prop_map(|us| Event::Tick { us }),
        1 => (3_000_u64..200_000).prop_map(|us| Event::Tick { us }),
        1 => Just(Event::Garbage),
        1 => prop_oneof![Just(0_u16), Just(0), any::<u16>()].prop_map(Event::Flags),
    ]
}

fn frames() -> impl Strategy<Value = Frame> {
    let station = prop_oneof![20 => Just((HOST, DEVICE)), 1 => any::<(u8, u8)>()
        .prop_map(|(source, destination)| (Address(source), Address(destination)))];
    (station, 1_u32..6, 1_u32..400, bodies()).prop_map(|(stations, epoch, sequence, body)| Frame {
        source: stations.0,
        destination: stations.1,
        epoch: Epoch(epoch),
        sequence,
        body,
    })
}

fn bodies() -> impl Strategy<Value = Body> {
    let joints = prop::collection::vec((-300_000_i32..300_000, any::<i32>(), any::<bool>()), 2);
    let command = (0_u64..60_000, 0_u32..120_000, joints).prop_map(|(made, valid_us, joints)| {
        let joints: Vec<_> = joints
            .into_iter()
            .map(|(position_urad, velocity, wild)| Setpoint {
                position_urad: if wild { position_urad * 7 } else { position_urad },
                velocity_urad_s: if wild { velocity } else { velocity % 2_000_000 },
            })
            .collect();
        let joints = Joints::from_slice(&joints).unwrap();
        Body::Command(Command { made: DeviceTime(made), valid_us, joints })
    });
    let request = prop_oneof![
        4 => Just(Request::Arm { limits_hash: config().limits_hash() }),
        1 => any::<u32>().prop_map(|limits_hash| Request::Arm { limits_hash }),
        1 => Just(Request::Disarm),
        1 => Just(Request::Stop),
        1 => Just(Request::Hello),
        2 => (0_u16..10).prop_map(|fault_number| Request::Acknowledge { fault_number }),
    ];
    prop_oneof![3 => command, 2 => request.prop_map(Body::Request)]
}
