//! Installing and finding ONNX Runtime.

use std::path::Path;

use tandem_inference::{OnnxRuntime, RuntimeError, setup_onnxruntime};

use crate::engines::runtime;

#[test]
fn setting_up_twice_fetches_once() {
    let first = setup_onnxruntime(|_| {}).unwrap();
    let mut steps = Vec::new();
    let second = setup_onnxruntime(|step| steps.push(step)).unwrap();
    assert_eq!(first, second);
    assert!(first.is_file());
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn a_process_keeps_the_runtime_it_has() {
    let runtime = runtime();
    let same = OnnxRuntime::find(Some(runtime.library())).unwrap();
    assert_eq!(same.library(), runtime.library());
    let error = OnnxRuntime::find(Some(Path::new("another/libonnxruntime.so"))).err().unwrap();
    assert!(matches!(error, RuntimeError::Another { .. }), "{error}");
}
