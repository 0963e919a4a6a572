//! Runs a network on shapes alone: finds its parameters and the first layer that does not fit.

use crate::ops::{Activation, Conv, Ops};

/// The most numbers one parameter may hold: 64 Mi, a bound against absurd manifests.
pub const PARAMETER_ELEMENTS_MAX: usize = 1 << 26;

/// How a parameter starts before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Uniform in `+- sqrt(6 / inputs)`, for layers with ReLU behind them (He et al. 2015).
    Relu {
        /// Numbers that feed one output.
        inputs: usize,
    },
    /// Uniform in `+- sqrt(3 / inputs)`, for layers with nothing behind them.
    Linear {
        /// Numbers that feed one output.
        inputs: usize,
    },
    /// Normal with this standard deviation.
    Normal(f32),
    /// All this.
    Constant(f32),
}

/// One weight of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name within the network, e.g. `vision.front.conv0.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How it starts.
    pub init: Init,
}

/// Sizes that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A layer was given a tensor it cannot take.
    #[error("layer `{layer}` cannot take a tensor of shape {shape:?}: it needs {needs}")]
    Layer {
        /// Its name, or that of the operation.
        layer: String,
        /// The shape it was given, batch first.
        shape: Vec<usize>,
        /// What it would take.
        needs: &'static str,
    },
    /// A parameter is larger than [`PARAMETER_ELEMENTS_MAX`], or empty.
    #[error("parameter `{name}` of shape {shape:?} is empty or too large; mend its sizes")]
    Size {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The outputs are not what the signature promises.
    #[error("the network gives {found:?} where its signature promises {promised:?}")]
    Outputs {
        /// Shapes promised.
        promised: Vec<Vec<usize>>,
        /// Shapes found.
        found: Vec<Vec<usize>>,
    },
}

/// [`Ops`] on shapes.
#[derive(Default)]
pub struct ShapeOps {
    parameters: Vec<Parameter>,
}

type Shape = Vec<usize>;

impl ShapeOps {
    /// The parameters met, in the order met.
    #[must_use]
    pub fn into_parameters(self) -> Vec<Parameter> {
        self.parameters
    }

    fn parameter(&mut self, name: String, shape: &[usize], init: Init) -> Result<(), ShapeError> {
        let elements = shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
        if elements.is_none_or(|n| n == 0 || n > PARAMETER_ELEMENTS_MAX) {
            return Err(ShapeError::Size { name, shape: shape.to_vec() });
        }
        self.parameters.push(Parameter { name, shape: shape.to_vec(), init });
        Ok(())
    }

    fn layer(
        &mut self,
        name: &str,
        weight: &[usize],
        inputs: usize,
        activation: Activation,
    ) -> Result<(), ShapeError> {
        let init = match activation {
            Activation::Relu => Init::Relu { inputs },
            _ => Init::Linear { inputs },
        };
        let outputs = weight.first().copied().unwrap_or(0);
        self.parameter(format!("{name}.weight"), weight, init)?;
        self.parameter(format!("{name}.bias"), &[outputs], Init::Constant(0.0))
    }
}

impl Ops for ShapeOps {
    type Tensor = Shape;
    type Error = ShapeError;

    fn conv2d(&mut self, x: &Shape, name: &str, conv: Conv) -> Result<Shape, ShapeError> {
        let [b, c, h, w] = dims(x, name, "[batch, channels, height, width]")?;
        let Conv { channels, kernel, stride, activation } = conv;
        if kernel % 2 == 0 || stride == 0 {
            return Err(misfit(name, x, "an odd kernel and a stride of at least one"));
        }
        let weight = [channels, c, kernel, kernel];
        self.layer(name, &weight, c.saturating_mul(kernel * kernel), activation)?;
        Ok(vec![b, channels, h.div_ceil(stride), w.div_ceil(stride)])
    }

    fn linear(
        &mut self,
        x: &Shape,
        name: &str,
        outputs: usize,
        activation: Activation,
    ) -> Result<Shape, ShapeError> {
        let (&width, lead) = x.split_last().ok_or_else(|| misfit(name, x, "at least one axis"))?;
        self.layer(name, &[outputs, width], width, activation)?;
        Ok([lead, &[outputs]].concat())
    }

    fn film_relu(&mut self, x: &Shape, scale_shift: &Shape) -> Result<Shape, ShapeError> {
        let [b, c, _, _] = dims(x, "film", "[batch, channels, height, width]")?;
        if *scale_shift != [b, 2 * c] {
            return Err(misfit("film", scale_shift, "[batch, 2 * channels]"));
        }
        Ok(x.clone())
    }

    fn spatial_softmax(&mut self, x: &Shape) -> Result<Shape, ShapeError> {
        let [b, c, _, _] = dims(x, "spatial softmax", "[batch, channels, height, width]")?;
        Ok(vec![b, 2 * c])
    }

    fn mean_picture(&mut self, x: &Shape) -> Result<Shape, ShapeError> {
        let [b, c, _, _] = dims(x, "mean", "[batch, channels, height, width]")?;
        Ok(vec![b, c])
    }

    fn embedding(
        &mut self,
        ids: &Shape,
        name: &str,
        words: usize,
        width: usize,
    ) -> Result<Shape, ShapeError> {
        let [b, l] = dims(ids, name, "[batch, tokens]")?;
        self.parameter(format!("{name}.weight"), &[words, width], Init::Normal(0.5))?;
        Ok(vec![b, l, width])
    }

    fn add_learned(&mut self, x: &Shape, name: &str) -> Result<Shape, ShapeError> {
        let [_, l, d] = dims(x, name, "[batch, tokens, width]")?;
        self.parameter(format!("{name}.weight"), &[l, d], Init::Normal(0.1))?;
        Ok(x.clone())
    }

