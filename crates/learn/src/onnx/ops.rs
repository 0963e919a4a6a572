//! [`Ops`] that computes nothing and records an ONNX graph.

use std::collections::BTreeMap;

use tandem_inference::keypoint_axis;
use tandem_networks::{Activation, Conv, Ops, ShapeOps};

use super::RecordError;
use super::graph::{Attribute, Graph, dimension};

/// Added to a variance before its root, as the [`Ops`] contract fixes it.
const LAYER_NORM_EPSILON: f32 = 1e-5;

/// A value of the recorded graph.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
}

/// Records what a network asks for; shapes are followed by [`ShapeOps`].
pub(super) struct OnnxOps<'a> {
    pub(super) graph: Graph,
    shapes: ShapeOps,
    weights: &'a BTreeMap<String, Vec<f32>>,
}

impl<'a> OnnxOps<'a> {
    pub(super) fn new(weights: &'a BTreeMap<String, Vec<f32>>) -> Self {
        Self { graph: Graph::default(), shapes: ShapeOps::default(), weights }
    }

    fn weight(&self, name: &str, shape: &[usize]) -> Result<&'a [f32], RecordError> {
        let values = self.weights.get(name).ok_or_else(|| RecordError::Missing(name.to_owned()))?;
        if values.len() != shape.iter().product::<usize>() {
            let (name, shape) = (name.to_owned(), shape.to_vec());
            return Err(RecordError::Size { name, shape, values: values.len() });
        }
        Ok(values)
    }

    fn parameter(&mut self, name: &str, shape: &[usize]) -> Result<String, RecordError> {
        let values = self.weight(name, shape)?;
        Ok(self.graph.constant(name, shape, values))
    }

    /// The weight `[rows, columns]` as `[columns, rows]`, as `MatMul` on sequences wants it.
    fn transposed(
        &mut self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<String, RecordError> {
        let values = self.weight(name, &[rows, columns])?;
        let at = |column: usize| values.iter().copied().skip(column).step_by(columns);
        let turned: Vec<f32> = (0..columns).flat_map(at).collect();
        Ok(self.graph.constant(&format!("{name}.transposed"), &[columns, rows], &turned))
    }

    fn activate(&mut self, name: String, activation: Activation) -> String {
        let op = match activation {
            Activation::None => return name,
            Activation::Relu => "Relu",
            Activation::Tanh => "Tanh",
            Activation::Sigmoid => "Sigmoid",
        };
        self.graph.node(op, &[&name], &[])
    }

    fn shaped(&mut self, name: &str, shape: &[usize]) -> String {
        let shape: Vec<i64> = shape.iter().map(|&n| dimension(n)).collect();
        let shape = self.graph.whole_numbers(&shape);
        self.graph.node("Reshape", &[name, &shape], &[])
    }

    fn transpose(&mut self, name: &str, order: &[i64]) -> String {
        self.graph.node("Transpose", &[name], &[("perm", Attribute::Ints(order))])
    }

    fn mean(&mut self, name: &str, axes: &[i64]) -> String {
        let attributes = [("axes", Attribute::Ints(axes)), ("keepdims", Attribute::Int(0))];
        self.graph.node("ReduceMean", &[name], &attributes)
    }

    fn unsqueeze(&mut self, name: &str, axes: &[i64]) -> String {
        let axes = self.graph.whole_numbers(axes);
        self.graph.node("Unsqueeze", &[name, &axes], &[])
    }

    fn softmax(&mut self, name: &str) -> String {
        self.graph.node("Softmax", &[name], &[("axis", Attribute::Int(-1))])
    }

    fn join(&mut self, names: &[String]) -> String {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.graph.node("Concat", &names, &[("axis", Attribute::Int(1))])
    }
}

