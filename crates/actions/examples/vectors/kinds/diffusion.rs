//! `diffusion.json`.

use core::ops::ControlFlow;

use tandem_actions::{Ddim, Ddpm, NoiseSchedule};

use super::reason;
use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

fn noise_schedule(case: &Value) -> Result<NoiseSchedule, String> {
    NoiseSchedule::cosine(case.integer("num_train_timesteps")?).map_err(reason)
}

pub(super) fn schedule(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let schedule = noise_schedule(case)?;
    context.tolerance.near("beta", schedule.betas(), &case.numbers("beta")?)?;
    let cumulative = schedule.alphas_cumulative();
    context.tolerance.near("alpha_cumprod", cumulative, &case.numbers("alpha_cumprod")?)?;
    let ddpm = Ddpm::new(schedule.clone(), true);
    let variance: Vec<f64> = (0..schedule.steps()).map(|t| ddpm.variance(t)).collect();
    context.tolerance.near("ddpm_variance", &variance, &case.numbers("ddpm_variance")?)
}

pub(super) fn ddim(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let steps = case.integer("num_inference_steps")?;
    let ddim =
        Ddim::new(noise_schedule(case)?, steps, case.flag("clip_sample")?).map_err(reason)?;
    same("timesteps", &ddim.timesteps().collect::<Vec<_>>(), &case.integers("timesteps")?)?;
    let network = case.member("eps_model")?;
    let (a, b) = (network.number("a")?, network.number("b")?);

    // The first row of the trace is where it starts.
    let wanted = case.numbers("trace")?;
    let dims = wanted.len() / (steps + 1);
    let mut x = wanted.get(..dims).ok_or("an empty trace")?.to_vec();
    let mut scratch = vec![0.0; dims];
    let mut trace = Vec::new();
    ddim.sample(&mut x, &mut scratch, |x, _, noise| {
        trace.extend_from_slice(x);
        noise.iter_mut().zip(x).for_each(|(noise, x)| *noise = a * x + b);
        ControlFlow::Continue(())
    });
    trace.extend(x);
    context.tolerance.near("trace", &trace, &wanted)
}

pub(super) fn ddpm_step(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let ddpm = Ddpm::new(noise_schedule(case)?, case.flag("clip_sample")?);
    let t = case.integer("t")?;
    let (mut x, noise) = (case.numbers("x")?, case.numbers("eps")?);
    let clean: Vec<f64> =
        x.iter().zip(&noise).map(|(x, noise)| ddpm.clean(t, *x, *noise)).collect();
    context.tolerance.near("x0", &clean, &case.numbers("x0")?)?;
    ddpm.mean(t, &noise, &mut x);
    context.tolerance.near("mean", &x, &case.numbers("mean")?)?;
    context.tolerance.near("variance", &[ddpm.variance(t)], &[case.number("variance")?])?;
    same("adds_noise", &Ddpm::adds_noise(t), &case.flag("adds_noise")?)
}

pub(super) fn add_noise(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let sample = case.numbers("x0")?;
    let mut noisy = sample.clone();
    noise_schedule(case)?.add_noise(case.integer("t")?, &sample, &case.numbers("eps")?, &mut noisy);
    context.tolerance.near("x_t", &noisy, &case.numbers("x_t")?)
}
