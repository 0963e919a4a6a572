//! Questions and answers.

use std::sync::mpsc::channel;
use std::time::Duration;

use tandem_bus::{AskError, Bus, Garbage, Keys, QUEUE_MAX, Server};
use tandem_wire::{ControlKind, ControlReply, ControlRequest, EpisodeReply, EpisodeRequest};

use crate::harness::{pair, wait_until};

const PATIENCE: Duration = Duration::from_secs(30);

fn serve_echo(bus: &Bus, keys: &Keys, garbage: &Garbage) -> Server {
    let handle = |request: ControlRequest| ControlReply {
        ok: request.kind == ControlKind::Arm,
        message: request.text,
        nonce: 0,
    };
    bus.serve(&keys.control(), garbage, handle).unwrap()
}

/// Asks until somebody serves.
fn ask(bus: &Bus, keys: &Keys, request: &ControlRequest) -> ControlReply {
    let mut reply = None;
    wait_until("the server is known", || {
        match bus.ask(&keys.control(), request, PATIENCE) {
            Ok(answer) => reply = Some(answer),
            Err(AskError::NoAnswer { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        reply.is_some()
    });
    reply.unwrap()
}

#[test]
fn a_question_is_answered() {
    let (daemon, operator, keys) = pair();
    let garbage = Garbage::default();
    let _server = serve_echo(&daemon, &keys, &garbage);
    let request = ControlRequest { kind: ControlKind::Arm, text: "please".into() };
    let reply = ask(&operator, &keys, &request);
    assert_eq!(reply, ControlReply { ok: true, message: "please".into(), nonce: 0 });
    // A process may ask itself, too.
    assert_eq!(ask(&daemon, &keys, &request), reply);
    assert_eq!(garbage.count(), 0);
}

#[test]
fn nobody_there_is_known_at_once() {
    let (_daemon, operator, keys) = pair();
    let answer = operator.ask(&keys.control(), &ControlRequest::default(), PATIENCE);
    assert_eq!(answer, Err(AskError::NoAnswer { key: "tandem/arm/control".into() }));
}

#[test]
fn a_server_that_is_dropped_answers_no_more() {
    let (daemon, operator, keys) = pair();
    let server = serve_echo(&daemon, &keys, &Garbage::default());
    ask(&operator, &keys, &ControlRequest::default());
    drop(server);
    wait_until("its end is known", || {
        let answer = operator.ask(&keys.control(), &ControlRequest::default(), PATIENCE);
        matches!(answer, Err(AskError::NoAnswer { .. }))
    });
}

#[test]
fn a_silent_server_runs_into_the_timeout() {
    let (simulator, judge, keys) = pair();
    let (finish, wait_to_finish) = channel::<()>();
    let _server = simulator
        .serve(&keys.episode(), &Garbage::default(), move |_: EpisodeRequest| {
            // Answers only once the test is over.
            wait_to_finish.recv().ok();
            EpisodeReply::default()
        })
        .unwrap();
    let timeout = Duration::from_millis(100);
    wait_until("the server is known", || {
        let answer = judge.ask(&keys.episode(), &EpisodeRequest::default(), timeout);
        match answer.unwrap_err() {
            AskError::Timeout { .. } => true,
            AskError::NoAnswer { .. } => false,
            other => panic!("{other}"),
        }
    });
    // The queue behind it is bounded: whoever finds it full is told so at once.
    let answers: Vec<_> = (0..=QUEUE_MAX)
        .map(|_| judge.ask(&keys.episode(), &EpisodeRequest::default(), timeout).unwrap_err())
        .collect();
    assert!(matches!(answers.last(), Some(AskError::NoAnswer { .. })), "{answers:?}");
    drop(finish);
}

#[test]
fn a_garbled_question_is_counted_and_refused() {
    let (daemon, operator, keys) = pair();
    let garbage = Garbage::default();
    let _server = serve_echo(&daemon, &keys, &garbage);
    ask(&operator, &keys, &ControlRequest::default());
    let oversized = vec![0; keys.control().request_limit_bytes() + 1];
    for (count, question) in [(1, &b""[..]), (2, b"garbage"), (3, &[0xff; 64]), (4, &oversized)] {
        let error = operator.ask_raw(keys.control().key(), question, PATIENCE).unwrap_err();
        assert!(matches!(&error, AskError::Refused { .. }), "{error}");
        assert_eq!(garbage.count(), count);
    }
    assert!(!ask(&operator, &keys, &ControlRequest::default()).ok);
}
