"""What llama.cpp makes of our control vectors: Tests/Fixtures/exchange/llamacpp.json.

    pip install xllamacpp==2026.10.11549 gguf==0.19.0 safetensors torch==2.13.0 numpy     (and g++)
    python generate_llamacpp.py models/llama exchange

The wheel of xllamacpp holds llama.cpp with all its symbols. The tiny Llama of Tests/Fixtures is written as a GGUF
file of the same weights in float32 (llama.cpp wants query and key rows in pairs), and llama.cpp runs it with a
float32 cache and without flash attention, which would round. Control vectors are loaded by llama.cpp's own
`common_control_vector_load`, called through a few lines of C++.

The result holds the logits after the last of `tokens`: plain, with `control.gguf` at strengths 1 and -0.5, and with
each of its layers alone; and what the loader says of files that our documentation makes claims about.
"""

import ctypes
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import xllamacpp.xllamacpp as wheel
from safetensors.torch import load_file

TOKENS = [1, 17, 80, 42, 5, 100, 81, 7]

SHIM = r"""
#include <cstring>
#include <string>
#include <vector>
struct common_control_vector_load_info { float strength; std::string fname; };
struct common_control_vector_data { int n_embd; std::vector<float> data; };
common_control_vector_data common_control_vector_load(const std::vector<common_control_vector_load_info> &);
extern "C" int load_vector(const char *path, float strength, float *out, int room, int *width) {
    auto loaded = common_control_vector_load({{strength, path}});
    *width = loaded.n_embd;
    if ((int) loaded.data.size() > room) return -1;
    std::memcpy(out, loaded.data.data(), loaded.data.size() * sizeof(float));
    return (int) loaded.data.size();
}
"""


class Parameters(ctypes.Structure):
    """llama.cpp's parameters, passed by value; larger than any of them."""
    _fields_ = [("bytes", ctypes.c_uint8 * 512)]


class Batch(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int32), ("tokens", ctypes.c_void_p), ("embeddings", ctypes.c_void_p),
                ("positions", ctypes.c_void_p), ("sequences", ctypes.c_void_p), ("ids", ctypes.c_void_p),
                ("logits", ctypes.c_void_p)]


