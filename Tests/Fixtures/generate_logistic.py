"""Makes Tests/Fixtures/logistic/golden.json: optima of L2-regularised logistic regression.

    pip install scikit-learn==1.9.1 numpy
    python generate_logistic.py logistic/golden.json

Each problem has features x (rounded to four decimals, so that float32 and float64 read almost the same
number), labels, lambda, and the weights and bias that minimise
    mean log(1 + exp(-y (w x + b))) + lambda/2 |w|^2,   y = +-1, the bias not penalised,
found by scikit-learn (C = 1 / (n lambda)) and checked by their gradient in float64.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression


def gradient(x, y, w, b, strength):
    slope = (1 / (1 + np.exp(-(x @ w + b))) - y) / len(y)
    return np.append(x.T @ slope + strength * w, slope.sum())


def problem(seed, n, d, strength):
    rng = np.random.default_rng(seed)
    scales = np.exp(rng.normal(size=d))
    x = np.round(rng.normal(size=(n, d)) * scales + rng.normal(size=d), 4).astype(np.float32).astype(float)
    truth = rng.normal(size=d) / scales
    score = x @ truth / np.sqrt(d) + rng.logistic(size=n) * 0.5
    y = (score > np.quantile(score, 0.4)).astype(int)
    model = LogisticRegression(C=1 / (n * strength), tol=1e-10, max_iter=100_000, solver="newton-cholesky")
    model.fit(x, y)
    w, b = model.coef_[0], model.intercept_[0]
    assert np.abs(gradient(x, y, w, b, strength)).max() < 1e-8
    return {
        "lambda": strength, "examples": n, "width": d,
        "x": [float(f"{v:.4f}") for v in x.ravel()], "positive": [bool(v) for v in y],
        "weights": [float(f"{v:.9g}") for v in w], "bias": float(f"{b:.9g}"),
    }


def main(output):
    problems = [
        problem(1, 60, 5, 0.01), problem(1, 60, 5, 1.0), problem(2, 30, 80, 0.001), problem(2, 30, 80, 0.1),
    ]
    lines = [json.dumps(p, separators=(",", ":")) for p in problems]
    output.parent.mkdir(exist_ok=True)
    output.write_text('{"problems":[\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
