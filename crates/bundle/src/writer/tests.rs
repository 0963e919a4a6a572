use super::*;
use crate::fixture;

fn save(dir: &Path, manifest: Manifest, precision: Precision) -> Bundle {
    let weights = fixture::weights(&manifest);
    BundleWriter::new(manifest, weights, precision).save(dir).unwrap()
}

#[test]
fn what_is_saved_is_loaded_in_either_precision() {
    let root = tempfile::tempdir().unwrap();
    for (name, precision) in [("single", Precision::F32), ("half", Precision::F16)] {
        let dir = root.path().join(name);
        let saved = save(&dir, fixture::system1(), precision);
        let loaded = Bundle::load(&dir).unwrap();
        assert_eq!(loaded.weights(), &fixture::weights(&fixture::system1()));
        assert_eq!((loaded.model_id(), loaded.dir()), (saved.model_id(), saved.dir()));
        assert_eq!(loaded.manifest(), saved.manifest());
    }
    let size = |name: &str| fs::metadata(root.path().join(name).join(WEIGHTS_FILE)).unwrap().len();
    assert!(size("half") < size("single"));
}

#[test]
fn a_system2_learns_its_own_id() {
    let root = tempfile::tempdir().unwrap();
    let bundle = save(&root.path().join("two"), fixture::system2(), Precision::F16);
    assert_eq!(bundle.manifest().latent.model, bundle.model_id());
}

#[test]
fn an_added_onnx_file_changes_no_identity() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("one");
    let before = save(&dir, fixture::system1(), Precision::F16);
    let after = BundleWriter::from_bundle(&before)
        .with_onnx("head", b"not really onnx".to_vec())
        .with_onnx("nobody", b"passed over".to_vec())
        .save(&dir)
        .unwrap();
    assert_eq!(after.model_id(), before.model_id());
    assert_eq!(after.manifest().network("head").unwrap().onnx.as_deref(), Some("head.onnx"));
    assert_eq!(after.manifest().files.len(), 2);
    let names: Vec<_> =
        fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["one"], "nothing is left beside the bundle");
}

#[test]
fn a_range_of_goals_can_be_put_into_a_bundle_that_has_none() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("one");
    let before = save(&dir, fixture::system1(), Precision::F16);
    let before = BundleWriter::from_bundle(&before).with_onnx("head", b"no".to_vec()).save(&dir);
    let before = before.unwrap();
    let norm = NormRange { min: 1.25, max: 3.5 };
    before.record_latent_norm(norm).unwrap();
    let after = Bundle::load(&dir).unwrap();
    let mut expected = before.manifest().clone();
    expected.latent.norm = Some(norm);
    assert_eq!(after.manifest(), &expected);
    assert_eq!(after.model_id(), before.model_id());
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3, "nothing is left behind");
}

/// A tensor, the damage to it, and what is said about it.
type Row = (&'static str, fn(&mut Tensor), &'static str);

#[test]
fn a_file_of_the_head_is_kept_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("one");
    let manifest = fixture::system1();
    let weights = fixture::weights(&manifest);
    let writer = BundleWriter::new(manifest, weights, Precision::F16);
    let bundle = writer.with_file("tokenizer.json", b"{}".to_vec()).save(&dir).unwrap();
    let again = BundleWriter::from_bundle(&bundle).with_onnx("head", b"no".to_vec()).save(&dir);
    let again = again.unwrap();
    assert_eq!(again.extras()["tokenizer.json"], b"{}");
    assert_eq!(again.extras().len(), 1, "networks are no extras");
    fs::write(dir.join("tokenizer.json"), b"[]").unwrap();
    assert!(matches!(Bundle::load(&dir), Err(BundleError::Hash { .. })));
}

#[test]
fn a_bad_bundle_leaves_the_old_one_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("one");
    let good = save(&dir, fixture::system1(), Precision::F32);
    let rows: [Row; 3] = [
        ("head.out.weight", |tensor| tensor.data[0] = f32::NAN, "not finite at element 0"),
        ("head.out.weight", |tensor| tensor.shape.push(2), "has shape"),
        (
            "head.out.bias",
            |tensor| tensor.shape = vec![2, 2],
            "but the architecture of network `head`",
        ),
    ];
    for (tensor, damage, expected) in rows {
        let mut weights = fixture::weights(&fixture::system1());
        damage(weights.get_mut(tensor).unwrap());
        let error = BundleWriter::new(fixture::system1(), weights, Precision::F32).save(&dir);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(tensor), "{error}");
        assert_eq!(Bundle::load(&dir).unwrap().model_id(), good.model_id());
    }
}

#[test]
fn never_replaces_a_folder_that_is_no_bundle() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("thesis.txt"), b"years of work").unwrap();
    let manifest = fixture::system1();
    let weights = fixture::weights(&manifest);
    let error = BundleWriter::new(manifest, weights, Precision::F32).save(root.path());
    assert!(matches!(error, Err(BundleError::Occupied { .. })));
    assert!(root.path().join("thesis.txt").is_file());
}

#[test]
fn every_parameter_must_be_there_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let mut weights = fixture::weights(&fixture::system1());
    let moved = weights.remove("head.out.bias").unwrap();
    weights.insert("head.spare".to_owned(), moved);
    let error = BundleWriter::new(fixture::system1(), weights, Precision::F32)
        .save(root.path().join("one"))
        .unwrap_err();
    assert!(error.to_string().contains("`head.out.bias` is missing"), "{error}");
}
