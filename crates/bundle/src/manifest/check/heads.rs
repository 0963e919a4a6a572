//! The representation of a System 1 manifest: its parameters and its networks.

use super::Check;
use super::interfaces::Tensors;
use crate::manifest::raw::RawManifest;
use crate::manifest::{Diffusion, Flow, Manifest, Noise, Representation, System1Spec, TensorSpec};

/// Steps a second that nobody has time for.
const STEPS_MAX: usize = 1000;
/// As in `tandem_actions::NoiseSchedule`.
const TRAINING_STEPS_MAX: usize = 10_000;

impl Check<'_> {
    /// The representation that the manifest names, with the parameters from its table.
    pub(super) fn representation(&mut self, raw: &RawManifest) -> Option<Representation> {
        let name = raw.representation.as_deref()?;
        self.foreign_heads(raw, name);
        match name {
            "regression" => Some(Representation::Regression),
            "act" => Some(Representation::Act),
            "flow" => self.flow(raw),
            "diffusion" => self.diffusion(raw),
            _ => {
                let problem = format!("is `{name}`, which this version does not know");
                let mend = format!("write one of {}", Representation::NAMES.join(", "));
                self.wrong("representation", problem, &mend);
                None
            }
        }
    }

    /// A table of parameters belongs to the representation of its name.
    fn foreign_heads(&mut self, raw: &RawManifest, name: &str) {
        let tables = [("flow", raw.flow.is_some()), ("diffusion", raw.diffusion.is_some())];
        for (table, present) in tables {
            if present && table != name {
                let mend = format!("remove it, or write representation = \"{table}\"");
                self.wrong(table, format!("is out of place in a `{name}` bundle"), &mend);
            } else if !present && table == name {
                self.wrong(table, "is missing", "add the table with the head's parameters");
            }
        }
    }

    fn flow(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.flow.as_ref()?;
        self.count("flow.steps", raw.steps, STEPS_MAX);
        let noise = self.noise("flow.noise", &raw.noise)?;
        Some(Representation::Flow(Flow { steps: raw.steps, noise }))
    }

    fn diffusion(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.diffusion.as_ref()?;
        let (steps, training_steps) = (raw.steps, raw.training_steps);
        self.count("diffusion.training_steps", training_steps, TRAINING_STEPS_MAX);
        self.count("diffusion.steps", steps, training_steps.min(STEPS_MAX));
        let noise = self.noise("diffusion.noise", &raw.noise)?;
        Some(Representation::Diffusion(Diffusion { steps, training_steps, noise }))
    }

    fn noise(&mut self, key: &str, name: &str) -> Option<Noise> {
        let found = [Noise::Held, Noise::Fresh].into_iter().find(|noise| noise.name() == name);
        if found.is_none() {
            self.wrong(key, format!("is `{name}`"), "write `held` or `fresh`");
        }
        found
    }

    pub(super) fn count(&mut self, key: &str, value: usize, most: usize) {
        if !(1..=most).contains(&value) {
            self.wrong(key, format!("is {value}"), &format!("write 1 to {most}"));
        }
    }

    /// The networks of a representation take and give what the rest of the manifest says; widths
    /// that are a network's own are taken from it.
    pub(super) fn head_interfaces(&mut self, manifest: &Manifest, spec: &System1Spec) {
        let values = spec.action.horizon * manifest.joints.len();
        let condition = condition(manifest);
        let chunk: Tensors = vec![("chunk".to_owned(), vec![values])];
        match spec.representation {
            Representation::Regression => self.interface(manifest, "head", &condition, &chunk),
            Representation::Act => {
                let style = input(manifest, "head", "style");
                self.interface(manifest, "head", &[condition, vec![style]].concat(), &chunk);
            }
            Representation::Flow(_) | Representation::Diffusion(_) => {
                let context = output(manifest, "context");
                self.interface(manifest, "context", &condition, std::slice::from_ref(&context));
                let noisy = ("noisy".to_owned(), vec![values]);
                let time = input(manifest, "denoiser", "time");
                let clean = ("clean".to_owned(), vec![values]);
                self.interface(manifest, "denoiser", &[context, noisy, time], &[clean]);
            }
        }
    }
}

/// What every head starts from.
fn condition(manifest: &Manifest) -> Tensors {
    let features = manifest.network("encoder").and_then(|encoder| encoder.outputs.first());
    let features = features.map_or(0, TensorSpec::elements);
    let posture = 3 * manifest.joints.len();
    [("features", features), ("posture", posture), ("latent", manifest.latent.dim)]
        .map(|(name, width)| (name.to_owned(), vec![width]))
        .into()
}

/// The input `name` as the network has it.
fn input(manifest: &Manifest, network: &str, name: &str) -> (String, Vec<usize>) {
    let inputs = manifest.network(network).map(|network| network.inputs.as_slice());
    let found = inputs.unwrap_or_default().iter().find(|input| input.name == name);
    (name.to_owned(), found.map_or_else(Vec::new, |input| input.shape.clone()))
}

/// The network's only output, which bears the network's name.
fn output(manifest: &Manifest, network: &str) -> (String, Vec<usize>) {
    let outputs = manifest.network(network).and_then(|network| network.outputs.first());
    (network.to_owned(), outputs.map_or_else(Vec::new, |output| output.shape.clone()))
}
