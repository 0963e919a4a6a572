use core::ops::ControlFlow;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use tandem_sim::{LockstepConfig, SimConfig};
use tandem_study::{
    Cell, Channel, Code, Effort, Looks, OatAutoencoder, Part, Plan, Reach, Recipe, Results, Store,
    StudyJob, WEAK, fingerprint, run,
};

fn reach() -> Reach {
    let sim = SimConfig::so101().unwrap();
    let lockstep = LockstepConfig::tabletop(&sim.robot).unwrap();
    Reach::new(sim, lockstep).unwrap()
}

/// Few steps on few demonstrations: what is tested is the bookkeeping.
fn plan() -> Plan {
    let once = Effort {
        demonstrations: 256,
        fitted_on: 256,
        tokenizer_steps: 5,
        held_out: 128,
        steps: 20,
        batch: 16,
        checkpoints: 2,
        episodes: 2,
        first_scene: 1,
    };
    let codes = [
        Code::Regression,
        Code::Head { name: "flow".to_owned() },
        Code::Vq { books: 1, codes: 4 },
        Code::Oat { levels: vec![4, 4], registers: 1, autoencoder: OatAutoencoder::Learned },
        Code::Oat { levels: vec![8, 5, 5, 5], registers: 8, autoencoder: OatAutoencoder::Linear },
        Code::Oat { levels: vec![8, 8, 6, 5], registers: 8, autoencoder: OatAutoencoder::Linear },
        Code::Oat {
            levels: vec![7, 5, 5, 5, 5],
            registers: 8,
            autoencoder: OatAutoencoder::Linear,
        },
    ];
    let of = |code: &Code, channel, looks| Recipe {
        looks,
        channel,
        code: code.clone(),
        width: 16,
        seed: 1,
    };
    let mut channel: Vec<Recipe> = codes.iter().map(|code| of(code, WEAK, Looks::Once)).collect();
    channel.push(of(&codes[0], Channel::Gaussian { bits: 2.0 }, Looks::Once));
    channel.push(of(&codes[2], WEAK, Looks::Always));
    Plan {
        always: Effort { checkpoints: 1, episodes: 1, ..once.clone() },
        once,
        channel,
        codebooks: Vec::new(),
        heads: Vec::new(),
    }
}

/// Measures until `cells_max` cells are there; returns whether all are, and the results' rows.
fn measure(reach: &Reach, folder: &Path, workers: usize, cells_max: usize) -> (bool, Results) {
    let plan = plan();
    let store = Store::open(folder).unwrap();
    let job = StudyJob { reach, plan: &plan, parts: &Part::ALL, store: &store, workers };
    let is_enough = Mutex::new(false);
    let mut hear = |progress: &tandem_study::StudyProgress<'_>| {
        if progress.done < cells_max {
            return ControlFlow::Continue(());
        }
        *is_enough.lock().unwrap() = true;
        ControlFlow::Break(())
    };
    let is_complete = run(&job, &mut hear, &|| *is_enough.lock().unwrap()).unwrap();
    let world = fingerprint(reach);
    let results =
        Results::gather(&plan, &store, &world, &[], "test".to_owned(), serde_json::Value::Null);
    (is_complete, results.unwrap())
}

/// A study that was stopped half-way and goes on with other threads ends with the same cells.
#[test]
fn an_interrupted_study_ends_with_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let reach = reach();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let (is_complete, results) = measure(&reach, &whole, 2, usize::MAX);
    assert!(is_complete && results.cells == results.cells_wanted);
    let (is_complete, partly) = measure(&reach, &parts, 1, 2);
    // On a busy machine another cell may be done before the first two are heard of.
    let some = 2..partly.cells_wanted;
    assert!(!is_complete && some.contains(&partly.cells), "{}", partly.cells);
    let again = measure(&reach, &parts, 1, usize::MAX);
    assert_eq!(again, (true, results.clone()));
    for entry in fs::read_dir(&whole).unwrap() {
        let name = entry.unwrap().file_name();
        let bytes = |folder: &Path| fs::read(folder.join(&name)).unwrap();
        assert!(bytes(&whole) == bytes(&parts), "{name:?} differs");
    }
    check_capacities(&results);
}

/// The runner gives the paper's column: 79.7, 87.3 and 96.8 bits for OAT's three codebooks.
fn check_capacities(results: &Results) {
    let nominal: Vec<f64> = results
        .rows
        .iter()
        .filter(|row| row.code.family() == "linear oat")
        .filter_map(|row| row.bits.nominal)
        .collect();
    assert_eq!(nominal.len(), 3);
    for (found, paper) in nominal.iter().zip([79.7, 87.3, 96.8]) {
        assert!((found - paper).abs() < 0.05, "{found} bits where the paper has {paper}");
    }
    for row in &results.rows {
        let known = row.bits.action_at_least.unwrap_or(0.0);
        assert!(known <= row.bits.bound, "{row:?} knows more than it can");
    }
}

/// A file of another version of a cell is named, not believed.
#[test]
fn a_cell_with_an_unknown_field_is_refused() {
    let text = r#"{"recipe": {}, "surprise": 1}"#;
    assert!(serde_json::from_str::<Cell>(text).is_err());
}
