"""Makes the tiny models under Tests/Fixtures/models and their reference numbers.

    pip install torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3 safetensors numpy
    python generate_models.py models

Every model has random weights, large enough that logits are far from uniform. The reference numbers
come from `transformers` run in float64 on the stored (rounded) weights; where `transformers` insists
on float32 inside (GPT-Neo's scores, Llama's norm and rotary tables), a float64 version is put in and
checked against the original. Seeds are searched from 0 upwards until greedy decoding is clear-cut:
the best logit leads the second by more than 1e-2 at each step, so no float32 engine may differ.

Each folder gets config.json, model.safetensors (or shards and their index), tokenizer.json, and
golden.json, a list of prompts with
    ids, text, logits (last position), mean_nll (natural log, over ids[1:]),
    residual[k], residual_first[k]   stream after k blocks at the last / first position, k = 0...layers
    attention_output[l], mlp_output[l]   what block l adds, at the last position
    mlp_hidden[l]                    what enters the MLP's down projection
    head_context[l]                  what enters the attention's output projection
    final_norm                       after the last norm, at the last position
    greedy                           the 20 ids that follow greedily
"""

import json
import math
import shutil
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import (
    GPT2Config, GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM, LlamaConfig, LlamaForCausalLM,
)
from transformers.models.gpt_neo import modeling_gpt_neo
from transformers.models.llama import modeling_llama

TEXT = """
The weather vane on the old barn turns whenever the wind changes. In the morning it points to the
sea, and the farmer knows that rain will come before the evening. In summer it points to the hills,
and then the days are long, warm and dry.

A small boat left the harbour with three people in it. They wanted to find the island where the
birds rest in the winter. "Do you think we'll get there before dark?" asked the girl. "I don't know,"
said her brother, "but the wind is with us, and that's what counts."

When the baker opened her shop, the street was still quiet. She lit the oven, weighed the flour and
began to knead. By seven o'clock there were 24 loaves on the shelf, and by nine they were all gone.
People said that her bread was the best in the town, because she never hurried it.

He didn't like the rain at first. It made the road muddy and the room dark. But the garden grew, the
river filled, and in the end he was glad of it. They've told this story for 100 years: those who
watch the wind will learn where it is going.
"""

PROMPTS = [
    "The wind turned to the sea, and then",
    "She opened the shop before seven o'clock. They said that",
    "In winter the birds rest on the island with us",
]


