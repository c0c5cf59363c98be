#!/usr/bin/env bash
# The main job from end to end: learn a concept from examples, look at it, write with it and without it. Uses the
# built-in model unless another is named. Exits 66 if a file that was named is missing.
#
#   VANE_MODEL     a Hugging Face model folder
#   VANE_POSITIVE  example sentences that have the concept, one a line
#   VANE_NEGATIVE  example sentences that do not
#   VANE_CONCEPT   the concept's name, if the examples are yours
#   VANE_PROMPT    what the model continues
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

missing() {
    printf 'demo: %s\n' "$*" >&2
    exit 66
}

absolute() {
    printf '%s/%s\n' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")"
}

model=()
learning=()
if [ -n "${VANE_MODEL:-}" ]; then
    for file in config.json tokenizer.json; do
        [ -f "$VANE_MODEL/$file" ] || missing "VANE_MODEL: '$VANE_MODEL' has no $file; a Hugging Face folder has"
    done
    model=(--model "$(absolute "$VANE_MODEL")")
fi

if [ -n "${VANE_POSITIVE:-}${VANE_NEGATIVE:-}" ]; then
    for file in "${VANE_POSITIVE:-}" "${VANE_NEGATIVE:-}"; do
        [ -n "$file" ] || missing "VANE_POSITIVE and VANE_NEGATIVE go together"
        [ -f "$file" ] || missing "no file '$file'"
    done
    concept=${VANE_CONCEPT:-concept}
    positive=$VANE_POSITIVE
    negative=$VANE_NEGATIVE
elif [ -n "${VANE_MODEL:-}" ]; then
    concept=happiness
    positive=Examples/happy.txt
    negative=Examples/sad.txt
else
    concept=praise
    positive=Examples/praise.txt
    negative=Examples/blame.txt
fi
prompt=${VANE_PROMPT:-'Yesterday, I'}

show_command swift build -c release --product vane
swift build -c release --product vane
vane=$(swift build -c release --show-bin-path)/vane

# What the demo writes goes to a folder of its own, which is removed at the end.
folder=$(mktemp -d "${TMPDIR:-/tmp}/vane-demo.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cp "$positive" "$folder/with.txt"
cp "$negative" "$folder/without.txt"
cd "$folder"

# Shows a vane command, then runs it.
vane() {
    printf '\n'
    show_command vane "$@"
    "$vane" "$@"
}

if [ ${#model[@]} -eq 0 ]; then
    vane models
    vane generate $'Wanted: letter, polite, sport, first person, past, positive.\n' --seed 2 --max-tokens 90
    vane steer 'the film was' --concept sentiment=0.99 --seed 3
    vane steer 'the film was' --remove sentiment=0.01 --concept formality=0.99 --seed 3
    # What steers this model best: docs/decisions/0010.
    learning=(--steering gradient)
fi
vane learn "$concept" --positive with.txt --negative without.txt --output "$concept.vane" --seed 1 \
    ${learning[@]+"${learning[@]}"} ${model[@]+"${model[@]}"}
vane show "$concept.vane"
vane steer "$prompt" --concept "$concept.vane=0.99" --seed 3 ${model[@]+"${model[@]}"}
vane steer "$prompt" --remove "$concept.vane=0.01" --seed 3 ${model[@]+"${model[@]}"}
