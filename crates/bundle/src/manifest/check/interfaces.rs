//! Whether the networks take and give what the rest of the manifest says.

use tandem_networks::Architecture;

use super::Check;
use crate::manifest::{CameraInput, Manifest, NetworkSpec, Role, System2Spec, TensorSpec};

/// Names and shapes of tensors, in order.
pub(super) type Tensors = Vec<(String, Vec<usize>)>;

/// Word ids before the vocabulary's first: padding and the unknown word.
const WORD_IDS_RESERVED: usize = 2;

impl Check<'_> {
    /// A System 1 has the network `encoder` and those of its representation, a System 2 has `model`;
    /// their inputs and outputs follow from the cameras, joints, latent goal, action and text.
    pub(super) fn interfaces(&mut self, manifest: &Manifest) {
        let dof = manifest.joints.len();
        let latent = manifest.latent.dim;
        let pictures = pictures(&manifest.cameras);
        match &manifest.role {
            Role::System1(spec) => {
                let width = manifest
                    .network("encoder")
                    .and_then(|encoder| encoder.outputs.first())
                    .map_or(0, TensorSpec::elements);
                let features = ("features".to_owned(), vec![width]);
                self.interface(manifest, "encoder", &pictures, &[features]);
                self.head_interfaces(manifest, spec);
            }
            Role::System2(spec) => {
                let tokens = ("tokens".to_owned(), vec![spec.text.tokens_max]);
                let joints = ("joints".to_owned(), vec![dof]);
                let goal = ("latent".to_owned(), vec![latent]);
                let progress = ("progress".to_owned(), vec![1]);
                let inputs = [pictures, vec![tokens, joints]].concat();
                self.interface(manifest, "model", &inputs, &[goal, progress]);
                self.vocabulary(manifest, spec);
            }
        }
    }

    pub(super) fn interface(
        &mut self,
        manifest: &Manifest,
        name: &str,
        inputs: &[(String, Vec<usize>)],
        outputs: &[(String, Vec<usize>)],
    ) {
        let found = manifest.networks.iter().position(|network| network.name == name);
        let Some((index, network)) =
            found.and_then(|index| manifest.networks.get(index).map(|network| (index, network)))
        else {
            let problem = format!("has no network `{name}`");
            self.wrong("network", problem, "a bundle of this `kind` needs it: train it anew");
            return;
        };
        let NetworkSpec { inputs: takes, outputs: gives, .. } = network;
        for (list, found, expected) in [("inputs", takes, inputs), ("outputs", gives, outputs)] {
            let found: Vec<_> =
                found.iter().map(|spec| (spec.name.clone(), spec.shape.clone())).collect();
            if found != expected {
                let problem = format!(
                    "are {found:?}, but cameras, joints, latent, action and text make them \
                     {expected:?}"
                );
                let mend = "correct those, or train the bundle anew";
                self.wrong(&format!("network[{index}].{list}"), problem, mend);
            }
        }
    }

    fn vocabulary(&mut self, manifest: &Manifest, spec: &System2Spec) {
        let words = spec.text.words.len();
        for network in &manifest.networks {
            if let Architecture::System2(model) = &network.architecture
                && model.words != words + WORD_IDS_RESERVED
            {
                let problem = format!(
                    "lists {words} words, but the model embeds {} (two of them for padding and \
                     unknown words)",
                    model.words
                );
                self.wrong("text.words", problem, "list the words it was trained with");
            }
        }
    }
}

fn pictures(cameras: &[CameraInput]) -> Tensors {
    cameras
        .iter()
        .map(|camera| {
            (format!("picture.{}", camera.name), vec![3, camera.height_px, camera.width_px])
        })
        .collect()
}