def byte_level_tokenizer():
    """GPT-2's kind: byte-level BPE, the end-of-text token added after the vocabulary."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    trainer = trainers.BpeTrainer(
        vocab_size=299, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator([TEXT], trainer)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def sentence_piece_tokenizer():
    """Llama's kind: BPE over whole texts with a word mark, unknown characters as byte tokens."""
    learner = Tokenizer(BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(vocab_size=140, show_progress=False)
    learner.train_from_iterator([" ".join(TEXT.split())], trainer)
    learnt = json.loads(learner.to_str())["model"]
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    pieces += sorted(learnt["vocab"], key=learnt["vocab"].get)
    tokenizer = Tokenizer(BPE(
        vocab={piece: i for i, piece in enumerate(pieces)},
        merges=[tuple(m) for m in learnt["merges"]],
        unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def randomise(model, seed, deviation):
    """Normal weights and biases; norm gains around 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            is_gain = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(1 + 0.3 * noise if is_gain else deviation * noise)
    model.tie_weights()


def neo_attention(self, query, key, value, attention_mask=None):
    scores = query @ key.transpose(-1, -2)
    q, k = query.size(-2), key.size(-2)
    allowed = self.bias[:, :, k - q: k, :k]
    return scores.masked_fill(~allowed, -math.inf).softmax(dim=-1) @ value, None


def llama_norm(self, x):
    return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)


def llama_rotary(self, x, position_ids):
    width = self.config.head_dim
    theta = self.config.rope_parameters["rope_theta"]
    inverse = theta ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = position_ids[:, :, None].double() * inverse
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


class Float64:
    """While entered, nothing inside the models falls back to float32."""

    replaced = [
        (modeling_gpt_neo.GPTNeoSelfAttention, "_attn", neo_attention),
        (modeling_llama.LlamaRMSNorm, "forward", llama_norm),
        (modeling_llama.LlamaRotaryEmbedding, "forward", llama_rotary),
    ]

    def __enter__(self):
        self.kept = [getattr(owner, name) for owner, name, _ in self.replaced]
        for owner, name, function in self.replaced:
            setattr(owner, name, function)

    def __exit__(self, *_):
        for (owner, name, _), function in zip(self.replaced, self.kept):
            setattr(owner, name, function)


def parts(model):
    """Blocks, per block (attention, its output projection, MLP, its down projection), last norm."""
    if isinstance(model, LlamaForCausalLM):
        blocks = model.model.layers
        return blocks, [(b.self_attn, b.self_attn.o_proj, b.mlp, b.mlp.down_proj) for b in blocks], \
            model.model.norm
    blocks = model.transformer.h
    if isinstance(model, GPTNeoForCausalLM):
        inner = [(b.attn, b.attn.attention.out_proj, b.mlp, b.mlp.c_proj) for b in blocks]
    else:
        inner = [(b.attn, b.attn.c_proj, b.mlp, b.mlp.c_proj) for b in blocks]
    return blocks, inner, model.transformer.ln_f


def first(output):
    return output[0] if isinstance(output, tuple) else output


def record(model, ids):
    """One forward pass with everything that golden.json keeps, in float64."""
    blocks, inner, norm = parts(model)
    layers = len(blocks)
    residual, attention, mlp = [None] * (layers + 1), [None] * layers, [None] * layers
    hidden, context, last_norm, hooks = [None] * layers, [None] * layers, [None], []

    def before(store, at):
        return lambda _, arguments: store.__setitem__(at, arguments[0][0].detach())

    def after(store, at):
        return lambda _, __, output: store.__setitem__(at, first(output)[0].detach())

    hooks.append(blocks[0].register_forward_pre_hook(before(residual, 0)))
    for l, block in enumerate(blocks):
        attn, out, feed, down = inner[l]
        hooks += [
            block.register_forward_hook(after(residual, l + 1)),
            attn.register_forward_hook(after(attention, l)),
            out.register_forward_pre_hook(before(context, l)),
            feed.register_forward_hook(after(mlp, l)),
            down.register_forward_pre_hook(before(hidden, l)),
        ]
    hooks.append(norm.register_forward_hook(after(last_norm, 0)))
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    for hook in hooks:
        hook.remove()
    assert all(x.dtype == torch.float64 for x in [logits, *residual, *attention, *context, *hidden])
    for l in range(layers):
        total = residual[l] + attention[l] + mlp[l]
        assert torch.allclose(total, residual[l + 1], atol=1e-12), "the parts of a block add up"

    nll = -logits[:-1].log_softmax(-1)[range(len(ids) - 1), ids[1:]]
    return logits, {
        "ids": ids,
        "mean_nll": nll.mean(),
        "logits": logits[-1],
        "final_norm": last_norm[0][-1],
        "residual": [x[-1] for x in residual],
        "residual_first": [x[0] for x in residual],
        "attention_output": [x[-1] for x in attention],
        "mlp_output": [x[-1] for x in mlp],
        "mlp_hidden": [x[-1] for x in hidden],
        "head_context": [x[-1] for x in context],
    }


def greedy(model, ids, count=20):
    """The ids that follow, and the smallest lead of a chosen logit over the next best."""
    ids, new, lead = list(ids), [], math.inf
    for _ in range(count):
        with torch.no_grad():
            logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
        best = logits.topk(2)
        lead = min(lead, (best.values[0] - best.values[1]).item())
        new.append(best.indices[0].item())
        ids.append(new[-1])
    return new, lead


def rounded(value):
    """Seven significant digits, as plain JSON numbers."""
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, torch.Tensor):
        return rounded(value.tolist())
    return float(f"{value:.7g}") if isinstance(value, float) else value


def clear_cut(build, dtype, prompts, deviation):
    """The first seed whose greedy continuations are unambiguous and not one repeated token."""
    for seed in range(1000):
        model = build().to(dtype).eval()
        randomise(model, seed, deviation)
        # Not model.double(): the cast to `dtype` rounded buffers that are no weights (rotary tables).
        exact = build().double().eval()
        exact.load_state_dict({k: v.double() for k, v in model.state_dict().items()})
        with Float64():
            runs = [greedy(exact, ids) for ids in prompts]
        if all(lead > 1e-2 and len(set(new)) >= 8 for new, lead in runs):
            return seed, model, exact, runs
    raise SystemExit("no seed gives clear-cut greedy decoding")


def check_against_original(exact, prompts, tolerance=2e-4):
    """The float64 replacements compute what the library computes in float32."""
    for ids in prompts:
        with Float64(), torch.no_grad():
            ours = exact(torch.tensor([ids]), use_cache=False).logits
        with torch.no_grad():
            theirs = exact.float()(torch.tensor([ids]), use_cache=False).logits
        exact.double()
        gap = (ours - theirs).abs().max().item()
        assert gap < tolerance, f"float64 replacement differs from the library by {gap}"


def make(folder, build, tokenizer, dtype, deviation, max_shard_size):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prompts = [tokenizer.encode(text).ids for text in PROMPTS]
    seed, model, exact, runs = clear_cut(build, dtype, prompts, deviation)
    check_against_original(exact, prompts)
    if isinstance(model, GPTNeoForCausalLM):
        differs_from_global(exact, prompts[0])
    golden = []
    for text, ids, (new, lead) in zip(PROMPTS, prompts, runs):
        assert lead > 1e-2
        with Float64():
            logits, numbers = record(exact, ids)
        assert logits[-1].argmax().item() == new[0]
        golden.append({"text": text, **numbers, "greedy": new, "smallest_lead": lead})

    model.save_pretrained(folder, max_shard_size=max_shard_size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    (folder / "tokenizer.json").write_text(
        json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
    lines = [json.dumps({k: rounded(v) for k, v in g.items()}, separators=(",", ":")) for g in golden]
    head = f'{{"seed":{seed},"deviation":{deviation},"prompts":[\n'
    (folder / "golden.json").write_text(head + ",\n".join(lines) + "\n]}\n")
    print(folder.name, "seed", seed, "tokens", [len(p) for p in prompts])


def differs_from_global(exact, ids):
    """The window must matter, or the fixture proves nothing about it."""
    masks = [b.attn.attention.bias for b in exact.transformer.h]
    with Float64(), torch.no_grad():
        local = exact(torch.tensor([ids]), use_cache=False).logits
        for b in exact.transformer.h:
            b.attn.attention.bias = masks[0]
        everywhere = exact(torch.tensor([ids]), use_cache=False).logits
    for b, mask in zip(exact.transformer.h, masks):
        b.attn.attention.bias = mask
    assert (local - everywhere).abs().max() > 0.1


def main(output):
    torch.set_num_threads(1)
    byte_level, pieces = byte_level_tokenizer(), sentence_piece_tokenizer()
    vocabulary = byte_level.get_vocab_size()
    end = byte_level.token_to_id("<|endoftext|>")

    def gpt2(inner):
        return lambda: GPT2LMHeadModel(GPT2Config(
            vocab_size=vocabulary, n_positions=64, n_embd=48, n_layer=3, n_head=4, n_inner=inner,
            activation_function="gelu_new", bos_token_id=end, eos_token_id=end))

    def gpt_neo():
        return GPTNeoForCausalLM(GPTNeoConfig(
            vocab_size=vocabulary, max_position_embeddings=64, hidden_size=32, num_layers=4,
            num_heads=4, intermediate_size=48, attention_types=[[["global", "local"], 2]],
            window_size=5, bos_token_id=end, eos_token_id=end))

    def llama():
        return LlamaForCausalLM(LlamaConfig(
            vocab_size=pieces.get_vocab_size(), hidden_size=48, intermediate_size=64,
            num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2, head_dim=8,
            max_position_embeddings=64, rms_norm_eps=1e-5, rope_parameters={
                "rope_type": "default", "rope_theta": 10000.0},
            tie_word_embeddings=False, bos_token_id=1, eos_token_id=2))

    make(output / "gpt2", gpt2(64), byte_level, torch.float32, 0.2, "1GB")
    make(output / "gpt2-bf16-sharded", gpt2(None), byte_level, torch.bfloat16, 0.25, "80KB")
    make(output / "gpt-neo", gpt_neo, byte_level, torch.float32, 0.25, "1GB")
    make(output / "llama", llama, pieces, torch.float16, 0.25, "1GB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
