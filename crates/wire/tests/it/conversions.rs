//! Between messages and what the rest of tandem works with.

use tandem_types::{Frame, JOINTS_MAX, JointVec, Stamp, State};
use tandem_wire::{
    IMAGE_BYTES_MAX, Image, ImageError, JointState, Message as _, StateError, decode_frame_into,
};

use crate::samples;

const JOINTS: [&str; 3] = ["jaw", "shoulder", "elbow"];

#[test]
fn a_state_is_reordered_by_name() {
    let state = samples::joint_state().to_state(&JOINTS).unwrap();
    assert_eq!(*state.q, [3.0, 0.25, -1.5]);
    assert_eq!(*state.dq, [2.5, 0.0, -0.125]);
    assert_eq!(*state.tau, [0.0; 3], "efforts may be absent");
    assert_eq!(state.stamp, samples::joint_state().stamp);
    // A robot may report joints that are none of ours.
    assert_eq!(*samples::joint_state().to_state(&["elbow"]).unwrap().q, [-1.5]);
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let check = |spoil: fn(&mut JointState), expected: StateError| {
        let mut message = samples::joint_state();
        spoil(&mut message);
        assert_eq!(message.to_state(&JOINTS), Err(expected));
    };
    check(|m| m.names[0] = "other".into(), StateError::Missing { joint: 1 });
    check(|m| m.names[1] = "jaw".into(), StateError::Twice { joint: 0 });
    let length = |quantity, values| StateError::Length { quantity, names: 3, values };
    check(|m| m.positions.truncate(2), length("position", 2));
    check(|m| m.velocities.clear(), length("velocity", 0));
    check(|m| m.efforts.push(0.0), length("effort", 1));
    let not_finite = |quantity, joint| StateError::NotFinite { quantity, joint };
    check(|m| m.positions[2] = f64::NAN, not_finite("position", 0));
    check(|m| m.velocities[0] = f64::INFINITY, not_finite("velocity", 1));
    check(|m| m.efforts = vec![0.0, f64::NEG_INFINITY, 0.0], not_finite("effort", 2));
    let joints = vec![""; JOINTS_MAX + 1];
    let too_many = StateError::TooMany { joints: JOINTS_MAX + 1 };
    assert_eq!(samples::joint_state().to_state(&joints), Err(too_many));
}

#[test]
fn a_state_survives_the_way_there_and_back() {
    let joints = JOINTS.map(str::to_owned);
    let vector = |values: [f64; 3]| JointVec::from_slice(&values).unwrap();
    let state = State {
        stamp: Stamp::from_nanos(77),
        q: vector([1.0, 2.0, 3.0]),
        dq: vector([4.0, 5.0, 6.0]),
        tau: vector([7.0, 8.0, 9.0]),
    };
    let mut message = JointState::new(&joints);
    message.set_state(&State::default());
    message.set_state(&state);
    assert_eq!(message.to_state(&joints), Ok(state));
}

fn encoded(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.encode(&mut bytes);
    bytes
}

#[test]
fn a_frame_of_the_same_size_keeps_its_memory() {
    let source = Frame::from_rgb(Stamp::from_nanos(5), 2, 2, (0..12).collect()).unwrap();
    let mut image = Image { frame_id: "wrist".into(), ..Image::default() };
    image.set_frame(&source).unwrap();

    let mut target = Frame::black(2, 2);
    let memory = target.rgb().as_ptr();
    decode_frame_into(&encoded(&image), &mut target).unwrap();
    assert_eq!(target, source);
    assert_eq!(target.rgb().as_ptr(), memory);

    let mut other_size = Frame::black(1, 1);
    decode_frame_into(&encoded(&image), &mut other_size).unwrap();
    assert_eq!(other_size, source);
}

#[test]
fn padding_between_rows_is_passed_over() {
    let image = Image { step_bytes: 5, data: (0..10).collect(), ..samples::image() };
    for mut frame in [Frame::black(1, 2), Frame::black(3, 3)] {
        decode_frame_into(&encoded(&image), &mut frame).unwrap();
        assert_eq!(frame.rgb(), [0, 1, 2, 5, 6, 7]);
    }
}

#[test]
fn an_image_that_is_no_rgb8_picture_leaves_the_frame_alone() {
    let check = |spoil: fn(&mut Image), encoding: bool| {
        let mut image = samples::image();
        spoil(&mut image);
        let mut frame = Frame::black(1, 2);
        let error = decode_frame_into(&encoded(&image), &mut frame).unwrap_err();
        assert_eq!(matches!(error, ImageError::Encoding), encoding, "{error}");
        assert_eq!(frame, Frame::black(1, 2));
    };
    check(|image| image.encoding = "bgr8".into(), true);
    check(|image| image.data.truncate(5), false);
    check(|image| image.step_bytes = 2, false);
    check(|image| image.height_px = 3, false);
    check(|image| image.width_px = u32::MAX, false);
    check(|image| image.step_bytes = 0, false);
    check(
        |image| {
            (image.width_px, image.height_px, image.step_bytes) = (0, 0, 0);
            image.data.clear();
        },
        false,
    );
    let mut frame = Frame::black(1, 2);
    assert!(matches!(decode_frame_into(b"\0\x01", &mut frame), Err(ImageError::Decode(_))));
}

#[test]
fn a_picture_over_the_limit_is_not_sent() {
    let mut image = samples::image();
    let frame = Frame::black(IMAGE_BYTES_MAX / 3 + 1, 1);
    let bytes = frame.rgb().len();
    assert_eq!(image.set_frame(&frame), Err(ImageError::TooLarge { bytes }));
    assert_eq!(image, samples::image());
}
