#!/usr/bin/env bash
# Forward and backward of a GPT-2-small-shaped model in Vane and in PyTorch, turn by turn on this machine, then the
# medians and their ratio. PyTorch goes into a virtual environment in .build.
#   scripts/compare-training.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
peers=.build/peers
if [ ! -x "$peers/bin/python" ]; then
    python3 -m venv "$peers"
    "$peers/bin/pip" install -q 'torch==2.13.0+cpu' 'transformers==5.23.0' numpy
fi
swift build -c release --package-path Benchmarks >&2
bench=$(swift build -c release --package-path Benchmarks --show-bin-path)/vane-bench

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
vane=
torch=
for round in $(seq "$rounds"); do
    a=$("$bench" --shapes gpt2 --works 'forward + backward' --repeats 1 --json |
        sed -nE 's/.*"tokensPerSecond" : ([0-9.]+).*/\1/p')
    b=$(TRANSFORMERS_VERBOSITY=error "$peers/bin/python" Benchmarks/peers/training.py "${VANE_THREADS:-2}")
    printf 'round %d: vane %.1f, torch %.1f tokens/s\n' "$round" "$a" "$b"
    vane="$vane$a"$'\n'
    torch="$torch$b"$'\n'
done
a=$(printf %s "$vane" | median)
b=$(printf %s "$torch" | median)
awk -v a="$a" -v b="$b" 'BEGIN { printf "median: vane %.1f, torch %.1f tokens/s, ratio %.2f\n", a, b, a / b }'
