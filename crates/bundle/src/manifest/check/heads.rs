//! The representation of a System 1 manifest: its parameters and its networks.

use super::Check;
use super::interfaces::Tensors;
use crate::manifest::raw::{RawFast, RawManifest, RawOat};
use crate::manifest::{
    Bins, Choice, Diffusion, DiscreteDiffusion, E0, Fast, Flow, Hybrid, Manifest, Noise, Oat,
    Order, Representation, System1Spec, TensorSpec, Vq,
};

/// Steps a second that nobody has time for.
const STEPS_MAX: usize = 1000;
/// Twice as many as anybody has; with more, one chunk's logits alone are a large network.
const BINS_MAX: u16 = 4096;
/// As in `tandem_actions::NoiseSchedule`.
const TRAINING_STEPS_MAX: usize = 10_000;
/// More tokens than any chunk has.
const TOKENS_MAX: usize = 10_000;
/// The last character that a coefficient may become (`tandem_actions::Fast`).
const BELOW_ZERO_MAX: usize = 0xD7FF;

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
            "bins" => self.binned(raw),
            "fast" => self.fast(raw),
            "vq" => self.vq(raw),
            "oat" => self.oat(raw),
            "discrete_diffusion" => self.discrete_diffusion(raw),
            "e0" => self.e0(raw),
            "hybrid" => self.hybrid(raw),
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
        let tables = [
            ("flow", raw.flow.is_some()),
            ("diffusion", raw.diffusion.is_some()),
            ("bins", raw.bins.is_some()),
            ("fast", raw.fast.is_some()),
            ("vq", raw.vq.is_some()),
            ("oat", raw.oat.is_some()),
            ("discrete_diffusion", raw.discrete_diffusion.is_some()),
            ("e0", raw.e0.is_some()),
            ("hybrid", raw.hybrid.is_some()),
        ];
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

    fn discrete_diffusion(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.discrete_diffusion.as_ref()?;
        self.count("discrete_diffusion.rounds", raw.rounds, STEPS_MAX);
        self.bins("discrete_diffusion.bins", raw.bins);
        for (key, limit) in [("first", raw.remask_first), ("last", raw.remask_last)] {
            if !(0.0..=1.0).contains(&limit) {
                let key = format!("discrete_diffusion.remask_{key}");
                self.wrong(&key, format!("is {limit}"), "write a probability, 0 to 1");
            }
        }
        let (rounds, bins) = (raw.rounds, raw.bins);
        let (remask_first, remask_last) = (raw.remask_first, raw.remask_last);
        let choice = self.choice("discrete_diffusion.choice", &raw.choice)?;
        let parameters = DiscreteDiffusion { rounds, bins, remask_first, remask_last, choice };
        Some(Representation::DiscreteDiffusion(parameters))
    }

    fn e0(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.e0.as_ref()?;
        self.count("e0.steps", raw.steps, STEPS_MAX);
        self.bins("e0.bins", raw.bins);
        let noise = self.noise("e0.noise", &raw.noise);
        let choice = self.choice("e0.choice", &raw.choice);
        let (steps, bins) = (raw.steps, raw.bins);
        Some(Representation::E0(E0 { steps, bins, noise: noise?, choice: choice? }))
    }

    fn hybrid(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.hybrid.as_ref()?;
        let (steps, training_steps, bins) = (raw.steps, raw.training_steps, raw.bins);
        self.count("hybrid.training_steps", training_steps, TRAINING_STEPS_MAX);
        self.count("hybrid.steps", steps, training_steps.min(STEPS_MAX));
        self.bins("hybrid.bins", bins);
        let confidence_min = raw.confidence_min;
        if !(0.0..=1.0).contains(&confidence_min) {
            let problem = format!("is {confidence_min}");
            self.wrong("hybrid.confidence_min", problem, "write a probability, 0 to 1");
        }
        let noise = self.noise("hybrid.noise", &raw.noise);
        let choice = self.choice("hybrid.choice", &raw.choice)?;
        let parameters =
            Hybrid { steps, training_steps, noise: noise?, bins, confidence_min, choice };
        Some(Representation::Hybrid(parameters))
    }

    /// One bin says nothing.
    pub(super) fn bins(&mut self, key: &str, bins: u16) {
        if !(2..=BINS_MAX).contains(&bins) {
            self.wrong(key, format!("is {bins}"), &format!("write 2 to {BINS_MAX}"));
        }
    }

    fn binned(&mut self, raw: &RawManifest) -> Option<Representation> {
        let raw = raw.bins.as_ref()?;
        self.bins("bins.bins", raw.bins);
        let orders = [Order::Autoregressive, Order::Parallel];
        let order = orders.into_iter().find(|order| order.name() == raw.order);
        if order.is_none() {
            let mend = "write `autoregressive` or `parallel`";
            self.wrong("bins.order", format!("is `{}`", raw.order), mend);
        }
        let choice = self.choice("bins.choice", &raw.choice);
        Some(Representation::Bins(Bins { bins: raw.bins, order: order?, choice: choice? }))
    }

    fn fast(&mut self, raw: &RawManifest) -> Option<Representation> {
        let RawFast { files, scale, below_zero, tokens_max } = raw.fast.clone()?;
        self.one_file("fast.files", &files);
        if scale <= 0.0 {
            self.wrong("fast.scale", format!("is {scale}"), "write a number above zero");
        }
        if below_zero > BELOW_ZERO_MAX {
            let mend = format!("write at most {BELOW_ZERO_MAX}");
            self.wrong("fast.below_zero", format!("is {below_zero}"), &mend);
        }
        self.count("fast.tokens_max", tokens_max, TOKENS_MAX);
        Some(Representation::Fast(Fast { files, scale, below_zero, tokens_max }))
    }

    fn vq(&mut self, raw: &RawManifest) -> Option<Representation> {
        let files = raw.vq.as_ref()?.files.clone();
        self.one_file("vq.files", &files);
        Some(Representation::Vq(Vq { files }))
    }

    fn oat(&mut self, raw: &RawManifest) -> Option<Representation> {
        let RawOat { files, tokens } = raw.oat.clone()?;
        self.one_file("oat.files", &files);
        self.count("oat.tokens", tokens, TOKENS_MAX);
        Some(Representation::Oat(Oat { files, tokens }))
    }

    fn one_file(&mut self, key: &str, files: &[String]) {
        if files.len() != 1 {
            let mend = "name the tokenizer's file and no other";
            self.wrong(key, format!("has {} names", files.len()), mend);
        }
    }

    fn noise(&mut self, key: &str, name: &str) -> Option<Noise> {
        let found = [Noise::Held, Noise::Fresh].into_iter().find(|noise| noise.name() == name);
        if found.is_none() {
            self.wrong(key, format!("is `{name}`"), "write `held` or `fresh`");
        }
        found
    }

    fn choice(&mut self, key: &str, name: &str) -> Option<Choice> {
        let found = Choice::ALL.into_iter().find(|choice| choice.name() == name);
        if found.is_none() {
            let mend = "write `likeliest`, `median` or `drawn`";
            self.wrong(key, format!("is `{name}`"), mend);
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
        match &spec.representation {
            Representation::Regression => self.interface(manifest, "head", &condition, &chunk),
            Representation::Act => {
                let style = input(manifest, "head", "style");
                self.interface(manifest, "head", &[condition, vec![style]].concat(), &chunk);
            }
            Representation::Flow(_) | Representation::Diffusion(_) => {
                self.denoising(manifest, values);
            }
            Representation::Hybrid(Hybrid { bins, .. }) => {
                self.denoising(manifest, values);
                let context = output(manifest, "context");
                let window = input(manifest, "next", "tokens");
                let place = ("place".to_owned(), vec![1]);
                let logits = ("logits".to_owned(), vec![usize::from(*bins)]);
                self.interface(manifest, "next", &[context, window, place], &[logits]);
            }
            Representation::Bins(Bins { bins, order: Order::Parallel, .. }) => {
                let context = output(manifest, "context");
                self.interface(manifest, "context", &condition, std::slice::from_ref(&context));
                let logits = ("logits".to_owned(), vec![values * usize::from(*bins)]);
                self.interface(manifest, "tokens", &[context], &[logits]);
            }
            Representation::Bins(_)
            | Representation::Fast(_)
            | Representation::Vq(_)
            | Representation::Oat(_) => {
                let context = output(manifest, "context");
                self.interface(manifest, "context", &condition, std::slice::from_ref(&context));
                let tokens = input(manifest, "next", "tokens");
                let place = ("place".to_owned(), vec![1]);
                let outputs = manifest.network("next").and_then(|network| network.outputs.first());
                let logits = outputs.map_or_else(Vec::new, |output| output.shape.clone());
                let logits = ("logits".to_owned(), logits);
                self.interface(manifest, "next", &[context, tokens, place], &[logits]);
            }
            Representation::DiscreteDiffusion(DiscreteDiffusion { bins, .. }) => {
                let masked = ("tokens".to_owned(), vec![values]);
                self.codes(manifest, values * usize::from(*bins), &[masked]);
            }
            Representation::E0(E0 { bins, .. }) => {
                let logits = values * usize::from(*bins);
                let time = input(manifest, "tokens", "time");
                self.codes(manifest, logits, &[("noisy".to_owned(), vec![logits]), time]);
            }
        }
    }
}

impl Check<'_> {
    /// The networks of a head that takes noise out of a chunk.
    fn denoising(&mut self, manifest: &Manifest, values: usize) {
        let (condition, context) = (condition(manifest), output(manifest, "context"));
        self.interface(manifest, "context", &condition, std::slice::from_ref(&context));
        let noisy = ("noisy".to_owned(), vec![values]);
        let time = input(manifest, "denoiser", "time");
        let clean = ("clean".to_owned(), vec![values]);
        self.interface(manifest, "denoiser", &[context, noisy, time], &[clean]);
    }

    /// The networks of a head that says all codes at once, given what it knows of them.
    fn codes(&mut self, manifest: &Manifest, logits: usize, known: &[(String, Vec<usize>)]) {
        let context = output(manifest, "context");
        let condition = condition(manifest);
        self.interface(manifest, "context", &condition, std::slice::from_ref(&context));
        let inputs = [std::slice::from_ref(&context), known].concat();
        self.interface(manifest, "tokens", &inputs, &[("logits".to_owned(), vec![logits])]);
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
