//! The same tiny System 2 on each engine.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use tandem_inference::{CandleEngine, OnnxEngine, OnnxRuntime, setup_onnxruntime};
use tandem_networks::{Architecture, System2, Tower, TowerLayer};

pub(crate) const WORDS: usize = 7;

/// The network that `tests/data/make.py` spells out.
pub(crate) fn architecture() -> Architecture {
    let layers = vec![
        TowerLayer { channels: 4, kernel: 5, stride: 2 },
        TowerLayer { channels: 6, kernel: 3, stride: 1 },
    ];
    Architecture::System2(System2 {
        cameras: vec!["front".into()],
        height_px: 16,
        width_px: 16,
        towers: vec![Tower { layers, keypoints: 3 }],
        words: WORDS,
        tokens_max: 4,
        dof: 2,
        width: 8,
        heads: 2,
        blocks: 1,
        latent: 3,
    })
}

pub(crate) fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file)
}

type Arrays = HashMap<String, (Vec<usize>, Vec<f32>)>;

pub(crate) fn weights() -> Arrays {
    let tensors =
        candle_core::safetensors::load(data("system2.safetensors"), &Device::Cpu).unwrap();
    let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
    tensors.iter().map(|(name, t)| (name.clone(), (t.dims().to_vec(), numbers(t)))).collect()
}

pub(crate) fn find<'a>(weights: &'a Arrays, name: &str) -> Option<(&'a [usize], &'a [f32])> {
    weights.get(name).map(|(shape, data)| (shape.as_slice(), data.as_slice()))
}

pub(crate) fn candle() -> CandleEngine {
    let weights = weights();
    CandleEngine::load(&architecture(), |name| find(&weights, name)).unwrap()
}

/// The runtime, installed first where it is not.
pub(crate) fn runtime() -> OnnxRuntime {
    if OnnxRuntime::find(None).is_err() {
        setup_onnxruntime(|_| {}).unwrap();
    }
    OnnxRuntime::find(None).unwrap()
}

pub(crate) fn onnx() -> OnnxEngine {
    OnnxEngine::load(&data("system2.onnx"), &architecture().signature(), &runtime()).unwrap()
}
