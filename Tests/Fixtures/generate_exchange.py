"""Makes the small files under Tests/Fixtures/exchange that other tools would write.

    pip install torch==2.13.0 gguf==0.19.0 safetensors numpy transformers scikit-learn
    pip install --no-deps repeng==0.4.0
    python generate_exchange.py exchange

GGUF files come from the `gguf` package and one from repeng, `.pt` files from `torch.save`, safetensors from
`safetensors`. (PyTorch's old container names storages by their addresses: its files differ from run to run.) All
numbers are multiples of 1/16, so that every reader must get them exactly:

    value(layer, i) = ((7 i + 13 layer) mod 17 - 8) / 16

`control.gguf` is, key by key, what Vane's own writer makes of the same vectors: the two must agree in every
byte. `refused/` holds pickles that ask for more than tensors, and a compressed archive.
"""

import hashlib
import json
import pickle
import shutil
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.numpy import save_file

WIDTH = 48


def vector(layer, width=WIDTH):
    return np.array([((7 * i + 13 * layer) % 17 - 8) / 16 for i in range(width)], dtype=np.float32)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_files(out):
    writer = gguf.GGUFWriter(str(out / "all-types.gguf"), "test")
    writer.add_uint8("u8", 200)
    writer.add_int8("i8", -100)
    writer.add_uint16("u16", 60000)
    writer.add_int16("i16", -30000)
    writer.add_uint32("u32", 4000000000)
    writer.add_int32("i32", -2000000000)
    writer.add_float32("f32", 0.15625)
    writer.add_bool("yes", True)
    writer.add_bool("no", False)
    writer.add_string("text", "Wetterfahne ⚑ ‑ naïve")
    writer.add_string("empty", "x")
    writer.add_uint64("u64", 1 << 63)
    writer.add_int64("i64", -(1 << 62))
    writer.add_float64("f64", -1e300)
    writer.add_array("words", ["north", "süd", ""])
    writer.add_array("numbers", [1, -2, 3])
    writer.add_array("floats", [0.5, -0.25])
    writer.add_array("truths", [True, False, True])
    writer.add_tensor("matrix", np.arange(6, dtype=np.float32).reshape(2, 3) / 4)
    writer.add_tensor("half", vector(2, 5).astype(np.float16))
    bits = (vector(3, 5).view(np.uint32) >> 16).astype(np.uint16)
    writer.add_tensor("brain", bits, raw_shape=(5,), raw_dtype=gguf.GGMLQuantizationType.BF16)
    blocks = gguf.quants.quantize(vector(4, 64).reshape(2, 32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("quantised", blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    finish(writer)

    # What Vane's writer makes of the same vectors, key by key.
    writer = gguf.GGUFWriter(str(out / "control.gguf"), "controlvector")
    writer.add_string("general.name", "planted")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_uint32("controlvector.layer_count", 2)
    writer.add_string("vane.site_convention",
                      "blocks[k].residual is the output of block k, counted from 0, after the residual sum")
    writer.add_string("vane.method", "by hand")
    for layer in (1, 2):
        writer.add_tensor(f"direction.{layer}", vector(layer))
    finish(writer)

    # In the manner of llama.cpp's own generator: a signed count.
    writer = gguf.GGUFWriter(str(out / "generator.gguf"), "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_int32("controlvector.layer_count", 2)
    for layer in (1, 2):
        writer.add_tensor(f"direction.{layer}", vector(layer))
    finish(writer)

    # Two directions a layer that are exactly orthonormal in single precision.
    writer = gguf.GGUFWriter(str(out / "projection.gguf"), "controlvector")
    frames = {1: ([0.6, 0.8, 0, 0], [-0.8, 0.6, 0, 0]), 3: ([0, 0, 1, 0], [0.5, 0.5, 0, 0.70710678])}
    frames = {layer: [np.array(row, dtype=np.float32) for row in rows] for layer, rows in frames.items()}
    digest = hashlib.sha256(b"".join(row.tobytes() for layer in (1, 3) for row in frames[layer])).hexdigest()
    writer.add_string("general.type", "controlvector")
    writer.add_string("general.name", "frame")
    writer.add_string("controlvector.model_hint", "Tiny-4")
    writer.add_uint32("controlvector.layer_count", 2)
    writer.add_string("glp.mode", "project")
    writer.add_uint32("glp.spec_version", 2)
    writer.add_float32("glp.alpha_default", 1.5)
    writer.add_uint32("glp.rank", 2)
    writer.add_bool("glp.orthonormal", True)
    writer.add_string("glp.hook_point", "residual_stream_post_layer")
    writer.add_string("glp.dir_scales", "1.0,0.5")
    writer.add_string("glp.layer_scales", "3:2.0")
    writer.add_string("glp.layer_ids_zero_based", "1,3")
    writer.add_string("glp.content_sha256", digest)
    writer.add_string("glp.method", "by hand")
    writer.add_uint32("general.base_model.count", 1)
    writer.add_string("general.base_model.0.name", "Tiny-4")
    writer.add_string("general.base_model.0.version", "abc123")
    writer.add_string("vane.site_convention",
                      "blocks[k].residual is the output of block k, counted from 0, after the residual sum")
    for layer in (1, 3):
        writer.add_tensor(f"direction.{layer}", frames[layer][0])
        writer.add_tensor(f"direction.{layer}.1", frames[layer][1])
    finish(writer)


def repeng_file(out):
    # repeng names a type that NumPy 2 dropped.
    np.float_ = np.float64
    from repeng import ControlVector

    vectors = ControlVector(model_type="llama", directions={layer: vector(layer) for layer in (1, 2)})
    vectors.export_gguf(str(out / "repeng.gguf"))
    # And repeng reads what Vane writes (the bytes of control.gguf are Vane's own, as a test shows).
    ours = ControlVector.import_gguf(str(out / "control.gguf"))
    assert ours.model_type == "llama" and sorted(ours.directions) == [1, 2]
    assert all((ours.directions[layer] == vector(layer)).all() for layer in (1, 2))


def torch_files(out):
    t = lambda layer, width=8: torch.from_numpy(vector(layer, width))
    torch.save(t(3), out / "vec_layer_3.pt")
    torch.save(t(3), out / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.stack([t(0), t(1), t(2)]).to(torch.bfloat16), out / "matrix.pt")
    torch.save({4: t(4), 6: t(6).to(torch.float16)}, out / "layers.pt")
    torch.save({"layer.4.direction": t(4), "layer.6.direction": t(6), "note": "by hand", "scale": 1.5},
               out / "named.pt")
    torch.save([t(0), t(1)], out / "list.pt")
    wide_archive(out / "vec_layer_3.pt", out / "wide.pt")
    # Views: a transposed matrix, and two rows of one storage.
    base = torch.stack([t(0), t(1), t(2)])
    torch.save([base.t()[2], base[1]], out / "views.pt")
    torch.save(torch.stack([t(0), t(1)]).double(), out / "double.pt")
    module = torch.nn.Linear(8, 2)
    with torch.no_grad():
        module.weight.copy_(torch.stack([t(1), t(2)]))
        module.bias.copy_(t(3)[:2])
    torch.save(module.state_dict(), out / "state.pt")
    torch.save(OrderedDict(weight=torch.nn.Parameter(t(1)), count=torch.tensor(7)), out / "parameter.pt")
    torch.save({"a": base, "b": base[0], "n": None, "flags": (True, False, -70000, 1 << 40)},
               out / "legacy-dict.pt", _use_new_zipfile_serialization=False)


def wide_archive(source, target):
    """The entries of a zip archive in one whose directory uses the 64-bit fields, as torch.save does past 4 GB."""
    body, directory, count = b"", b"", 0
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            data, place, encoded = archive.read(name), len(body), name.encode()
            crc, full = zipfile.crc32(data), 0xFFFFFFFF
            body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0, crc, len(data), len(data),
                                len(encoded), 0) + encoded + data
            extra = struct.pack("<HH3s", 0x4242, 3, b"pad") + struct.pack("<HHQQQ", 1, 24, len(data), len(data), place)
            directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, crc, full, full,
                                     len(encoded), len(extra), 0, 0, 0, 0, full) + encoded + extra
            count += 1
    record = len(body) + len(directory)
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, len(directory), len(body))
    end += struct.pack("<IIQI", 0x07064B50, 0, record, 1)
    end += struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 7) + b"comment"
    target.write_bytes(body + directory + end)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None


