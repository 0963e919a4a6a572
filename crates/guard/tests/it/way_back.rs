//! From a latched stop back to motion there is one way, whatever is asked for in whatever order.

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use tandem_guard::{Mode, Nonce, Request};
use tandem_types::{JointVec, Stamp};

use crate::fixture::{Scene, config, many_cases, ms};

/// How far along the way back from a latched stop the requests are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum WayBack {
    Latched,
    /// With what arms, and the tick that said so.
    Acknowledged(Nonce, Stamp),
    Open,
}

/// What somebody asks for, who may know the nonce or not.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Plainly(Request),
    WithTheNonce,
    WithAnOldNonce,
}

fn ask() -> impl Strategy<Value = Option<Ask>> {
    prop_oneof![
        2 => Just(None),
        2 => Just(Some(Ask::Plainly(Request::Arm))),
        1 => Just(Some(Ask::Plainly(Request::Disarm))),
        2 => Just(Some(Ask::Plainly(Request::Acknowledge))),
        1 => Just(Some(Ask::Plainly(Request::Stop))),
        2 => Just(Some(Ask::WithTheNonce)),
        1 => Just(Some(Ask::WithAnOldNonce)),
    ]
}

/// A stretch of time, in ticks of 1 ms and now and then in seconds.
fn step() -> impl Strategy<Value = (Option<Ask>, bool, bool, usize, u64)> {
    let ticks = prop_oneof![4 => 1..150_usize, 1 => 500..600_usize];
    let pause_ms = prop_oneof![9 => Just(0), 1 => 1..12_000_u64];
    (ask(), prop::bool::weighted(0.1), any::<bool>(), ticks, pause_ms)
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn no_path_from_stopped_to_motion_without_acknowledge_then_its_nonce_in_time(
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let mut scene = Scene::new(config());
        scene.proposal = JointVec::splat(2, 1.0);
        let mut way = WayBack::Open;
        let mut old = Nonce(7);
        for (ask, beyond_limit, has_action, ticks, pause_ms) in steps {
            scene.state.as_mut().unwrap().q[0] = if beyond_limit { 1.6 } else { 0.0 };
            scene.refresh(ms(pause_ms));
            for tick in 0..ticks {
                scene.refresh(ms(1));
                if !has_action {
                    scene.action.as_mut().unwrap().latent_observed = Stamp::ORIGIN;
                }
                let known = scene.guard.nonce();
                let request = ask.filter(|_| tick == 0).map(|ask| match ask {
                    Ask::Plainly(request) => request,
                    Ask::WithTheNonce => Request::Rearm(known.unwrap_or(old)),
                    Ask::WithAnOldNonce => Request::Rearm(old),
                });
                let before = scene.guard.mode();
                let verdict = scene.tick_as_is(request);
                let began = matches!(before, Mode::Disarmed | Mode::Stopped)
                    && matches!(verdict.mode, Mode::Armed | Mode::Holding);
                way = match (way, verdict.mode) {
                    (WayBack::Acknowledged(nonce, since), _) if began => {
                        assert_eq!(request, Some(Request::Rearm(nonce)));
                        assert!(since.age_at(scene.now) <= ms(10_000), "too late");
                        WayBack::Open
                    }
                    (_, Mode::Stopped) => WayBack::Latched,
                    (WayBack::Latched, Mode::Disarmed) => {
                        assert_eq!(request, Some(Request::Acknowledge));
                        old = known.unwrap_or(old);
                        WayBack::Acknowledged(scene.guard.nonce().unwrap(), scene.now)
                    }
                    (WayBack::Acknowledged(nonce, _), Mode::Disarmed) => {
                        let known = scene.guard.nonce().unwrap();
                        if known == nonce {
                            way
                        } else {
                            // It ran out, and somebody acknowledged anew at once.
                            assert_eq!(request, Some(Request::Acknowledge));
                            WayBack::Acknowledged(known, scene.now)
                        }
                    }
                    (WayBack::Open, _) => {
                        assert!(!began || request == Some(Request::Arm), "armed by {request:?}");
                        WayBack::Open
                    }
                    (way, mode) => panic!("from {way:?} to {mode:?}"),
                };
            }
        }
    }
}
