"""What repeng makes of control vectors on a small GPT-2: Tests/Fixtures/exchange/repeng-gpt2.{gguf,json}.

    pip install torch==2.13.0 transformers==5.23.0 gguf scikit-learn tqdm accelerate
    pip install --no-deps repeng==0.4.0
    python generate_repeng.py models/gpt2 exchange

repeng wraps the blocks of the tiny GPT-2 of Tests/Fixtures, sets a control vector, and transformers runs it. The result
holds the logits after the last of `tokens`: plain; with the vectors of the file that repeng wrote at coefficients 1 and
-0.7; with `normalize=True`, which goes back to the old norm; with one block alone; and with the vectors of
`vane-gpt2.gguf`, which Vane wrote (a test shows that the bytes are its own) and repeng reads.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import GPT2LMHeadModel

np.float_ = np.float64  # repeng names a type that NumPy 2 dropped.
from repeng import ControlModel, ControlVector

TOKENS = [11, 17, 80, 42, 5, 100, 81, 7]


def logits(folder, layers, vectors=None, coefficient=1.0, **options):
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    wrapped = ControlModel(model, layers)
    if vectors is not None:
        wrapped.set_control(vectors, coefficient, **options)
    with torch.no_grad():
        return wrapped(torch.tensor([TOKENS])).logits[0, -1].tolist()


def main(folder, out):
    generator = np.random.default_rng(5)
    width = json.loads((Path(folder) / "config.json").read_text())["n_embd"]
    directions = {layer: generator.normal(0, 0.4, width).astype(np.float32) for layer in (1, 2)}
    vectors = ControlVector(model_type="gpt2", directions=directions)
    vectors.export_gguf(str(out / "repeng-gpt2.gguf"))
    result = {
        "tokens": TOKENS,
        "plain": logits(folder, [1, 2]),
        "added": logits(folder, [1, 2], vectors),
        "taken": logits(folder, [1, 2], vectors, -0.7),
        "normalized": logits(folder, [1, 2], vectors, normalize=True),
        "one": logits(folder, [1], vectors),
    }
    written = out / "vane-gpt2.gguf"
    if written.exists():
        read = ControlVector.import_gguf(str(written))
        result["written"] = logits(folder, sorted(read.directions), read)
    (out / "repeng-gpt2.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