class Evil:
    def __reduce__(self):
        return eval, ("__import__('os').getpid()",)


def refused_files(out):
    out.mkdir()
    torch.save({"v": torch.zeros(2), "x": Evil()}, out / "eval.pt")
    torch.save({"x": Evil()}, out / "eval-legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), out / "module.pt")
    torch.save({"v": np.zeros(2)}, out / "numpy.pt")
    torch.save(torch.zeros(2).to_sparse(), out / "sparse.pt")
    torch.save({"v": torch.zeros(1).expand(1000000)}, out / "expanded.pt")
    (out / "plain.pkl").write_bytes(pickle.dumps({"a": 1}, protocol=4))
    torch.save(torch.zeros(4), out / "stored.pt")
    with zipfile.ZipFile(out / "stored.pt") as source, \
            zipfile.ZipFile(out / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.namelist():
            target.writestr(item, source.read(item))
    (out / "stored.pt").unlink()
    loop = b"\x80\x02]q\x00h\x00a."
    with zipfile.ZipFile(out / "loop.pt", "w") as target:
        target.writestr("archive/data.pkl", loop)


def other_files(out):
    save_file({"W": np.stack([vector(k, 8) for k in range(3)]), "a": np.ones((3, 1), np.float32) * 2,
               "b": np.array([0.5, -0.5, 0.25], np.float32)}, out / "guidance.safetensors")
    (out / "happy.svec").write_text(json.dumps({
        "model_type": "llama", "directions": {str(k): vector(k, 8).tolist() for k in (0, 2)},
        "explained_variances": {"0": 0.5, "2": 0.75}}))
    rows = np.zeros((3, 4), np.float32)
    rows[1], rows[2] = [0.6, 0.8, 0, 0], [0, 0, 0, 1]
    (out / "terse.f32").write_bytes(rows.tobytes())
    (out / "terse.json").write_text(json.dumps({"shape": [3, 4], "component": "ffn_out", "good_file": "a"}))
    sae = out / "sae"
    sae.mkdir()
    (sae / "cfg.json").write_text(json.dumps({
        "d_in": 8, "d_sae": 5, "dtype": "float32", "device": "cpu", "apply_b_dec_to_input": True,
        "normalize_activations": "none", "reshape_activations": "none", "architecture": "jumprelu",
        "metadata": {"hook_name": "blocks.2.hook_resid_post", "model_name": "tiny", "sae_lens_version": "6.0"}}))
    save_file({"W_enc": np.zeros((8, 5), np.float32), "W_dec": np.stack([vector(k, 8) for k in range(5)]),
               "b_enc": np.zeros(5, np.float32), "b_dec": np.zeros(8, np.float32),
               "threshold": np.zeros(5, np.float32)}, sae / "sae_weights.safetensors")


def main():
    torch.manual_seed(0)
    out = Path(sys.argv[1])
    # The folder also holds what generate_llamacpp.py made.
    for item in out.glob("*"):
        if item.name != "llamacpp.json":
            shutil.rmtree(item) if item.is_dir() else item.unlink()
    out.mkdir(exist_ok=True)
    gguf_files(out)
    repeng_file(out)
    torch_files(out)
    refused_files(out / "refused")
    other_files(out)


main()
