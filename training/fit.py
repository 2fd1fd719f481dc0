"""Fits the inverse chain model and writes it as ONNX.

    python3 -m venv .cache/venv-fit
    .cache/venv-fit/bin/pip install numpy==2.4.6 onnx==1.23.2
    target/release/automaster-learn lessons
    .cache/venv-fit/bin/python training/fit.py

Reads `.cache/learn/lessons.f32` and `.json` (rows: the situation, positions that rules propose, positions that refinement of the
whole ends at, number of the artist). A linear map (ridge) plus a network of two hidden layers predicts how far each parameter still is from there; a head
of its own predicts the logarithm of the variance; both are fitted by Gaussian negative log-likelihood with Adam, seeded. Artists are
held out: a tenth to stop early, a tenth to test. Outputs of the model: `correction` [N, P] on the registry's scale,
`certainty` [N, P], 1 - variance / variance of the refined positions, 0 to 1. Prints per parameter how much of the variance of the
corrections and of the refined positions the model explains, and writes it to training/results/inverse.md.

`--linear .cache/learn/linear` leaves the network out, for comparison: the linear map alone, of the certainty that its errors on the
artists held out leave it. The folder is one for `AUTOMASTER_MODELS`; nothing else is written.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN = 64
BATCH = 256
DECAY = 0.1
NOISE = 0.1
RATE = 3e-4
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
FARTHEST = 4.0


def load(path):
    about = json.loads(path.with_suffix(".json").read_text())
    inputs, params = about["inputs"], len(about["params"])
    rows = np.fromfile(path, dtype="<f4").reshape(-1, inputs + 2 * params + 1).astype(np.float64)
    assert len(rows) == about["rows"], "the file is cut off"
    return about, rows[:, :inputs], rows[:, inputs : inputs + params], rows[:, inputs + params : -1], rows[:, -1].astype(int)


def split(groups, rng):
    """Rows to fit, to stop early, to test: artists apart."""
    names = rng.permutation(np.unique(groups))
    counts = np.cumsum([np.sum(groups == name) for name in names])
    place = {name: count / counts[-1] for name, count in zip(names, counts)}
    at = np.array([place[group] for group in groups])
    return at <= 0.8, (at > 0.8) & (at <= 0.9), at > 0.9


def ridge(x, y, penalty):
    return np.linalg.solve(x.T @ x + penalty * len(x) * np.eye(x.shape[1]), x.T @ y)


def shrunk_ridge(x, y, groups, rng):
    """A linear map; for each output the penalty, and the share of it that is kept, that leave least over in five folds by artist."""
    names = rng.permutation(np.unique(groups))
    fold = np.array([{name: i % 5 for i, name in enumerate(names)}[group] for group in groups])
    maps, shares, errors = [], [], []
    for penalty in PENALTIES:
        out = np.zeros_like(y)
        for held in range(5):
            out[fold == held] = x[fold == held] @ ridge(x[fold != held], y[fold != held], penalty)
        share = np.clip((out * y).sum(0) / np.maximum((out**2).sum(0), 1e-12), 0, 1)
        maps.append(ridge(x, y, penalty) * share)
        errors.append(((y - out * share) ** 2).mean(0))
    best = np.argmin(errors, axis=0)
    return np.stack([maps[best[at]][:, at] for at in range(y.shape[1])], axis=1)


class Network:
    """mean = x W + h2 A + a, log variance = h2 B + b, h2 = relu(relu(x U + u) V + v); W is given and stays."""

    def __init__(self, linear, inputs, outputs, rng):
        he = lambda a, b: rng.standard_normal((a, b)) * np.sqrt(2 / a)
        self.linear = linear
        self.p = {
            "U": he(inputs, HIDDEN), "u": np.zeros(HIDDEN), "V": he(HIDDEN, HIDDEN), "v": np.zeros(HIDDEN),
            "A": np.zeros((HIDDEN, outputs)), "a": np.zeros(outputs), "B": np.zeros((HIDDEN, outputs)), "b": np.full(outputs, -0.1),
        }
        self.m = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.s = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.steps = 0

    def forward(self, x):
        p = self.p
        h1 = np.maximum(x @ p["U"] + p["u"], 0)
        h2 = np.maximum(h1 @ p["V"] + p["v"], 0)
        return h1, h2, x @ self.linear + h2 @ p["A"] + p["a"], np.clip(h2 @ p["B"] + p["b"], -8, 2)

    def step(self, x, y, rate, noise):
        p = self.p
        x = x + noise
        h1, h2, mean, logvar = self.forward(x)
        error, precision = mean - y, np.exp(-logvar)
        n = y.size
        # The mean is fitted by plain squares too: certainty must not starve what is hard.
        d_mean = (error * precision + error) / n
        d_var = 0.5 * (1 - error**2 * precision) / n
        d_h2 = (d_mean @ p["A"].T + d_var @ p["B"].T) * (h2 > 0)
        d_h1 = (d_h2 @ p["V"].T) * (h1 > 0)
        grads = {
            "A": h2.T @ d_mean, "a": d_mean.sum(0), "B": h2.T @ d_var, "b": d_var.sum(0),
            "V": h1.T @ d_h2, "v": d_h2.sum(0), "U": x.T @ d_h1, "u": d_h1.sum(0),
        }
        self.steps += 1
        for k, g in grads.items():
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.s[k] = 0.999 * self.s[k] + 0.001 * g * g
            m, s = self.m[k] / (1 - 0.9**self.steps), self.s[k] / (1 - 0.999**self.steps)
            p[k] -= rate * (m / (np.sqrt(s) + 1e-8) + (DECAY * p[k] if p[k].ndim == 2 else 0))


class Scale:
    """Standard scores, held within FARTHEST."""

    def __init__(self, x):
        self.mean, self.scale = x.mean(0), np.maximum(x.std(0), 1e-3)

    def of(self, x):
        return np.clip((x - self.mean) / self.scale, -FARTHEST, FARTHEST)


def export(network, scale, y_mean, y_scale, share, about, path):
    """One graph from the raw situation to corrections and certainties, the scales inside; `share` is the variance of the
    corrections over that of the refined positions."""
    p = network.p
    f = lambda name, array: numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float32), name)
    constants = [
        f("U", p["U"]), f("u", p["u"]), f("V", p["V"]), f("v", p["v"]), f("A", p["A"] * y_scale), f("a", p["a"] * y_scale + y_mean),
        f("W", network.linear * y_scale), f("B", p["B"]), f("b", p["b"] + np.log(share)), f("m", scale.mean), f("s", 1 / scale.scale),
        f("low", np.array(0.0)), f("high", np.array(1.0)), f("nearest", np.array(-FARTHEST)), f("farthest", np.array(FARTHEST)),
    ]
    node = helper.make_node
    nodes = [
        node("Sub", ["situation", "m"], ["off"]),
        node("Mul", ["off", "s"], ["score"]),
        node("Clip", ["score", "nearest", "farthest"], ["x"]),
        node("MatMul", ["x", "W"], ["linear"]),
        node("Gemm", ["x", "U", "u"], ["h0"]),
        node("Relu", ["h0"], ["h1"]),
        node("Gemm", ["h1", "V", "v"], ["h2"]),
        node("Relu", ["h2"], ["h3"]),
        node("Gemm", ["h3", "A", "a"], ["bent"]),
        node("Add", ["bent", "linear"], ["correction"]),
        node("Gemm", ["h3", "B", "b"], ["logvar"]),
        node("Exp", ["logvar"], ["variance"]),
        node("Sub", ["high", "variance"], ["certain"]),
        node("Clip", ["certain", "low", "high"], ["certainty"]),
    ]
    outputs = len(about["params"])
    value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
    graph = helper.make_graph(
        nodes, "inverse", [value("situation", about["inputs"])], [value("correction", outputs), value("certainty", outputs)], constants
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="automaster")
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def reach(x, path):
    """How far the training data reach: mean and deviation of each input, and the distance that one row in a hundred exceeds."""
    mean, deviation = x.mean(0), x.std(0)
    scores = (x - mean)[:, deviation > 1e-6] / deviation[deviation > 1e-6]
    distance = np.sqrt((scores**2).mean(1))
    digits = lambda values: [round(float(v), 4) if v > 1e-6 or v < 0 else 0.0 for v in values]
    about = {"rows": len(x), "mean": digits(mean), "deviation": digits(deviation), "edge": round(float(np.quantile(distance, 0.99)), 4)}
    path.write_text(json.dumps(about, separators=(",", ":")) + "\n")
    print(f"{path}: {len(x)} rows, median distance {np.median(distance):.3f}, edge {about['edge']}")
    print(f"sha256 = {hashlib.sha256(path.read_bytes()).hexdigest()}")


def folder_of(path, digest):
    """Makes the folder of a model one that the program takes its models from: with a manifest and the reach of the shipped model."""
    shipped = Path("models")
    manifest = shipped.joinpath("manifest.toml").read_text()
    was = hashlib.sha256(shipped.joinpath("inverse.onnx").read_bytes()).hexdigest()
    assert was in manifest, "models/manifest.toml is not that of models/inverse.onnx"
    path.parent.joinpath("manifest.toml").write_text(manifest.replace(was, digest))
    path.parent.joinpath("inverse-reach.json").write_bytes(shipped.joinpath("inverse-reach.json").read_bytes())


def families(params):
    """Columns of the parameters that make one row of the table: a curve is one."""
    rows = {}
    for at, name in enumerate(params):
        stage, rest = name.split(".", 1)
        rows.setdefault(f"match_eq.{rest.split('.')[0]} (31 gains)" if stage == "match_eq" else name, []).append(at)
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path(".cache/learn/lessons.f32"))
    parser.add_argument("--out", type=Path, default=Path("models/inverse.onnx"))
    parser.add_argument("--table", type=Path, default=Path("training/results/inverse.md"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--reach", type=Path, default=Path("models/inverse-reach.json"))
    parser.add_argument("--linear", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    about, x, proposed, refined, groups = load(options.data)
    y = refined - proposed
    if not options.linear:
        reach(x[:, : about["figures"]], options.reach)
    fit, stop, test = split(groups, rng)
    scale = Scale(x[fit])
    xs = scale.of(x)
    y_mean, y_scale = y[fit].mean(0), np.maximum(y[fit].std(0), 1e-4)
    ys = (y - y_mean) / y_scale
    linear = shrunk_ridge(xs[fit], ys[fit], groups[fit], rng)
    network = Network(linear, xs.shape[1], y.shape[1], rng)
    share = y_scale**2 / np.maximum(refined[fit].var(0), 1e-8)
    if options.linear:
        network.p["b"] = np.log(((xs[stop] @ linear - ys[stop]) ** 2).mean(0))
        options.linear.mkdir(parents=True, exist_ok=True)
        path = options.linear / "inverse.onnx"
        folder_of(path, export(network, scale, y_mean, y_scale, share, about, path))
        return
    rows, best = np.flatnonzero(fit), (np.inf, None, 0)
    for epoch in range(options.epochs):
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / options.epochs))
        order = rng.permutation(rows)
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            network.step(xs[chosen], ys[chosen], rate, NOISE * rng.standard_normal(xs[chosen].shape))
        _, _, mean, logvar = network.forward(xs[stop])
        error = ((mean - ys[stop]) ** 2).mean()
        loss = error + (0.5 * (logvar + (mean - ys[stop]) ** 2 * np.exp(-logvar))).mean()
        if loss < best[0]:
            best = (loss, {k: v.copy() for k, v in network.p.items()}, epoch)
        if epoch % 10 == 0:
            print(f"epoch {epoch}: loss {loss:.4f}, squares {error:.4f}", flush=True)
    network.p = best[1]
    digest = export(network, scale, y_mean, y_scale, share, about, options.out)
    _, _, mean, logvar = network.forward(xs[test])
    inside = (np.abs(mean - ys[test]) <= np.exp(0.5 * logvar)).mean()
    left = y[test] - (mean * y_scale + y_mean)
    explained = lambda rest, at: 1 - (rest[:, at] ** 2).mean() / refined[test][:, at].var()
    text = f"{about['rows']} lessons, {len(np.unique(groups))} artists; {test.sum()} lessons of held-out artists tested, epoch {best[2]}, seed {options.seed}.\n"
    text += f"Errors within one predicted standard deviation: {100 * inside:.0f} % (68 % would be exact).\n\n"
    text += "R2 of where refinement of the whole ends:\n\n"
    text += "| parameter | rules | model |\n|:--|--:|--:|\n"
    for family, at in families(about["params"]).items():
        text += f"| `{family}` | {explained(y[test], at):.3f} | {explained(left, at):.3f} |\n"
    options.table.write_text(text)
    print(text)
    print(f"sha256 = {digest}")


if __name__ == "__main__":
    main()
