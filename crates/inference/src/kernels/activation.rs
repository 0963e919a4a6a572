//! What follows a layer.

use tandem_networks::Activation;

/// Adds `bias` and applies the activation, in place.
pub(crate) fn apply(activation: Activation, bias: f32, x: &mut [f32]) {
    match activation {
        Activation::None => x.iter_mut().for_each(|x| *x += bias),
        Activation::Relu => x.iter_mut().for_each(|x| *x = relu(*x + bias)),
        Activation::Tanh => x.iter_mut().for_each(|x| *x = (*x + bias).tanh()),
        Activation::Sigmoid => x.iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-(*x + bias)).exp())),
    }
}

/// Turns the gradient of the layer's output into that of what the activation was given; `output`
/// is enough to know the slope.
pub(crate) fn gradient(activation: Activation, output: &[f32], grad: &[f32], into: &mut [f32]) {
    let slopes = into.iter_mut().zip(output).zip(grad);
    match activation {
        Activation::None => into.copy_from_slice(grad),
        Activation::Relu => slopes.for_each(|((d, y), g)| *d = if *y > 0.0 { *g } else { 0.0 }),
        Activation::Tanh => slopes.for_each(|((d, y), g)| *d = g * (1.0 - y * y)),
        Activation::Sigmoid => slopes.for_each(|((d, y), g)| *d = g * y * (1.0 - y)),
    }
}

/// `max(x, 0)` that lets NaN through (`f32::max` would hide it).
#[inline(always)]
pub(crate) fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}
