"""Makes gradients.json beside the fixture models' golden.json: what backpropagation must give.

    pip install torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3 safetensors numpy
    python generate_gradients.py models

Nothing is random. For the first prompt of each golden.json the loss is the mean negative log-likelihood
(natural log) of ids[1:], each given those before, from the stored weights in float64 (with the replacements
that generate_models.py describes). Gradients are PyTorch's, spot-checked here against central differences.
gradients.json holds, to seven significant digits,
    ids, loss
    residual[k]        d loss / d stream after k blocks, k = 0...layers, all positions, [tokens, width] flat;
                       the derivative with the stream as an input of what follows it
    parameters[NAME]   d loss / d parameter, NAME and layout as in model.safetensors:
        shape, values      row-major; all of it, or where `rows` is given only those rows, in that order
        norm               Euclidean norm of the whole gradient, whether or not all rows are kept
Kept are the first block's norms, attention and MLP, the final norm, the embeddings and an untied head.
Matrices above LIMIT numbers keep their first rows only; embeddings keep the prompt's tokens' rows too.
Where the head is tied to the token embedding, the embedding's gradient is the total of both uses (`tied`).
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from generate_models import Float64, first, parts, rounded

LIMIT = 3000  # numbers a matrix may have to be kept whole
ROWS = 8  # rows kept of a larger one
NAMES = ["gpt2", "gpt-neo", "llama"]


def exact_model(folder):
    """The stored weights in float64, buffers made anew (as in generate_models.clear_cut)."""
    stored = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    exact = type(stored)(stored.config).double().eval()
    exact.load_state_dict({k: v.double() for k, v in stored.state_dict().items()})
    exact.tie_weights()
    return exact


def loss_of(model, ids):
    logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    return -logits[:-1].log_softmax(-1)[range(len(ids) - 1), ids[1:]].mean()


def kept(name):
    """Whether a parameter's gradient is kept: everything but the later blocks."""
    return ".h." not in name and ".layers." not in name or ".h.0." in name or ".layers.0." in name


def residual_gradients(model, ids):
    """The loss, with gradients left in the parameters, and those of the residual stream."""
    blocks, _, _ = parts(model)
    stream, hooks = [None] * (len(blocks) + 1), []

    def keep(at, value):
        value.retain_grad()
        stream[at] = value

    hooks.append(blocks[0].register_forward_pre_hook(lambda _, arguments: keep(0, arguments[0])))
    for k, block in enumerate(blocks):
        hooks.append(block.register_forward_hook(lambda _, __, output, k=k: keep(k + 1, first(output))))
    model.zero_grad()
    loss = loss_of(model, ids)
    loss.backward()
    for hook in hooks:
        hook.remove()
    return loss, [value.grad[0] for value in stream]


def check_by_differences(model, ids, step=1e-6):
    """Each parameter's gradient at its entry of largest magnitude, against central differences."""
    for name, parameter in model.named_parameters():
        if not kept(name):
            continue
        flat, at = parameter.data.view(-1), parameter.grad.abs().argmax().item()
        was = flat[at].item()
        values = []
        for sign in (1, -1):
            flat[at] = was + sign * step
            with torch.no_grad():
                values.append(loss_of(model, ids).item())
        flat[at] = was
        slope, gradient = (values[0] - values[1]) / (2 * step), parameter.grad.view(-1)[at].item()
        assert abs(slope - gradient) < 1e-6 * max(1, abs(gradient)), f"{name}: {gradient}, slope {slope}"


def check_residual_by_differences(model, ids, gradients, step=1e-6):
    """The stream's gradient along a fixed direction at every k, against central differences."""
    blocks, _, norm = parts(model)
    for k, gradient in enumerate(gradients):
        direction = torch.sin(torch.arange(gradient.numel(), dtype=torch.float64)).view(gradient.shape)
        values, following = [], norm if k == len(blocks) else blocks[k]
        for sign in (1, -1):
            def shift(_, arguments, sign=sign):
                return (arguments[0] + sign * step * direction, *arguments[1:])
            hook = following.register_forward_pre_hook(shift)
            with torch.no_grad():
                values.append(loss_of(model, ids).item())
            hook.remove()
        slope, expected = (values[0] - values[1]) / (2 * step), (gradient * direction).sum().item()
        assert abs(slope - expected) < 1e-6 * max(1, abs(expected)), f"residual {k}: {expected}, {slope}"


def entry(name, gradient, ids):
    result = {"shape": list(gradient.shape), "norm": gradient.norm()}
    if gradient.dim() > 1 and gradient.numel() > LIMIT:
        rows = set(range(ROWS))
        if "wte" in name or "embed_tokens" in name:
            rows |= set(ids)
        result["rows"] = sorted(rows)
        gradient = gradient[result["rows"]]
    result["values"] = gradient.reshape(-1)
    return {k: rounded(v) if isinstance(v, torch.Tensor) else v for k, v in result.items()}


def make(folder):
    prompt = json.loads((folder / "golden.json").read_text())["prompts"][0]
    ids, model = prompt["ids"], exact_model(folder)
    with Float64():
        loss, residual = residual_gradients(model, ids)
        check_by_differences(model, ids)
        check_residual_by_differences(model, ids, residual)
    assert abs(loss.item() - prompt["mean_nll"]) < 1e-5
    assert all(g.dtype == torch.float64 and g.shape[0] == len(ids) for g in residual)
    parameters = {name: p.grad for name, p in model.named_parameters() if kept(name)}
    lines = [json.dumps(name) + ":" + json.dumps(entry(name, g, ids), separators=(",", ":"))
             for name, g in parameters.items()]
    streams = [json.dumps(rounded(g.reshape(-1)), separators=(",", ":")) for g in residual]
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    head = {"ids": ids, "loss": rounded(loss.item()), "tied": tied}
    path = folder / "gradients.json"
    path.write_text(
        json.dumps(head, separators=(",", ":"))[:-1]
        + ',\n"residual":[\n' + ",\n".join(streams)
        + '],\n"parameters":{\n' + ",\n".join(lines) + "}}\n")
    print(folder.name, "loss", loss.item(), "bytes", path.stat().st_size, "tied", tied)
    for name, g in parameters.items():
        print("   ", name, list(g.shape), f"norm {g.norm().item():.4g}")


def main(models):
    torch.set_num_threads(1)
    for name in NAMES:
        make(models / name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
