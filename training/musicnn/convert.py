"""Converts the weights of PyPI's musicnn 0.1.0 (trained on the Million Song Dataset) to ONNX.

    python3 -m venv .cache/venv-musicnn
    .cache/venv-musicnn/bin/pip install numpy==2.4.6 onnx==1.23.2
    pip download --no-deps musicnn==0.1.0 --dest .cache
    .cache/venv-musicnn/bin/python training/musicnn/convert.py .cache/musicnn-0.1.0-py3-none-any.whl models/musicnn.onnx

The graph is the one of `musicnn/models.py` in the wheel (`build_musicnn`, in inference: no dropout, batch normalisation with
its moving averages): musically motivated convolutions over 3 s, three residual convolutions over time, pooling, two dense
layers. Input `mel` [N, 187, 96], outputs `tags` [N, 50] and `embedding` [N, 200] (the layer before the last).

`--check REFERENCE.onnx IO.npz` compares with another conversion: equal weights, and logits of a stored input (needs
onnxruntime==1.32.0 too).
"""

import argparse
import hashlib
import json
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import checkpoint

WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
FRAMES, MELS, TAGS, UNITS = 187, 96, 50, 200
EPSILON = 1e-3  # of tf.layers.batch_normalization
LICENCE = "ISC, (c) Music Technology Group, Universitat Pompeu Fabra 2019, Jordi Pons; weights converted from PyPI musicnn 0.1.0"


