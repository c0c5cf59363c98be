"""Makes Tests/Fixtures/tokenizers: what the `tokenizers` library says about hard strings.

    pip install tokenizers==0.23.3
    python generate_tokenizer_goldens.py models tokenizers [SHARED_DATA]

For each tokenizer NAME.golden.json lists
    text, ids (special tokens as the tokenizer adds them), plain (none added),
    decoded (special tokens skipped), kept (special tokens kept), the last two from ids
(left out where equal: plain to ids, decoded to text, kept to decoded), and under "decodings"
{ids, decoded} for id lists that no text encodes to (broken UTF-8 and so on).
`byte-level` and `sentence-piece` are the tokenizers of the fixture models. The others, written here
as NAME.tokenizer.json, each carry options that those two lack. With SHARED_DATA (a folder of real
tokenizers that is not part of the package), their goldens are made too.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

WORDS = [
    "", " ", "  ", "   ", "a", " a", "a ", "  a  b   c  ", "Hello world", " leading", "trailing ",
    "line\nbreak", "two\n\nlines", "\n", "\n\n\n", " \n ", "a \n b", "cr\r\nlf\r\n", "\ttab\t\ttabs ",
    "it's don't we're I've I'm they'll he'd", "IT'S DON'T WE'RE I'VE", "'s't're", "''s '' 'll",
    "rock 'n' roll's", "o'clock 'tis", "0 1 23 456 7890 3.14 1,000,000", "a1b2c3", "x=1;y=[2,3]",
    "Wait... what?!! (yes) -- \"no\" <b>&amp;</b>", "$5 + 10% = #@^~`|\\/", "!?", "...", " ...",
    "café naïve Ångström", "cafe\u0301 nai\u0308ve A\u030angstro\u0308m", "Straße ŒUVRE İstanbul ǅ",
    "你好，世界。", "日本語のテキスト カタカナ", "한국어 텍스트", "ไทยภาษา", "हिन्दी में",
    "😀", "👩‍👩‍👧‍👦 family", "🏳️‍🌈🇫🇷👍🏽", "a😀b", "שלום עולם", "مرحبا ١٢٣ بالعالم", "Привет, мир!", "Ελληνικά",
    "<|endoftext|>", "a<|endoftext|>b", "a <|endoftext|> b<|endoftext|>", "<|endoftext|", "<s>hi</s>",
    "x <s> y", "<unk><s></s>", "<0x41><0x0A>", "▁ ▁▁a▁b", "Ġa Ċ",
    "\x00\x01\x1f\x7f", "a\x0bb\x0cc\x1cd\x85e", "nb\u00a0sp\u00a0\u00a0x", "\u3000wide\u3000 \u3000",
    "ls\u2028ps\u2029nel", "\u2003em \u2003\u2009thin\u202f\u205f\u1680x", " \u00a0a", "\u00a0 a",
    "pneumonoultramicroscopicsilicovolcanoconiosis" * 2, "a" * 130, "ab" * 40, " " * 40 + "x",
    "zero\u200bwidth\u200c\u200djoin\ufeff", "\u0301", "\u0301\u0302 \u0303a", "a\u0301\u0302\u0303",
    "x² + y³ = ½ ¾ Ⅻ ⅷ ① ㊿ ৴", "٣٤٥ ४५ 𝟘𝟙", "\ufffd", "a\ufffd\ufffdb", "\ue000\uf8ff \U000f0000",
    "\U0001d400\U0001d401 math 𐍈 𓀀", "ﬁ ﬂ ｆｕｌｌ", "ª º ʰ ˈ ʼ ",
    "The wind turned to the sea, and then there were 24 loaves.", "She said: \"I don't know\".",
]

BROKEN = 10  # how many random id lists per tokenizer


def golden(tokenizer, seed):
    entries = []
    for text in WORDS:
        ids = tokenizer.encode(text).ids
        entry = {"text": text, "ids": ids}
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        decoded = tokenizer.decode(ids)
        kept = tokenizer.decode(ids, skip_special_tokens=False)
        if plain != ids:
            entry["plain"] = plain
        if decoded != text:
            entry["decoded"] = decoded
        if kept != decoded:
            entry["kept"] = kept
        entries.append(entry)
    chance, decodings = random.Random(seed), []
    low = [i for i in range(tokenizer.get_vocab_size()) if i < 262]
    for n in range(BROKEN):
        ids = chance.choices(low if n % 2 else range(tokenizer.get_vocab_size()), k=12)
        decodings.append({"ids": ids, "decoded": tokenizer.decode(ids)})
    return {"entries": entries, "decodings": decodings}


def write(folder, name, tokenizer, seed):
    result = golden(tokenizer, seed)
    lines = ["[" + json.dumps(part, separators=(",", ":"))[1:-1].replace("},{", "},\n{") + "]"
             for part in (result["entries"], result["decodings"])]
    (folder / f"{name}.golden.json").write_text(
        '{"entries":' + lines[0] + ',\n"decodings":' + lines[1] + "}\n")
    print(name, len(result["entries"]), "texts")


def changed(base, **parts):
    """A copy of a tokenizer's JSON with some top-level parts, or parts of the model, replaced."""
    copy = json.loads(json.dumps(base))
    copy["model"].update(parts.pop("model", {}))
    copy.update(parts)
    return copy


