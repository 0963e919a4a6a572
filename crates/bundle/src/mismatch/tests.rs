use super::*;
use crate::fixture;
use crate::writer::{BundleWriter, Precision};

/// What is expected, as owned values that a row can change.
struct Robot {
    role: RoleName,
    joints: Vec<String>,
    cameras: Vec<CameraInput>,
    control_rate_hz: u32,
    system1_rate_hz: Option<u32>,
    latent: Option<(usize, ModelId)>,
}

/// What is changed about the robot, and the lines that say so.
type Row = (fn(&mut Robot), &'static [&'static str]);

#[test]
fn each_mismatch_has_its_line() {
    let root = tempfile::tempdir().unwrap();
    let manifest = fixture::system1();
    let weights = fixture::weights(&manifest);
    let bundle = BundleWriter::new(manifest.clone(), weights, Precision::F32)
        .save(root.path().join("one"))
        .unwrap();
    let rows: [Row; 13] = [
        (|_| {}, &[]),
        (|robot| robot.role = RoleName::System2, &["is a system1 bundle where a system2 bundle"]),
        (
            |robot| robot.joints[0] = "slide".to_owned(),
            &["uses joint `swing`", "does not use joint `slide`"],
        ),
        (|robot| robot.joints.reverse(), &["in the order [\"swing\", \"bend\"]"]),
        (|robot| robot.cameras.clear(), &["camera `front`, which the config does not have"]),
        (|robot| robot.cameras[0].width_px = 17, &["of 16x16 from camera `front`"]),
        (|robot| robot.control_rate_hz = 500, &["200 Hz, which does not divide"]),
        (|robot| robot.system1_rate_hz = Some(100), &[]),
        (|robot| robot.system1_rate_hz = Some(400), &[]),
        (
            |robot| robot.system1_rate_hz = Some(500),
            &["200 Hz, which does not divide [system1] rate_hz = 500; set"],
        ),
        (|robot| robot.latent = None, &[]),
        (|robot| robot.latent = Some((4, ModelId(0x0123_4567_89ab_cdef))), &["of dimension 3"]),
        (
            |robot| robot.latent = Some((3, ModelId(1))),
            &["with System 2 0123456789abcdef, but the System 2 bundle is 0000000000000001"],
        ),
    ];
    for (change, expected) in rows {
        let mut robot = Robot {
            role: RoleName::System1,
            joints: manifest.joints.clone(),
            cameras: manifest.cameras.clone(),
            control_rate_hz: 1000,
            system1_rate_hz: Some(200),
            latent: Some((fixture::LATENT_DIM, manifest.latent.model)),
        };
        change(&mut robot);
        let mismatches = bundle.mismatches(&Expected {
            role: robot.role,
            joints: &robot.joints,
            cameras: &robot.cameras,
            control_rate_hz: robot.control_rate_hz,
            system1_rate_hz: robot.system1_rate_hz,
            latent: robot.latent,
        });
        assert_eq!(mismatches.len(), expected.len(), "{mismatches:?}");
        for (mismatch, expected) in mismatches.iter().zip(expected) {
            let finding = mismatch.finding(&bundle);
            assert!(finding.text.contains(expected), "{finding}");
            assert!(finding.position.is_some_and(|place| place.line > 1), "{finding}");
        }
    }
}
