"""Fits the inverse chain model and writes it as ONNX.

    python3 -m venv .cache/venv-fit
    .cache/venv-fit/bin/pip install numpy==2.4.6 onnx==1.23.2
    target/release/automaster-learn renders
    .cache/venv-fit/bin/python training/fit.py

Reads `.cache/learn/renders.f32` and `.json` (rows: inputs, positions of the parameters, number of the artist). A linear map (ridge) plus a
network of two hidden layers predicts each parameter's position; a head of its own predicts the logarithm of its variance;
both are fitted by Gaussian negative log-likelihood with Adam, seeded. Artists are held out: a tenth to stop early, a tenth
to test. Outputs of the model: `position` [N, P] on the registry's scale, `certainty` [N, P], 1 − variance / variance of the
draws, 0 to 1. Prints R2 per parameter, of the linear map and of the network, and writes it to training/results/inverse.md.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN = 128
BATCH = 256
DECAY = 0.1
NOISE = 0.1
RATE = 3e-4


def load(path):
    about = json.loads(path.with_suffix(".json").read_text())
    width = about["inputs"] + len(about["params"]) + 1
    rows = np.fromfile(path, dtype="<f4").reshape(-1, width).astype(np.float64)
    assert len(rows) == about["rows"], "the file is cut off"
    return about, rows[:, : about["inputs"]], rows[:, about["inputs"] : -1], rows[:, -1].astype(int)


def split(groups, rng):
    """Rows to fit, to stop early, to test: artists apart."""
    names = rng.permutation(np.unique(groups))
    counts = np.cumsum([np.sum(groups == name) for name in names])
    place = {name: count / counts[-1] for name, count in zip(names, counts)}
    at = np.array([place[group] for group in groups])
    return at <= 0.8, (at > 0.8) & (at <= 0.9), at > 0.9


def ridge(x, y, penalty):
    gram = x.T @ x + penalty * len(x) * np.eye(x.shape[1])
    return np.linalg.solve(gram, x.T @ y)


class Network:
    """mean = x W + h2 A + a, log variance = h2 B + b, h2 = relu(relu(x U + u) V + v)."""

    def __init__(self, linear, inputs, outputs, rng):
        he = lambda a, b: rng.standard_normal((a, b)) * np.sqrt(2 / a)
        self.p = {
            "W": linear.copy(), "U": he(inputs, HIDDEN), "u": np.zeros(HIDDEN), "V": he(HIDDEN, HIDDEN), "v": np.zeros(HIDDEN),
            "A": np.zeros((HIDDEN, outputs)), "a": np.zeros(outputs), "B": np.zeros((HIDDEN, outputs)), "b": np.full(outputs, -1.0),
        }
        self.m = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.s = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.steps = 0

    def forward(self, x):
        p = self.p
        h1 = np.maximum(x @ p["U"] + p["u"], 0)
        h2 = np.maximum(h1 @ p["V"] + p["v"], 0)
        return h1, h2, x @ p["W"] + h2 @ p["A"] + p["a"], np.clip(h2 @ p["B"] + p["b"], -8, 2)

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
            "W": x.T @ d_mean, "A": h2.T @ d_mean, "a": d_mean.sum(0), "B": h2.T @ d_var, "b": d_var.sum(0),
            "V": h1.T @ d_h2, "v": d_h2.sum(0), "U": x.T @ d_h1, "u": d_h1.sum(0),
        }
        self.steps += 1
        for k, g in grads.items():
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.s[k] = 0.999 * self.s[k] + 0.001 * g * g
            m, s = self.m[k] / (1 - 0.9**self.steps), self.s[k] / (1 - 0.999**self.steps)
            p[k] -= rate * (m / (np.sqrt(s) + 1e-8) + (DECAY * p[k] if p[k].ndim == 2 and k != "W" else 0))


def r2(y, predicted):
    return 1 - ((y - predicted) ** 2).mean(0) / y.var(0)


def export(network, x_mean, x_scale, y_mean, y_scale, about, path):
    """One graph from raw inputs to positions and certainties, the scales inside."""
    p = network.p
    f = lambda name, array: numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float32), name)
    # x' = (x − m)/s goes into the first layers' weights.
    fold = lambda w: w / x_scale[:, None]
    first = np.concatenate([fold(p["U"]), fold(p["W"]) * y_scale], axis=1)
    bias = np.concatenate([p["u"] - x_mean @ fold(p["U"]), -x_mean @ (fold(p["W"]) * y_scale)])
    outputs = len(about["params"])
    constants = [
        f("first", first), f("first_bias", bias), f("second", p["V"]), f("second_bias", p["v"]),
        f("mean", p["A"] * y_scale), f("mean_bias", p["a"] * y_scale + y_mean), f("spread", p["B"]), f("spread_bias", p["b"]),
        f("zero", np.zeros(1)), f("one", np.ones(1)),
        numpy_helper.from_array(np.array([HIDDEN, outputs], dtype=np.int64), "parts"),
    ]
    node = helper.make_node
    nodes = [
        node("Gemm", ["figures", "first", "first_bias"], ["both"]),
        node("Split", ["both", "parts"], ["hidden0", "linear"], axis=1),
        node("Relu", ["hidden0"], ["hidden1"]),
        node("Gemm", ["hidden1", "second", "second_bias"], ["hidden2"]),
        node("Relu", ["hidden2"], ["hidden3"]),
        node("Gemm", ["hidden3", "mean", "mean_bias"], ["bent"]),
        node("Add", ["bent", "linear"], ["position_raw"]),
        node("Clip", ["position_raw", "low", "high"], ["position"]),
        node("Gemm", ["hidden3", "spread", "spread_bias"], ["logvar"]),
        node("Exp", ["logvar"], ["variance"]),
        node("Sub", ["one", "variance"], ["certain"]),
        node("Clip", ["certain", "low", "high"], ["certainty"]),
    ]
    constants += [numpy_helper.from_array(np.array(v, dtype=np.float32), n) for n, v in [("low", 0.0), ("high", 1.0)]]
    constants = [c for c in constants if c.name != "zero"]
    value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
    graph = helper.make_graph(
        nodes, "inverse", [value("figures", about["inputs"])], [value("position", outputs), value("certainty", outputs)], constants
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path(".cache/learn/renders.f32"))
    parser.add_argument("--out", type=Path, default=Path("models/inverse.onnx"))
    parser.add_argument("--table", type=Path, default=Path("training/results/inverse.md"))
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--reach", type=Path, default=Path("models/inverse-reach.json"))
    parser.add_argument("--reach-only", action="store_true", help="leave the model alone")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    about, x, y, groups = load(options.data)
    reach(x, options.reach)
    if options.reach_only:
        return
    fit, stop, test = split(groups, rng)
    x_mean, x_scale = x[fit].mean(0), np.maximum(x[fit].std(0), 1e-3)
    y_mean, y_scale = y[fit].mean(0), np.maximum(y[fit].std(0), 1e-6)
    xs, ys = (x - x_mean) / x_scale, (y - y_mean) / y_scale
    linear = min((ridge(xs[fit], ys[fit], l) for l in (1e-4, 1e-3, 1e-2, 1e-1)), key=lambda w: ((xs[stop] @ w - ys[stop]) ** 2).mean())
    network = Network(linear, x.shape[1], y.shape[1], rng)
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
    _, _, mean, logvar = network.forward(xs[test])
    net, line = r2(ys[test], mean), r2(ys[test], xs[test] @ linear)
    digest = export(network, x_mean, x_scale, y_mean, y_scale, about, options.out)
    inside = (np.abs(mean - ys[test]) <= np.exp(0.5 * logvar)).mean()
    families = {}
    for name, n, l in zip(about["params"], net, line):
        stage, rest = name.split(".", 1)
        family = {"match_eq": f"match_eq.{rest.split('.')[0]} (31 gains)"}.get(stage, name)
        families.setdefault(family, []).append((n, l))
    text = f"{len(x)} renders, {len(np.unique(groups))} artists; {test.sum()} renders of held-out artists tested, epoch {best[2]}, seed {options.seed}.\n"
    text += f"Errors within one predicted standard deviation: {100 * inside:.0f} % (68 % would be exact).\n\n"
    text += "| parameter | R2, network | R2, linear map |\n|:--|--:|--:|\n"
    for family, values in families.items():
        n, l = np.mean(values, axis=0)
        text += f"| `{family}` | {n:.3f} | {l:.3f} |\n"
    options.table.write_text(text)
    print(text)
    print(f"sha256 = {digest}")


if __name__ == "__main__":
    main()