def added(number, content, **options):
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": False}
    return {"id": number, "content": content, **flags, **options}


def options(byte_level, pieces):
    """Tokenizers that between them use every option read by VaneTokenizers."""
    size = len(byte_level["model"]["vocab"])
    strings = [" ".join(m) for m in byte_level["model"]["merges"]]
    yield "prefix-space", changed(
        byte_level, model={"merges": strings},
        pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                       "use_regex": True},
        added_tokens=byte_level["added_tokens"] + [
            added(size + 1, "wind"), added(size + 2, "winter"),
            added(size + 3, "sea", single_word=True), added(size + 4, "family", lstrip=True),
            added(size + 5, "loaves", lstrip=True, rstrip=True), added(size + 6, "a\u0301"),
            added(size + 7, "tab\t", normalized=True)])
    whole = dict(byte_level["model"]["vocab"])
    for word in ["<|endoftext|>", "Hello", "Ġworld", "Ġ1", "can't"]:
        whole[word] = len(whole)
    yield "ignore-merges", changed(byte_level, model={"vocab": whole, "ignore_merges": True})
    yield "no-regex", changed(
        byte_level, pre_tokenizer={"type": "ByteLevel", "add_prefix_space": False,
                                   "trim_offsets": True, "use_regex": False})
    kept = [k for k in pieces["model"]["vocab"] if not k.startswith("<0x")]
    without_bytes = {k: i for i, k in enumerate(kept)}
    pair = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}
    yield "metaspace", changed(
        pieces, normalizer=None, pre_tokenizer=pair, decoder=pair, model={
            "byte_fallback": False, "vocab": without_bytes})
    yield "unfused", changed(
        pieces, decoder=None, model={
            "byte_fallback": False, "fuse_unk": False, "vocab": without_bytes},
        added_tokens=pieces["added_tokens"] + [
            added(len(kept), "the sea", normalized=True),
            added(len(kept) + 1, "Hello", rstrip=True, special=True)],
        post_processor={"type": "TemplateProcessing",
                        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                                   {"Sequence": {"id": "A", "type_id": 0}},
                                   {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                        "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                                 {"Sequence": {"id": "B", "type_id": 1}}],
                        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]},
                                           "</s>": {"id": "</s>", "ids": [2, 2],
                                                    "tokens": ["</s>", "</s>"]}}})


def main(models, output, shared):
    output.mkdir(parents=True, exist_ok=True)
    byte_level, pieces = models / "gpt2/tokenizer.json", models / "llama/tokenizer.json"
    write(output, "byte-level", Tokenizer.from_file(str(byte_level)), 1)
    write(output, "sentence-piece", Tokenizer.from_file(str(pieces)), 2)
    for name, file in options(json.loads(byte_level.read_text()), json.loads(pieces.read_text())):
        path = output / f"{name}.tokenizer.json"
        path.write_text(json.dumps(file, ensure_ascii=False, separators=(",", ":")) + "\n")
        write(output, name, Tokenizer.from_file(str(path)), 3)
    if shared is None:
        return
    for name in ["tinytalk", "stories260K"]:
        file = shared / "models" / name / "hf/tokenizer.json"
        write(output, f"shared-{name}", Tokenizer.from_file(str(file)), 4)
    gpt2 = Tokenizer(BPE.from_file(str(shared / "tokenizers/gpt2/vocab.json"),
                                   str(shared / "tokenizers/gpt2/merges.txt")))
    gpt2.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    gpt2.decoder = decoders.ByteLevel()
    gpt2.add_special_tokens([AddedToken("<|endoftext|>", normalized=False)])
    write(output, "shared-gpt2", gpt2, 5)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) == 4 else None)
