"""Golden numbers of optimisers from PyTorch: python generate_optimisers.py > optimisers/golden.json

A matrix and a vector walk down a fixed non-quadratic loss for a few steps under each rule; the parameters after every
step are kept. Weight decay of AdamW acts on the matrix only, as in Vane.
"""
import json

import torch

torch.manual_seed(3)
W = torch.randn(3, 4, dtype=torch.float32)
B = torch.randn(4, dtype=torch.float32)
X = torch.randn(5, 3)
Y = torch.randn(5, 4)


def run(make):
    w, b = W.clone().requires_grad_(), B.clone().requires_grad_()
    optimiser = make(w, b)
    steps = []
    for _ in range(6):
        optimiser.zero_grad()
        loss = ((torch.tanh(X @ w + b) - Y) ** 2).mean()
        loss.backward()
        steps.append({"dw": w.grad.flatten().tolist(), "db": b.grad.tolist()})
        optimiser.step()
        steps[-1] |= {"w": w.flatten().tolist(), "b": b.tolist()}
    return steps


golden = {
    "w": W.flatten().tolist(), "b": B.tolist(),
    "sgd": run(lambda w, b: torch.optim.SGD([w, b], lr=0.1)),
    "momentum": run(lambda w, b: torch.optim.SGD([w, b], lr=0.1, momentum=0.9)),
    "adam": run(lambda w, b: torch.optim.Adam([w, b], lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)),
    "adamW": run(lambda w, b: torch.optim.AdamW(
        [{"params": [w], "weight_decay": 0.2}, {"params": [b], "weight_decay": 0}], lr=0.05)),
}
print(json.dumps(golden))
