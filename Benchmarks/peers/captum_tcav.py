"""TCAV of Vane and of Captum on the same model, texts, activations and number of runs, side by side.

    python Benchmarks/peers/captum_tcav.py --vane .build/release/vane --model TINYTALK/hf \
        --positive happy.txt --random other.txt --texts inputs.txt --token happy --against sad --runs 500

Vane reads the mean of a text's states and takes the sum of the gradient over its tokens. Captum is given the same numbers: after
each block a module gets the mean over the tokens and its output is put back in the place of the mean, so that the gradient there is
that sum. Every text's means are read once; Captum alone would run each random set through the network again. Both fit as many vectors,
Captum with its default classifier (SGD, hinge loss), Vane with ridge regression and, for comparison, logistic regression.
"""

import argparse
import json
import subprocess
import tempfile
import time

import torch
from captum.concept import TCAV, Concept
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast


class Cut(torch.nn.Module):
    """Lets the mean states of texts through."""

    def forward(self, means):
        return means * 1


class CutModel(torch.nn.Module):
    """The logit of one token less that of another at the end of texts, with a cut after each block.

    Takes token ids, padded at the end with -1; or, as numbers with a point, the means that were read of texts before.
    """

    def __init__(self, model, token, against):
        super().__init__()
        self.model, self.token, self.against = model, token, against
        self.cuts = torch.nn.ModuleList([Cut() for _ in model.transformer.h])
        self.mask = None
        for block, cut in zip(model.transformer.h, self.cuts):
            block.register_forward_hook(self.put_back(cut))

    def put_back(self, cut):
        def hook(module, inputs, output):
            states = output[0] if isinstance(output, tuple) else output
            mask = self.mask[:, :, None]
            mean = (states * mask).sum(1) / mask.sum(1)
            states = states + (cut(mean) - mean)[:, None, :]
            return (states, *output[1:]) if isinstance(output, tuple) else states

        return hook

    def forward(self, texts):
        if texts.is_floating_point():
            for cut, means in zip(self.cuts, texts.unbind(1)):
                cut(means)
            return texts[:, 0, :1]
        self.mask = (texts >= 0).float()
        logits = self.model(input_ids=texts.clamp(min=0), attention_mask=self.mask).logits
        last = logits[torch.arange(len(texts)), (texts >= 0).sum(1) - 1]
        return (last[:, self.token] - last[:, self.against])[:, None]


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser()
    for name in ["vane", "model", "positive", "random", "texts", "token", "against"]:
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--runs", type=int, default=500)
    options = parser.parse_args()
    torch.set_num_threads(2)

    def vane(*more):
        command = [options.vane, "test", "importance", "concept", "--json"]
        for name in ["model", "positive", "random", "texts", "token", "against", "runs"]:
            command += ["--" + name, str(getattr(options, name))]
        start = time.perf_counter()
        output = subprocess.run(command + list(more), check=True, capture_output=True, text=True).stdout
        return time.perf_counter() - start, json.loads(output)["test"]["sites"]

    def captum():
        start = time.perf_counter()
        model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=options.model + "/tokenizer.json")

        def encode(texts):
            rows = [torch.tensor(tokenizer.encode(text)) for text in texts]
            return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)

        token, against = (tokenizer.encode(" " + word)[0] for word in (options.token, options.against))
        cut = CutModel(model, token, against)
        layers = [f"cuts.{k}" for k in range(len(cut.cuts))]

        def means(texts):
            kept = [[] for _ in layers]
            handles = [
                one.register_forward_hook(lambda m, i, o, rows=rows: rows.append(o.detach()))
                for one, rows in zip(cut.cuts, kept)
            ]
            with torch.no_grad():
                for first in range(0, len(texts), 32):
                    cut(encode(texts[first : first + 32]))
            for handle in handles:
                handle.remove()
            return torch.stack([torch.cat(rows) for rows in kept], 1)

        shown, others = means(lines(options.positive)), means(lines(options.random))
        size = min(len(shown), len(others) // 2)
        generator = torch.Generator().manual_seed(0)
        concept = Concept(0, "concept", DataLoader(list(shown), batch_size=256))
        sets = []
        for run in range(options.runs):
            pick = torch.randperm(len(others), generator=generator)[:size]
            sets.append([concept, Concept(run + 1, f"random-{run}", DataLoader(list(others[pick]), batch_size=256))])
        with tempfile.TemporaryDirectory() as folder:
            tcav = TCAV(cut, layers, save_path=folder)
            scores = tcav.interpret(encode(lines(options.texts)), sets, target=0)
        seconds = time.perf_counter() - start
        found = []
        for layer in layers:
            values = torch.stack([scores[f"0-{run + 1}"][layer]["sign_count"][0] for run in range(options.runs)])
            found.append((values.mean().item(), values.std().item()))
        return seconds, found

    seconds, theirs = captum()
    runs = [vane() for _ in range(3)]
    own = sorted(run[0] for run in runs)
    logistic = vane("--solver", "logistic")
    print(f"seconds for {options.runs} runs a block, loading included: Captum {seconds:.1f}, Vane {own[1]:.1f} {own}")
    print(f"Vane with logistic regression: {logistic[0]:.1f}")
    print("block  Captum (sd over runs)  Vane ridge  Vane logistic")
    for number, (score, deviation) in enumerate(theirs):
        ridge, other = (found[number]["score"]["value"] for found in (runs[0][1], logistic[1]))
        print(f"{number:5}  {score:.3f} ({deviation:.3f})          {ridge:.3f}       {other:.3f}")


if __name__ == "__main__":
    main()
