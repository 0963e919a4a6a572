//! Messages, pictures and garbage.

use std::sync::mpsc::channel;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, OpenError, Topic};
use tandem_types::{Frame, Stamp};
use tandem_wire::{Image, JointState, Message, Truth, decode_frame_into};

use crate::harness::{free_endpoint, listening, pair, receive, wait_until};

#[test]
fn a_message_arrives_as_it_was_sent() {
    let (robot, daemon, keys) = pair();
    let (sender, received) = channel();
    let garbage = Garbage::default();
    let _subscription =
        daemon.subscribe(&keys.state(), &garbage, move |state| sender.send(state).unwrap());
    let mut publisher = robot.publisher(&keys.state()).unwrap();
    wait_until("the subscription is known", || publisher.has_subscribers());
    let state = JointState {
        stamp: Stamp::from_nanos(1_000_000_007),
        names: vec!["elbow".into()],
        positions: vec![0.5],
        velocities: vec![-0.25],
        ..JointState::default()
    };
    publisher.send(&state).unwrap();
    assert_eq!(received.recv().unwrap(), state);
    assert_eq!(garbage.count(), 0);
}

#[test]
fn a_picture_larger_than_a_batch_is_decoded_into_the_frame_at_hand() {
    let (robot, daemon, keys) = pair();
    let topic = keys.camera("front").unwrap();
    let (sender, received) = channel();
    let mut frame = Frame::black(320, 240);
    let _subscription = daemon
        .subscribe_payload(&topic, &Garbage::default(), move |payload| {
            decode_frame_into(payload, &mut frame).map(|()| sender.send(frame.clone()).unwrap())
        })
        .unwrap();
    let mut publisher = robot.publisher(&topic).unwrap();
    wait_until("the subscription is known", || publisher.has_subscribers());
    let rgb = (0..320 * 240 * 3_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    let sent = Frame::from_rgb(Stamp::from_nanos(3), 320, 240, rgb).unwrap();
    let mut image = Image::default();
    image.set_frame(&sent).unwrap();
    assert_eq!(receive(&received, || publisher.send(&image).unwrap()), sent);
}

/// Sends garbage of several kinds on `topic`, then a message, and expects one message.
fn check_garbage<M: Message + Default + Send + 'static>(
    [stranger, daemon]: [&Bus; 2],
    topic: &Topic<M>,
) {
    let (sender, received) = channel();
    let garbage = Garbage::default();
    let _subscription =
        daemon.subscribe(topic, &garbage, move |_: M| sender.send(()).unwrap()).unwrap();
    let mut publisher = stranger.publisher(topic).unwrap();
    wait_until("the subscription is known", || publisher.has_subscribers());

    let mut payload = Vec::new();
    M::default().encode(&mut payload);
    let truncated = payload[..payload.len() - 1].to_vec();
    let mut big_endian = payload;
    big_endian[1] = 0;
    let oversized = vec![0; topic.limit_bytes() + 1];
    let garbage_sent =
        [b"".to_vec(), b"garbage".to_vec(), vec![0xff; 64], truncated, big_endian, oversized];
    for payload in &garbage_sent {
        let before = garbage.count();
        let what = format!("{} bytes on {} are counted", payload.len(), topic.key());
        let mut tries = 0;
        wait_until(&what, || {
            // The bus may drop what finds its queue full: after two seconds it is sent again.
            if tries % 20 == 0 {
                stranger.publish_raw(topic.key(), payload).unwrap();
            }
            tries += 1;
            garbage.count() > before
        });
    }
    let counted = garbage.count();
    receive(&received, || publisher.send(&M::default()).unwrap());
    assert_eq!(garbage.count(), counted, "on {}", topic.key());
}

#[test]
fn garbage_on_every_topic_changes_nothing_but_a_counter() {
    let (stranger, daemon, keys) = pair();
    let buses = [&stranger, &daemon];
    check_garbage(buses, &keys.state());
    check_garbage(buses, &keys.camera("front").unwrap());
    check_garbage(buses, &keys.command());
    check_garbage(buses, &keys.receipt());
    check_garbage(buses, &keys.instruction());
    check_garbage(buses, &keys.status());
    check_garbage(buses, &keys.truth());
}

#[test]
fn a_robot_hears_nothing_of_another() {
    let (one, other, keys) = pair();
    let (sender, received) = channel();
    let _subscription = other
        .subscribe(&keys.truth(), &Garbage::default(), move |truth: Truth| {
            sender.send(truth.episode).unwrap();
        })
        .unwrap();
    let mut stranger = one.publisher(&Keys::new("arm2").unwrap().truth()).unwrap();
    let mut publisher = one.publisher(&keys.truth()).unwrap();
    wait_until("the subscription is known", || publisher.has_subscribers());
    assert!(!stranger.has_subscribers());
    stranger.send(&Truth { episode: 1, ..Truth::default() }).unwrap();
    publisher.send(&Truth { episode: 2, ..Truth::default() }).unwrap();
    assert_eq!(received.recv().unwrap(), 2);
}

#[test]
fn dropping_a_subscription_ends_it() {
    let (one, other, keys) = pair();
    let subscription = other.subscribe(&keys.truth(), &Garbage::default(), |_: Truth| {}).unwrap();
    let publisher = one.publisher(&keys.truth()).unwrap();
    wait_until("the subscription is known", || publisher.has_subscribers());
    drop(subscription);
    wait_until("its end is known", || !publisher.has_subscribers());
}

#[test]
fn a_closed_bus_says_so() {
    let endpoint = free_endpoint();
    let bus = listening(&endpoint);
    let mut publisher = bus.publisher(&Keys::new("arm").unwrap().truth()).unwrap();
    bus.clone().close();
    publisher.send(&Truth::default()).unwrap_err();
    bus.publish_raw("a/b", b"").unwrap_err();
}

#[test]
fn a_taken_port_is_named() {
    let endpoint = free_endpoint();
    let _first = listening(&endpoint);
    let second = Bus::open(&BusConfig { listen: vec![endpoint.clone()], connect: vec![] });
    let error = second.unwrap_err();
    assert!(matches!(&error, OpenError::Session { listen, .. } if *listen == endpoint), "{error}");
}
