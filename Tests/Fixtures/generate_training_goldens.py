"""Makes Tests/Fixtures/training: what the `tokenizers` library learns from a small corpus.

    pip install tokenizers==0.23.3
    python generate_training_goldens.py training

corpus.txt is made-up text, one text a line, the last HELD_OUT of them held out. tokenizer.json has the
merges that the library learns from the rest, in the structure that VaneTokenizers writes: ids of bytes,
merges, special token. golden.json lists the ids that the library, with that file loaded, gives each string
of STRINGS, and how many tokens the held-out texts take together.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SIZE, SPECIAL, HELD_OUT = 640, "<|endoftext|>", 40
WORDS = """the a and of to in it was she he they we you had said with for on that is but not all from
wind sea winter boat harbour lantern letter morning evening river stone window garden mother sailor
child children old small quiet bright cold warm red green walked turned looked waited found carried
remembered opened singing falling morning's don't can't we're they'll I've naïve café Ångström 7 12
1984 3.14 日本語 привет мир 😀 — ... hello""".split()
STRINGS = [
    "", " ", "  ", "a", " the", "the wind turned to the sea", "The Wind\n\nand the boat.\n", "it's 1984!",
    "unseen wörds, völlig neu", "日本 語日本語", "привет, мир", "😀😀 👩‍👧", "tab\tand\r\nline ", "====----====",
    "a<|endoftext|>b", "<|endoftext|> the", "<|endoftext", "Ġthe Ċ", "\x00\x7f\u00a0\u00ad", "   x   y",
    "I've they'll we'RE", "aaaaaaaaaaa bababababab", "cafe\u0301 café",
]


def corpus():
    chance = random.Random(7)
    syllables = [a + b for a in "b br d f g k l m n p r s st t tr v".split() for b in "aeiou"]
    made = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(300)]
    vocabulary = WORDS + made
    weights = [1 / (n + 8) for n in range(len(vocabulary))]
    for n in range(400):
        words = chance.choices(vocabulary, weights, k=chance.randint(3, 14))
        if n % 5 == 0:
            words.append(chance.choice("=-ab") * chance.randint(2, 9))
        text = (", " if n % 7 == 0 else " ").join(words)
        yield text[0].upper() + text[1:] + chance.choice([".", "!", "?", "  "])


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    texts = list(corpus())
    (folder / "corpus.txt").write_text("\n".join(texts) + "\n")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learner.train_from_iterator(texts[:-HELD_OUT], trainers.BpeTrainer(
        vocab_size=SIZE - 1, min_frequency=2, initial_alphabet=alphabet, show_progress=False))
    merges = json.loads(learner.to_str())["model"]["merges"]
    vocabulary = {token: n for n, token in enumerate(alphabet + [a + b for a, b in merges])}
    assert vocabulary == learner.get_vocab() and len(vocabulary) == SIZE - 1

    def byte_level(prefix):
        return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True}

    file = folder / "tokenizer.json"
    file.write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": SIZE - 1, "content": SPECIAL, "single_word": False, "lstrip": False,
                          "rstrip": False, "normalized": False, "special": True}],
        "normalizer": None, "pre_tokenizer": byte_level(False), "post_processor": byte_level(True),
        "decoder": byte_level(True),
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False, "vocab": vocabulary, "merges": merges},
    }, ensure_ascii=False, separators=(",", ":")) + "\n")
    loaded = Tokenizer.from_file(str(file))
    entries = [{"text": text, "ids": loaded.encode(text).ids} for text in STRINGS]
    held_out = sum(len(loaded.encode(text).ids) for text in texts[-HELD_OUT:])
    (folder / "golden.json").write_text(json.dumps(
        {"vocabularySize": SIZE, "heldOut": HELD_OUT, "heldOutTokens": held_out, "entries": entries},
        separators=(",", ":")).replace("},{", "},\n{") + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
