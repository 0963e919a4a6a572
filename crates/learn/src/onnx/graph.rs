//! A graph under construction: nodes in order, and the constants they use.

use std::collections::BTreeSet;

use half::f16;
use tandem_networks::TensorSpec;

use super::proto::{
    ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_INTS, AttributeProto, DimensionProto, FLOAT, FLOAT16,
    GraphProto, INT64, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The first opset with `LayerNormalization`; ONNX Runtime reads it since 1.12.
const OPSET: i64 = 17;
/// The IR version that came with that opset (onnx 1.12).
const IR_VERSION: i64 = 8;

/// An attribute of a node.
pub(super) enum Attribute<'a> {
    Float(f32),
    Int(i64),
    Ints(&'a [i64]),
}

/// Nodes and constants, each value with a name of its own.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    named: BTreeSet<String>,
}

impl Graph {
    /// Adds a node with one output and returns that output's name.
    pub(super) fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) -> String {
        let output = format!("{}_{}", op.to_lowercase(), self.nodes.len());
        self.push(op, inputs, vec![output.clone()], attributes);
        output
    }

    /// Adds a node with two outputs.
    pub(super) fn node_pair(
        &mut self,
        op: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) -> (String, String) {
        let name = format!("{}_{}", op.to_lowercase(), self.nodes.len());
        let (first, second) = (format!("{name}_0"), format!("{name}_1"));
        self.push(op, inputs, vec![first.clone(), second.clone()], attributes);
        (first, second)
    }

    /// Gives the value `from` the name `to`.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        self.push("Identity", &[from], vec![to.to_owned()], &[]);
    }

    fn push(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: Vec<String>,
        attributes: &[(&str, Attribute<'_>)],
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output,
            name: Some(format!("node_{}", self.nodes.len())),
            op_type: Some(op.to_owned()),
            attribute: attributes.iter().map(|(name, value)| attribute(name, value)).collect(),
        });
    }

    /// A constant of `f32` values under `name`, and the name to use it by.
    ///
    /// Values that 16 bits hold exactly are stored in 16 bits and cast when the model is loaded
    /// (ONNX Runtime folds the cast), which halves the file of a bundle with `f16` weights.
    pub(super) fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let cast_name = format!("{name}.f32");
        if self.named.contains(&cast_name) {
            return cast_name;
        }
        if !self.named.insert(name.to_owned()) {
            return name.to_owned();
        }
        // Small constants are not worth a node.
        let exact = values.len() >= 64 && values.iter().all(|&x| same(f16::from_f32(x), x));
        if !exact {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.store(name, shape, FLOAT, bytes);
            return name.to_owned();
        }
        let bytes = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        self.store(name, shape, FLOAT16, bytes);
        let to = [("to", Attribute::Int(i64::from(FLOAT)))];
        self.push("Cast", &[name], vec![cast_name.clone()], &to);
        self.named.insert(cast_name.clone());
        cast_name
    }

    /// A constant list of whole numbers, for shapes and axes.
    pub(super) fn whole_numbers(&mut self, values: &[i64]) -> String {
        let spelled: Vec<_> = values.iter().map(ToString::to_string).collect();
        let name = format!("int64[{}]", spelled.join(","));
        if self.named.insert(name.clone()) {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.store(&name, &[values.len()], INT64, bytes);
        }
        name
    }

    fn store(&mut self, name: &str, shape: &[usize], data_type: i32, raw_data: Vec<u8>) {
        self.constants.push(TensorProto {
            dims: shape.iter().map(|&n| dimension(n)).collect(),
            data_type: Some(data_type),
            name: Some(name.to_owned()),
            raw_data: Some(raw_data),
        });
    }

    /// The finished model.
    pub(super) fn into_model(
        self,
        name: &str,
        inputs: &[TensorSpec],
        outputs: &[TensorSpec],
    ) -> ModelProto {
        let opset = OperatorSetIdProto { domain: Some(String::new()), version: Some(OPSET) };
        ModelProto {
            ir_version: Some(IR_VERSION),
            producer_name: Some("tandem".to_owned()),
            producer_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            graph: Some(GraphProto {
                node: self.nodes,
                name: Some(name.to_owned()),
                initializer: self.constants,
                input: inputs.iter().map(value_info).collect(),
                output: outputs.iter().map(value_info).collect(),
            }),
            opset_import: vec![opset],
        }
    }
}

/// A size as ONNX counts; sizes here are bounded far below the limit of `i64`.
pub(super) fn dimension(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn same(half: f16, single: f32) -> bool {
    half.to_f32().to_bits() == single.to_bits()
}

fn attribute(name: &str, value: &Attribute<'_>) -> AttributeProto {
    let mut proto = AttributeProto { name: Some(name.to_owned()), ..AttributeProto::default() };
    match *value {
        Attribute::Float(f) => (proto.f, proto.r#type) = (Some(f), Some(ATTRIBUTE_FLOAT)),
        Attribute::Int(i) => (proto.i, proto.r#type) = (Some(i), Some(ATTRIBUTE_INT)),
        Attribute::Ints(ints) => {
            (proto.ints, proto.r#type) = (ints.to_vec(), Some(ATTRIBUTE_INTS));
        }
    }
    proto
}

/// A graph input or output: `f32`, its batch fixed to one.
fn value_info(spec: &TensorSpec) -> ValueInfoProto {
    let batch = [1];
    let shape = batch.iter().chain(&spec.shape);
    let dim = shape.map(|&n| DimensionProto { dim_value: Some(dimension(n)) }).collect();
    let tensor_type =
        TensorTypeProto { elem_type: Some(FLOAT), shape: Some(TensorShapeProto { dim }) };
    let r#type = Some(TypeProto { tensor_type: Some(tensor_type) });
    ValueInfoProto { name: Some(spec.name.clone()), r#type }
}