def unpack(wheel, folder):
    """Extracts the model's folder; returns it with the names of the tags."""
    digest = hashlib.sha256(Path(wheel).read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: SHA-256 is {digest}, not that of musicnn 0.1.0")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [n for n in archive.namelist() if n.startswith("musicnn/MSD_musicnn/")])
        text = archive.read("musicnn/configuration.py").decode()
    labels = json.loads(re.search(r"MSD_LABELS = (\[.*?\])", text).group(1).replace("'", '"'))
    return Path(folder) / "musicnn" / "MSD_musicnn", labels


class Graph:
    """An ONNX graph in the making."""

    def __init__(self, variables):
        self.variables, self.nodes, self.weights = variables, [], []
        self.counts = {"batch_normalization": 0, "conv2d": 0, "dense": 0}

    def weight(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind, inputs, output=None, **attributes):
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def layer(self, kind):
        """The next layer of a kind, as TensorFlow numbers them."""
        number = self.counts[kind]
        self.counts[kind] += 1
        return kind if number == 0 else f"{kind}_{number}"

    def norm(self, x, output=None):
        layer = self.layer("batch_normalization")
        parts = ["gamma", "beta", "moving_mean", "moving_variance"]
        names = [self.weight(f"{layer}/{part}", self.variables[f"{layer}/{part}"]) for part in parts]
        return self.node("BatchNormalization", [x, *names], output, epsilon=EPSILON)

    def conv(self, x, pads):
        """Convolution over time, ReLU, normalisation. Kernels: TensorFlow's [time, frequency, in, out]; the frequency axis of
        the kernel is the channel axis."""
        layer = self.layer("conv2d")
        kernel = self.variables[f"{layer}/kernel"].transpose(3, 2, 0, 1)[:, 0].transpose(0, 2, 1)
        names = [self.weight(f"{layer}/kernel", kernel), self.weight(f"{layer}/bias", self.variables[f"{layer}/bias"])]
        return self.norm(self.node("Relu", [self.node("Conv", [x, *names], pads=pads)]))

    def highest(self, x, bands, pads):
        """Convolution over frequency and time, ReLU, normalisation, the highest over frequency: the highest is taken first,
        so that the others run over one value instead of a hundred. ReLU and normalisation keep the order of values, or turn it
        round where gamma is negative: there the lowest is wanted, as minus the highest of what the turned kernel gives.
        Time is the last axis, and the highest is a MaxPool over all `bands`: half the time of ReduceMax in tract."""
        layer, normalised = self.layer("conv2d"), f"batch_normalization_{self.counts['batch_normalization']}"
        turn = np.where(self.variables[f"{normalised}/gamma"] < 0, -1, 1).astype(np.float32)
        kernel = self.variables[f"{layer}/kernel"].transpose(3, 2, 1, 0) * turn[:, None, None, None]
        bias = self.variables[f"{layer}/bias"] * turn
        names = [self.weight(f"{layer}/kernel", kernel), self.weight(f"{layer}/bias", bias)]
        features = self.node("Conv", [x, *names], pads=pads)
        highest = self.node("MaxPool", [features], kernel_shape=[bands - kernel.shape[2] + 1, 1])
        back = self.node("Mul", [highest, self.weight(f"{layer}/turn", turn[None, :, None, None])])
        return self.norm(self.node("Relu", [back]))

    def dense(self, x, output=None):
        layer = self.layer("dense")
        names = [self.weight(f"{layer}/{part}", self.variables[f"{layer}/{part}"]) for part in ("kernel", "bias")]
        return self.node("Gemm", [x, *names], output)


def build(variables, labels):
    g = Graph(variables)
    channel, frequency = (g.weight(name, np.array([axis], np.int64)) for name, axis in [("channel", 1), ("frequency", 2)])
    image = g.norm(g.node("Unsqueeze", [g.node("Transpose", ["mel"], perm=[0, 2, 1]), channel]))
    front = []
    for height in [7, 7, 128, 64, 32]:
        before = (height - 1) // 2  # "same" padding in time: the odd zero goes behind
        front.append(g.highest(image, MELS, [0, before, 0, height - 1 - before]))
    front = g.node("Squeeze", [g.node("Concat", front, axis=1), frequency])
    first = g.conv(front, [3, 3])
    second = g.node("Add", [g.conv(first, [3, 3]), first])
    third = g.node("Add", [g.conv(second, [3, 3]), second])
    every = g.node("Concat", [front, first, second, third], axis=1)
    pools = [g.node(kind, [every], axes=[2], keepdims=1) for kind in ("ReduceMax", "ReduceMean")]
    pooled = g.norm(g.node("Flatten", [g.node("Concat", pools, axis=2)], axis=1))
    embedding = g.norm(g.node("Relu", [g.dense(pooled)]), "embedding")
    g.node("Sigmoid", [g.dense(embedding)], "tags")

    tensor = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
    outputs = [tensor("tags", TAGS), tensor("embedding", UNITS)]
    graph = helper.make_graph(g.nodes, "musicnn", [tensor("mel", FRAMES, MELS)], outputs, g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="automaster")
    helper.set_model_props(model, {"labels": json.dumps(labels), "license": LICENCE})
    onnx.checker.check_model(model, full_check=True)
    return model


def as_in_tensorflow(model):
    """The weights by name, those of `Graph.highest` turned back."""
    arrays = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer if w.data_type == TensorProto.FLOAT}
    for layer in [name.removesuffix("/turn") for name in arrays if name.endswith("/turn")]:
        turn = arrays.pop(f"{layer}/turn").ravel()
        arrays[f"{layer}/kernel"] = (arrays[f"{layer}/kernel"] * turn[:, None, None, None]).swapaxes(2, 3)
        arrays[f"{layer}/bias"] = arrays[f"{layer}/bias"] * turn
    return arrays


def check(model, reference, io):
    """Compares the weights one by one, and the logits on the stored input. Differences end the program."""
    import onnxruntime

    arrays = lambda m: sorted(np.ascontiguousarray(a).tobytes() for a in as_in_tensorflow(m).values())
    if arrays(model) != arrays(onnx.load(reference)):
        raise SystemExit("the weights differ from the reference's")
    stored = np.load(io)
    run = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run
    tags = run(["tags"], {"mel": stored["x"]})[0]
    worst = np.abs(tags - 1 / (1 + np.exp(-stored["logits"]))).max()
    print(f"weights equal; tags differ by at most {worst:.1e}")
    if worst > 1e-5:
        raise SystemExit("the outputs differ from the reference's")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel")
    parser.add_argument("output")
    parser.add_argument("--check", nargs=2, metavar=("REFERENCE", "IO"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights, labels = unpack(args.wheel, folder)
        model = build(checkpoint.variables(weights), labels)
    if args.check:
        check(model, *args.check)
    data = model.SerializeToString()
    Path(args.output).write_bytes(data)
    print(f"{args.output}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
