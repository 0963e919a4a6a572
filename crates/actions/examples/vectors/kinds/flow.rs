//! `flow.json`.

use core::ops::ControlFlow;

use tandem_actions::flow::{self, interpolate, velocity_target};

use crate::json::Value;
use crate::run::Context;

pub(super) fn euler(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let velocity = case.member("velocity")?;
    let (a, b, c) = (velocity.numbers("A")?, velocity.numbers("b")?, velocity.numbers("c")?);
    let mut x = case.numbers("noise")?;
    let dims = x.len();
    let (mut trace, mut times) = (Vec::new(), Vec::new());
    let steps = case.integer("num_steps")?;
    flow::euler(steps, &mut x, &mut vec![0.0; dims], |x, t, v| {
        trace.extend_from_slice(x);
        times.push(t);
        for (i, v) in v.iter_mut().enumerate() {
            let row = a.iter().skip(i * dims).zip(x);
            *v = row.map(|(a, x)| a * x).sum::<f64>() + b[i] + c[i] * t;
        }
        ControlFlow::Continue(())
    });
    trace.extend(x);
    context.tolerance.near("times", &times, &case.numbers("times")?)?;
    context.tolerance.near("trace", &trace, &case.numbers("trace")?)
}

pub(super) fn oracle(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let (action, noise) = (case.numbers("action")?, case.numbers("noise")?);
    let mut velocity = noise.clone();
    velocity_target(&action, &noise, &mut velocity);
    context.tolerance.near("velocity", &velocity, &case.numbers("velocity")?)?;
    let (mut x, mut scratch) = (noise.clone(), noise);
    flow::euler(case.integer("num_steps")?, &mut x, &mut scratch, |_, _, v| {
        v.copy_from_slice(&velocity);
        ControlFlow::Continue(())
    });
    context.tolerance.near("result", &x, &case.numbers("result")?)
}

pub(super) fn interpolation(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let (action, noise) = (case.numbers("action")?, case.numbers("noise")?);
    let mut point = action.clone();
    interpolate(case.number("t")?, &action, &noise, &mut point);
    context.tolerance.near("x_t", &point, &case.numbers("x_t")?)?;
    velocity_target(&action, &noise, &mut point);
    context.tolerance.near("velocity_target", &point, &case.numbers("velocity_target")?)
}
