#!/usr/bin/env bash
# TCAV of Vane and of Captum on TinyTalk, turn by turn on this machine: seconds, and the scores of both at each block. Needs the optional
# folder of real data, ../shared or $VANE_SHARED. Captum goes into a virtual environment in .build, unless VANE_PYTHON names a Python
# that has it.
#   scripts/compare-tcav.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
data=${VANE_SHARED:-../shared}/data
model=$data/models/tinytalk/hf
[ -d "$model" ] || { echo "compare-tcav: there is no $model" >&2; exit 66; }
python=${VANE_PYTHON:-.build/peers/bin/python}
if [ ! -x "$python" ]; then
    python3 -m venv .build/peers
    .build/peers/bin/pip install -q 'torch==2.13.0+cpu' 'transformers==5.23.0' numpy
fi
"$python" -c 'import captum, sklearn' 2>/dev/null || "$python" -m pip install -q captum scikit-learn
swift build -c release --product vane >&2
work=$(mktemp -d "${TMPDIR:-/tmp}/vane-tcav.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" - "$data/text/emotion_scenarios" "$work" <<'PYTHON'
import json
import random
import sys

source, work = sys.argv[1:]


def texts(name):
    with open(f"{source}/{name}.json", encoding="utf-8") as file:
        return json.load(file)


others = sum((texts(name) for name in ["sadness", "anger", "fear", "disgust", "surprise"]), [])
random.Random(0).shuffle(others)
for name, lines in [("positive", texts("happiness")), ("random", others)]:
    with open(f"{work}/{name}.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
PYTHON
awk '/^User: / && length < 130 && ++n <= 57 { print $0 " Bot: I am" }' "$data/corpora/soda_chat_val.txt" > "$work/inputs.txt"
"$python" Benchmarks/peers/captum_tcav.py --vane "$(swift build -c release --show-bin-path)/vane" --model "$model" \
    --positive "$work/positive.txt" --random "$work/random.txt" --texts "$work/inputs.txt" --token happy --against sad --runs "${1:-500}"
