//! Any bytes give a config or findings, never a panic.

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};
use tandem_config::Config;
use tandem_control::Controller;
use tandem_types::Epoch;

use crate::fixture::Scenario;

proptest! {
    #[test]
    fn as_a_config(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let config = Config::parse("robot.toml", &String::from_utf8_lossy(&bytes));
        prop_assert!(!config.is_err_and(|error| error.findings().is_empty()));
    }

    #[test]
    fn as_damage_to_a_config(
        at in any::<prop::sample::Index>(),
        length in 0_usize..12,
        junk in "[-0-9a-z=\\[\\]{}\"\n. ]{0,8}",
    ) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/robot.toml");
        let mut text: Vec<char> = fs::read_to_string(&file).unwrap().chars().collect();
        let start = at.index(text.len());
        let end = text.len().min(start + length);
        text.splice(start..end, junk.chars());
        let text: String = text.into_iter().collect();
        match Config::parse(&file, &text) {
            // What passes here must satisfy the controller, too.
            Ok(config) => {
                let controller = Controller::new(config.to_control().unwrap(), Epoch(1));
                prop_assert!(controller.is_ok(), "{text}");
            }
            Err(error) => prop_assert!(!error.findings().is_empty()),
        }
    }
}

proptest! {
    // Each case writes a scenario to disk.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn as_any_file_of_a_scenario(
        name in prop::sample::select(vec![
            "robot.toml", "arm.urdf", "one/bundle.toml", "two/bundle.toml",
            "one/model.safetensors", "two/model.safetensors",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let scenario = Scenario::new();
        fs::write(scenario.path(name), bytes).unwrap();
        prop_assert!(!scenario.check().is_empty());
    }
}
