"""Writes system2.onnx and system2.safetensors: a tiny System 2 with random weights, spelt a second
time in ONNX operators, independently of the Rust code.

Run: pip install numpy onnx safetensors && python make.py
"""
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save
from safetensors.numpy import save_file

PX, WORDS, TOKENS, DOF, WIDTH, HEADS, LATENT, KEYPOINTS = 16, 7, 4, 2, 8, 2, 3, 3
TOWER = [(4, 5, 2), (6, 3, 1)]  # channels, kernel, stride
random = np.random.default_rng(7)
weights, constants, nodes = {}, {}, []


def weight(name, *shape):
    fan = int(np.prod(shape[1:])) if len(shape) > 1 else 4
    weights[name] = (random.standard_normal(shape) / np.sqrt(fan)).astype(np.float32)
    return name


def constant(value, dtype=np.float32):
    name = f"constant{len(constants)}"
    constants[name] = np.asarray(value, dtype)
    return name


def node(kind, *inputs, output=None, **attributes):
    output = output or f"value{len(nodes)}"
    nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
    return output


def ints(*values):
    return constant(values, np.int64)


def linear(x, name, inputs, outputs):
    w = node("Transpose", weight(f"{name}.weight", outputs, inputs), perm=[1, 0])
    return node("Add", node("MatMul", x, w), weight(f"{name}.bias", outputs))


def norm(x, name):
    return node("LayerNormalization", x, weight(f"{name}.weight", WIDTH),
                weight(f"{name}.bias", WIDTH), axis=-1, epsilon=1e-5)


def heads(x, perm):
    split = node("Reshape", x, ints(1, -1, HEADS, WIDTH // HEADS))
    return node("Transpose", split, perm=perm)


def block(x, name):
    n = norm(x, f"{name}.norm1")
    q = heads(linear(n, f"{name}.q", WIDTH, WIDTH), [0, 2, 1, 3])
    k = heads(linear(n, f"{name}.k", WIDTH, WIDTH), [0, 2, 3, 1])
    v = heads(linear(n, f"{name}.v", WIDTH, WIDTH), [0, 2, 1, 3])
    scores = node("Mul", node("MatMul", q, k), constant(1 / np.sqrt(WIDTH / HEADS)))
    mixed = node("MatMul", node("Softmax", scores, axis=-1), v)
    mixed = node("Transpose", mixed, perm=[0, 2, 1, 3])
    mixed = node("Reshape", mixed, ints(1, -1, WIDTH))
    x = node("Add", x, linear(mixed, f"{name}.mix", WIDTH, WIDTH))
    hidden = node("Relu", linear(norm(x, f"{name}.norm2"), f"{name}.up", WIDTH, 2 * WIDTH))
    return node("Add", x, linear(hidden, f"{name}.down", 2 * WIDTH, WIDTH))


def conv(x, name, inputs, channels, kernel, stride):
    return node("Conv", x, weight(f"{name}.weight", channels, inputs, kernel, kernel),
                weight(f"{name}.bias", channels), strides=[stride] * 2, pads=[kernel // 2] * 4)


def tower(x, name, sentence):
    inputs, edge = 3, PX
    for index, (channels, kernel, stride) in enumerate(TOWER):
        x = conv(x, f"{name}.conv{index}", inputs, channels, kernel, stride)
        if index:
            both = linear(sentence, f"{name}.film{index}", WIDTH, 2 * channels)
            both = node("Reshape", both, ints(2, 1, channels, 1, 1))
            scale = node("Gather", both, constant(0, np.int64), axis=0)
            shift = node("Gather", both, constant(1, np.int64), axis=0)
            x = node("Add", node("Mul", x, node("Add", scale, constant(1))), shift)
        x = node("Relu", x)
        inputs, edge = channels, -(-edge // stride)
    x = conv(x, f"{name}.maps", inputs, KEYPOINTS, 1, 1)
    flat = node("Softmax", node("Reshape", x, ints(1, KEYPOINTS, edge * edge)), axis=-1)
    axis = np.linspace(-1, 1, edge)
    grid = np.stack([np.tile(axis, edge), np.repeat(axis, edge)], axis=1)
    return node("Reshape", node("MatMul", flat, constant(grid)), ints(1, 2 * KEYPOINTS))


def token(x):
    return node("Reshape", x, ints(1, 1, WIDTH))


words = node("Cast", "tokens", to=TensorProto.INT64)
words = node("Gather", weight("text.embedding.weight", WORDS, WIDTH), words, axis=0)
words = node("Add", words, weight("text.position.weight", TOKENS, WIDTH))
words = block(words, "text.block")
sentence = node("ReduceMean", words, axes=[1], keepdims=0)
points = tower("picture.front", "vision.front", sentence)
sequence = [token(linear(points, "token.front", 2 * KEYPOINTS, WIDTH)),
            token(linear("joints", "token.joints", DOF, WIDTH)), words, token(sentence)]
x = node("Add", node("Concat", *sequence, axis=1), weight("position.weight", TOKENS + 3, WIDTH))
x = block(x, "block0")
query = node("Gather", x, constant(TOKENS + 2, np.int64), axis=1)
seen = node("Concat", points, "joints", norm(query, "norm"), axis=1)
hidden = node("Relu", linear(seen, "readout", 2 * KEYPOINTS + DOF + WIDTH, 2 * WIDTH))
node("Tanh", linear(hidden, "latent", 2 * WIDTH, LATENT), output="latent")
node("Sigmoid", linear(hidden, "progress", 2 * WIDTH, 1), output="progress")


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, *shape])


graph = helper.make_graph(
    nodes, "system2",
    [value("picture.front", 3, PX, PX), value("tokens", TOKENS), value("joints", DOF)],
    [value("latent", LATENT), value("progress", 1)],
    [numpy_helper.from_array(v, k) for k, v in (weights | constants).items()])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
checker.check_model(model, full_check=True)
save(model, "system2.onnx")
save_file(weights, "system2.safetensors")
