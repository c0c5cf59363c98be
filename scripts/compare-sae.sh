#!/usr/bin/env bash
# Training of a top-k dictionary (768 to 3072 latents, 32 active, batches of 4096) in Vane and, dense, in PyTorch, turn
# by turn on this machine, then the medians and their ratio. PyTorch goes into a virtual environment in .build, unless
# VANE_PYTHON names a Python that has it.
#   scripts/compare-sae.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
python=${VANE_PYTHON:-.build/peers/bin/python}
if [ ! -x "$python" ]; then
    python3 -m venv .build/peers
    .build/peers/bin/pip install -q 'torch==2.13.0+cpu' 'transformers==5.23.0' numpy
fi
swift build -c release --package-path Benchmarks >&2
bench=$(swift build -c release --package-path Benchmarks --show-bin-path)/vane-bench

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
vane=
torch=
for round in $(seq "$rounds"); do
    a=$("$bench" --shapes dictionary --works topk --repeats 1 --json |
        sed -nE 's/.*"tokensPerSecond" : ([0-9.]+).*/\1/p')
    b=$("$python" Benchmarks/peers/dictionary.py "${VANE_THREADS:-2}")
    printf 'round %d: vane %.1f, torch %.1f tokens/s\n' "$round" "$a" "$b"
    vane="$vane$a"$'\n'
    torch="$torch$b"$'\n'
done
a=$(printf %s "$vane" | median)
b=$(printf %s "$torch" | median)
awk -v a="$a" -v b="$b" 'BEGIN { printf "median: vane %.1f, torch %.1f tokens/s, ratio %.2f\n", a, b, a / b }'