    fn layer_norm(&mut self, x: &Shape, name: &str) -> Result<Shape, ShapeError> {
        let width = *x.last().ok_or_else(|| misfit(name, x, "at least one axis"))?;
        self.parameter(format!("{name}.weight"), &[width], Init::Constant(1.0))?;
        self.parameter(format!("{name}.bias"), &[width], Init::Constant(0.0))?;
        Ok(x.clone())
    }

    fn attention(
        &mut self,
        q: &Shape,
        k: &Shape,
        v: &Shape,
        heads: usize,
    ) -> Result<Shape, ShapeError> {
        let [_, _, width] = dims(q, "attention", "[batch, tokens, width]")?;
        if q != k || k != v || heads == 0 || width % heads != 0 {
            return Err(misfit("attention", q, "equal q, k, v and a width that heads divide"));
        }
        Ok(q.clone())
    }

    fn add(&mut self, a: &Shape, b: &Shape) -> Result<Shape, ShapeError> {
        if a != b {
            return Err(misfit("add", b, "two tensors of one shape"));
        }
        Ok(a.clone())
    }

    fn concat(&mut self, parts: &[Shape]) -> Result<Shape, ShapeError> {
        let mut sum = 0;
        let mut batch = 1;
        for part in parts {
            let [b, d] = dims(part, "concat", "[batch, width]")?;
            batch = b;
            sum += d;
        }
        Ok(vec![batch, sum])
    }

    fn concat_tokens(&mut self, parts: &[Shape]) -> Result<Shape, ShapeError> {
        let mut out = vec![1, 0, 0];
        for part in parts {
            let (b, l, d) = match part[..] {
                [b, d] => (b, 1, d),
                [b, l, d] => (b, l, d),
                _ => return Err(misfit("concat tokens", part, "[batch, width] or tokens of it")),
            };
            if out[2] != 0 && out[2] != d {
                return Err(misfit("concat tokens", part, "tokens of one width"));
            }
            out = vec![b, out[1] + l, d];
        }
        Ok(out)
    }

    fn token(&mut self, x: &Shape, index: usize) -> Result<Shape, ShapeError> {
        let [b, l, d] = dims(x, "token", "[batch, tokens, width]")?;
        if index >= l {
            return Err(misfit("token", x, "a sequence longer than the index"));
        }
        Ok(vec![b, d])
    }

    fn mean_tokens(&mut self, x: &Shape) -> Result<Shape, ShapeError> {
        let [b, _, d] = dims(x, "mean tokens", "[batch, tokens, width]")?;
        Ok(vec![b, d])
    }

    fn reshape(&mut self, x: &Shape, shape: &[usize]) -> Result<Shape, ShapeError> {
        let needs = "as many numbers as the new shape, behind a batch";
        let (batch, rest) = x.split_first().ok_or_else(|| misfit("reshape", x, needs))?;
        // Sizes are bounded, but a manifest may ask for a product that is not.
        let count = |sides: &[usize]| sides.iter().try_fold(1_usize, |n, &it| n.checked_mul(it));
        if count(rest).is_none() || count(rest) != count(shape) {
            return Err(misfit("reshape", x, needs));
        }
        Ok([&[*batch], shape].concat())
    }
}

fn dims<const N: usize>(
    shape: &[usize],
    layer: &str,
    needs: &'static str,
) -> Result<[usize; N], ShapeError> {
    shape.try_into().map_err(|_wrong_rank| misfit(layer, shape, needs))
}

fn misfit(layer: &str, shape: &[usize], needs: &'static str) -> ShapeError {
    ShapeError::Layer { layer: layer.into(), shape: shape.to_vec(), needs }
}

#[cfg(test)]
mod tests {
    use crate::{Architecture, ShapeError, System1Encoder, System2, Tower, TowerLayer};

    fn tower() -> Tower {
        let layer = |channels, stride| TowerLayer { channels, kernel: 3, stride };
        Tower { layers: vec![layer(16, 2), layer(32, 2), layer(32, 1)], keypoints: 16 }
    }

    fn system2(heads: usize) -> Architecture {
        Architecture::System2(System2 {
            cameras: vec!["front".into(), "wrist".into()],
            height_px: 96,
            width_px: 96,
            towers: vec![tower(), tower()],
            words: 50,
            tokens_max: 12,
            dof: 6,
            width: 64,
            heads,
            blocks: 2,
            latent: 32,
        })
    }

    #[test]
    fn system2_fits_together() {
        let parameters = system2(4).parameters().unwrap();
        let film = parameters.iter().find(|p| p.name == "vision.wrist.film1.weight").unwrap();
        assert_eq!(film.shape, [64, 64]);
        let position = parameters.iter().find(|p| p.name == "position.weight").unwrap();
        assert_eq!(position.shape, [2 + 1 + 12 + 1, 64]);
    }

    #[test]
    fn heads_that_do_not_divide_the_width_are_named() {
        let error = system2(5).parameters().unwrap_err();
        assert!(matches!(error, ShapeError::Layer { ref layer, .. } if layer == "attention"));
    }

    #[test]
    fn a_tower_without_channels_is_refused() {
        let mut tower = tower();
        tower.layers[1].channels = 0;
        let encoder = Architecture::System1Encoder(System1Encoder {
            cameras: vec!["front".into()],
            height_px: 96,
            width_px: 96,
            tower,
        });
        let error = encoder.parameters().unwrap_err();
        assert!(error.to_string().contains("front.conv1.weight"), "{error}");
    }
}