def paired(weight, heads):
    """Rows (i, i + half) of each head next to each other."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def convert(folder, path):
    config = json.loads((folder / "config.json").read_text())
    weights = {name: tensor.float().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    writer.add_tensor("token_embd.weight", weights["model.embed_tokens.weight"])
    writer.add_tensor("output_norm.weight", weights["model.norm.weight"])
    writer.add_tensor("output.weight", weights["lm_head.weight"])
    for layer in range(config["num_hidden_layers"]):
        for theirs, ours in names.items():
            weight = weights[f"model.layers.{layer}.{theirs}.weight"]
            if ours == "attn_q":
                weight = paired(weight, config["num_attention_heads"])
            if ours == "attn_k":
                weight = paired(weight, config["num_key_value_heads"])
            writer.add_tensor(f"blk.{layer}.{ours}.weight", np.ascontiguousarray(weight))
    finish(writer)
    return config


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    models, exchange = Path(sys.argv[1]), Path(sys.argv[2])
    library = ctypes.CDLL(wheel.__file__, mode=ctypes.RTLD_GLOBAL)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        config = convert(models, scratch / "model.gguf")
        (scratch / "shim.cpp").write_text(SHIM)
        # The wheel was built with the older of libstdc++'s two strings.
        subprocess.run(["g++", "-D_GLIBCXX_USE_CXX11_ABI=0", "-shared", "-fPIC", "-O1", "-o",
                        scratch / "shim.so", scratch / "shim.cpp"], check=True)
        shim = ctypes.CDLL(str(scratch / "shim.so"))

        def load(path, strength=1.0):
            """What llama.cpp's loader makes of a file: [layers from 1, width]; None when it refuses."""
            room, width = (ctypes.c_float * 65536)(), ctypes.c_int()
            count = shim.load_vector(str(path).encode(), ctypes.c_float(strength), room, 65536,
                                     ctypes.byref(width))
            if width.value <= 0 or count <= 0:
                return None
            return np.array(room[:count], dtype=np.float32).reshape(-1, width.value)

        library.llama_backend_init()
        for name, result in [("llama_model_default_params", Parameters),
                             ("llama_context_default_params", Parameters),
                             ("llama_model_load_from_file", ctypes.c_void_p),
                             ("llama_init_from_model", ctypes.c_void_p), ("llama_batch_get_one", Batch),
                             ("llama_get_logits_ith", ctypes.POINTER(ctypes.c_float))]:
            getattr(library, name).restype = result
        model = ctypes.c_void_p(library.llama_model_load_from_file(
            str(scratch / "model.gguf").encode(), library.llama_model_default_params()))
        assert model.value, "llama.cpp does not load the model"

        def logits(vector=None, first=1, last=1000):
            parameters = library.llama_context_default_params()
            fields = ctypes.cast(parameters.bytes, ctypes.POINTER(ctypes.c_int32))
            # Flash attention (automatic) and the types of the cache (float16) in this version of the structure.
            assert fields[13] == -1 and fields[26] == 1 and fields[27] == 1, "another version of llama.cpp"
            fields[13], fields[26], fields[27] = 0, 0, 0
            context = ctypes.c_void_p(library.llama_init_from_model(model, parameters))
            assert context.value, "llama.cpp makes no context"
            if vector is not None:
                data = np.ascontiguousarray(vector, dtype=np.float32)
                status = library.llama_set_adapter_cvec(
                    context, data.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), ctypes.c_size_t(data.size),
                    data.shape[1], first, last)
                assert status == 0, f"llama.cpp refuses the vector: {status}"
            tokens = (ctypes.c_int32 * len(TOKENS))(*TOKENS)
            assert library.llama_decode(context, library.llama_batch_get_one(tokens, len(TOKENS))) == 0
            result = library.llama_get_logits_ith(context, -1)[:config["vocab_size"]]
            library.llama_free(context)
            return [float(str(np.float32(x))) for x in result]

        ours = load(exchange / "control.gguf")
        assert ours is not None, "llama.cpp refuses our control vector"

        def probe(tensors):
            path = scratch / "probe.gguf"
            writer = gguf.GGUFWriter(str(path), "controlvector")
            for name, data in tensors.items():
                writer.add_tensor(name, np.array(data, dtype=np.float32))
            finish(writer)
            loaded = load(path)
            return None if loaded is None else loaded.tolist()

        golden = {
            "tokens": TOKENS,
            "plain": logits(),
            "steered": logits(ours),
            "minus_half": logits(load(exchange / "control.gguf", -0.5)),
            "layer_1": logits(ours, 1, 1),
            "layer_2": logits(ours, 2, 2),
            "loader": {
                "one": probe({"direction.1": [1, 2]}),
                "block_0": probe({"direction.0": [1, 2], "direction.1": [3, 4]}),
                "repeated": probe({"direction.1": [1, 2], "direction.01": [10, 20]}),
                "further": probe({"direction.1": [1, 2], "direction.1.1": [10, 20]}),
                "other_name": probe({"vector.1": [1, 2]}),
                "two_widths": probe({"direction.1": [1, 2], "direction.2": [1, 2, 3]}),
                "matrix": probe({"direction.1": [[1, 2]]}),
                "projection": load(exchange / "projection.gguf").tolist(),
            },
        }
    (exchange / "llamacpp.json").write_text(json.dumps(golden))
    print(json.dumps(golden["loader"], indent=1))
    for name in ("steered", "minus_half", "layer_1", "layer_2"):
        print(name, "moves the logits by", max(abs(a - b) for a, b in zip(golden[name], golden["plain"])))


main()