impl Ops for OnnxOps<'_> {
    type Tensor = Value;
    type Error = RecordError;

    fn conv2d(&mut self, x: &Value, name: &str, conv: Conv) -> Result<Value, RecordError> {
        let shape = self.shapes.conv2d(&x.shape, name, conv)?;
        let channels_in = x.shape.get(1).copied().unwrap_or(0);
        let kernel = conv.kernel;
        let weight = [conv.channels, channels_in, kernel, kernel];
        let weight = self.parameter(&format!("{name}.weight"), &weight)?;
        let bias = self.parameter(&format!("{name}.bias"), &[conv.channels])?;
        let (kernel, stride) = (dimension(kernel), dimension(conv.stride));
        let attributes = [
            ("kernel_shape", Attribute::Ints(&[kernel; 2])),
            ("strides", Attribute::Ints(&[stride; 2])),
            ("pads", Attribute::Ints(&[kernel / 2; 4])),
        ];
        let y = self.graph.node("Conv", &[&x.name, &weight, &bias], &attributes);
        Ok(Value { name: self.activate(y, conv.activation), shape })
    }

    fn linear(
        &mut self,
        x: &Value,
        name: &str,
        outputs: usize,
        activation: Activation,
    ) -> Result<Value, RecordError> {
        let shape = self.shapes.linear(&x.shape, name, outputs, activation)?;
        let width = x.shape.last().copied().unwrap_or(0);
        let (weight_name, bias_name) = (format!("{name}.weight"), format!("{name}.bias"));
        let bias = self.parameter(&bias_name, &[outputs])?;
        let y = if x.shape.len() == 2 {
            let weight = self.parameter(&weight_name, &[outputs, width])?;
            let transposed = [("transB", Attribute::Int(1))];
            self.graph.node("Gemm", &[&x.name, &weight, &bias], &transposed)
        } else {
            let weight = self.transposed(&weight_name, outputs, width)?;
            let product = self.graph.node("MatMul", &[&x.name, &weight], &[]);
            self.graph.node("Add", &[&product, &bias], &[])
        };
        Ok(Value { name: self.activate(y, activation), shape })
    }

    fn film_relu(&mut self, x: &Value, scale_shift: &Value) -> Result<Value, RecordError> {
        let shape = self.shapes.film_relu(&x.shape, &scale_shift.shape)?;
        let axis = [("axis", Attribute::Int(1))];
        let (scale, shift) = self.graph.node_pair("Split", &[&scale_shift.name], &axis);
        let (scale, shift) = (self.unsqueeze(&scale, &[2, 3]), self.unsqueeze(&shift, &[2, 3]));
        let one = self.graph.constant("one", &[1], &[1.0]);
        let gain = self.graph.node("Add", &[&scale, &one], &[]);
        let scaled = self.graph.node("Mul", &[&x.name, &gain], &[]);
        let shifted = self.graph.node("Add", &[&scaled, &shift], &[]);
        Ok(Value { name: self.graph.node("Relu", &[&shifted], &[]), shape })
    }

    fn spatial_softmax(&mut self, x: &Value) -> Result<Value, RecordError> {
        let shape = self.shapes.spatial_softmax(&x.shape)?;
        let [batch, channels, height, width] = x.shape[..] else {
            return Err(RecordError::Missing("picture".to_owned()));
        };
        let flat = self.shaped(&x.name, &[batch, channels, height * width]);
        let weights = self.softmax(&flat);
        let (columns, rows) = (keypoint_axis(width), keypoint_axis(height));
        let row = |&y: &f32| columns.iter().flat_map(move |&x| [x, y]).collect::<Vec<_>>();
        let grid: Vec<f32> = rows.iter().flat_map(row).collect();
        let name = format!("grid.{height}x{width}");
        let grid = self.graph.constant(&name, &[height * width, 2], &grid);
        let places = self.graph.node("MatMul", &[&weights, &grid], &[]);
        Ok(Value { name: self.shaped(&places, &shape), shape })
    }

    fn mean_picture(&mut self, x: &Value) -> Result<Value, RecordError> {
        let shape = self.shapes.mean_picture(&x.shape)?;
        Ok(Value { name: self.mean(&x.name, &[2, 3]), shape })
    }

    fn embedding(
        &mut self,
        ids: &Value,
        name: &str,
        words: usize,
        width: usize,
    ) -> Result<Value, RecordError> {
        let shape = self.shapes.embedding(&ids.shape, name, words, width)?;
        let table = self.parameter(&format!("{name}.weight"), &[words, width])?;
        let whole = [("to", Attribute::Int(i64::from(super::proto::INT64)))];
        let ids = self.graph.node("Cast", &[&ids.name], &whole);
        Ok(Value { name: self.graph.node("Gather", &[&table, &ids], &[]), shape })
    }

    fn add_learned(&mut self, x: &Value, name: &str) -> Result<Value, RecordError> {
        let shape = self.shapes.add_learned(&x.shape, name)?;
        let learned = self.parameter(&format!("{name}.weight"), x.shape.get(1..).unwrap_or(&[]))?;
        Ok(Value { name: self.graph.node("Add", &[&x.name, &learned], &[]), shape })
    }

    fn layer_norm(&mut self, x: &Value, name: &str) -> Result<Value, RecordError> {
        let shape = self.shapes.layer_norm(&x.shape, name)?;
        let width = x.shape.last().copied().unwrap_or(0);
        let weight = self.parameter(&format!("{name}.weight"), &[width])?;
        let bias = self.parameter(&format!("{name}.bias"), &[width])?;
        let attributes =
            [("axis", Attribute::Int(-1)), ("epsilon", Attribute::Float(LAYER_NORM_EPSILON))];
        let name = self.graph.node("LayerNormalization", &[&x.name, &weight, &bias], &attributes);
        Ok(Value { name, shape })
    }

    fn attention(
        &mut self,
        q: &Value,
        k: &Value,
        v: &Value,
        heads: usize,
    ) -> Result<Value, RecordError> {
        let shape = self.shapes.attention(&q.shape, &k.shape, &v.shape, heads)?;
        let [batch, length, width] = shape[..] else {
            return Err(RecordError::Missing("attention".to_owned()));
        };
        let depth = width / heads;
        let split = [batch, length, heads, depth];
        let [q, k, v] = [q, k, v].map(|x| self.shaped(&x.name, &split));
        let (q, v) = (self.transpose(&q, &[0, 2, 1, 3]), self.transpose(&v, &[0, 2, 1, 3]));
        let k = self.transpose(&k, &[0, 2, 3, 1]);
        let scores = self.graph.node("MatMul", &[&q, &k], &[]);
        let scale = 1.0 / (depth as f32).sqrt();
        let scale = self.graph.constant(&format!("attention.scale.{depth}"), &[1], &[scale]);
        let scores = self.graph.node("Mul", &[&scores, &scale], &[]);
        let weights = self.softmax(&scores);
        let mixed = self.graph.node("MatMul", &[&weights, &v], &[]);
        let mixed = self.transpose(&mixed, &[0, 2, 1, 3]);
        Ok(Value { name: self.shaped(&mixed, &shape), shape })
    }

    fn add(&mut self, a: &Value, b: &Value) -> Result<Value, RecordError> {
        let shape = self.shapes.add(&a.shape, &b.shape)?;
        Ok(Value { name: self.graph.node("Add", &[&a.name, &b.name], &[]), shape })
    }

    fn concat(&mut self, parts: &[Value]) -> Result<Value, RecordError> {
        let shapes: Vec<_> = parts.iter().map(|part| part.shape.clone()).collect();
        let shape = self.shapes.concat(&shapes)?;
        let names: Vec<_> = parts.iter().map(|part| part.name.clone()).collect();
        Ok(Value { name: self.join(&names), shape })
    }

    fn concat_tokens(&mut self, parts: &[Value]) -> Result<Value, RecordError> {
        let shapes: Vec<_> = parts.iter().map(|part| part.shape.clone()).collect();
        let shape = self.shapes.concat_tokens(&shapes)?;
        let mut names = Vec::with_capacity(parts.len());
        for part in parts {
            names.push(match part.shape.len() {
                2 => self.unsqueeze(&part.name, &[1]),
                _ => part.name.clone(),
            });
        }
        Ok(Value { name: self.join(&names), shape })
    }

    fn token(&mut self, x: &Value, index: usize) -> Result<Value, RecordError> {
        let shape = self.shapes.token(&x.shape, index)?;
        let index = self.graph.whole_numbers(&[dimension(index)]);
        let taken = self.graph.node("Gather", &[&x.name, &index], &[("axis", Attribute::Int(1))]);
        Ok(Value { name: self.shaped(&taken, &shape), shape })
    }

    fn mean_tokens(&mut self, x: &Value) -> Result<Value, RecordError> {
        let shape = self.shapes.mean_tokens(&x.shape)?;
        Ok(Value { name: self.mean(&x.name, &[1]), shape })
    }

    fn reshape(&mut self, x: &Value, shape: &[usize]) -> Result<Value, RecordError> {
        let shape = self.shapes.reshape(&x.shape, shape)?;
        Ok(Value { name: self.shaped(&x.name, &shape), shape })
    }
}
