#!/usr/bin/env bash
# The main job from end to end: learn a concept from examples, look at it, write with it and without it.
# Exits 66 if there is no model to do it with.
#
#   VANE_MODEL     a Hugging Face model folder
#   VANE_POSITIVE  example sentences that have the concept, one a line
#   VANE_NEGATIVE  example sentences that do not
#   VANE_CONCEPT   the concept's name, if the examples are yours
#   VANE_PROMPT    what the model continues
#   VANE_SHARED    optional folder of real data, by default ../shared
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

usage() {
    cat <<'TEXT'
demo: there is no model to steer yet. Please name one:

    make demo VANE_MODEL=/path/to/model

It is a Hugging Face folder with config.json, model.safetensors and tokenizer.json, of type
gpt2, gpt_neo or llama. The demo makes it happy and sad with the sentences in Examples/;
to use your own (plain text, one example a line), add

    VANE_POSITIVE=with.txt VANE_NEGATIVE=without.txt
TEXT
}

missing() {
    printf 'demo: %s\n' "$*" >&2
    exit 66
}

# The strings of a JSON array, one a line. Each lies on a line of its own in the files we read.
json_lines() {
    sed -nE 's/^[[:space:]]*"(.*)"[[:space:]]*,?[[:space:]]*$/\1/p' "$1" | sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

absolute() {
    printf '%s/%s\n' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")"
}

shared=${VANE_SHARED:-../shared}
scenarios=$shared/data/text/emotion_scenarios
model=${VANE_MODEL:-}
own_model=yes
if [ -z "$model" ]; then
    own_model=no
    model=$shared/data/models/tinytalk/hf
    if [ ! -d "$model" ]; then
        usage
        exit 66
    fi
fi
for file in config.json tokenizer.json; do
    [ -f "$model/$file" ] || missing "VANE_MODEL: '$model' has no $file; a Hugging Face folder has"
done
model=$(absolute "$model")

if [ -n "${VANE_POSITIVE:-}${VANE_NEGATIVE:-}" ]; then
    for file in "${VANE_POSITIVE:-}" "${VANE_NEGATIVE:-}"; do
        [ -n "$file" ] || missing "VANE_POSITIVE and VANE_NEGATIVE go together"
        [ -f "$file" ] || missing "no file '$file'"
    done
    concept=${VANE_CONCEPT:-concept}
    positive=with.txt
    negative=without.txt
    make_examples() {
        cp "$VANE_POSITIVE" "$1/$positive"
        cp "$VANE_NEGATIVE" "$1/$negative"
    }
else
    concept=happiness
    positive=happy.txt
    negative=sad.txt
    make_examples() {
        if [ $own_model = no ] && [ -f "$scenarios/happiness.json" ]; then
            json_lines "$scenarios/happiness.json" >"$1/$positive"
            json_lines "$scenarios/sadness.json" >"$1/$negative"
        else
            cp "Examples/$positive" "Examples/$negative" "$1"
        fi
    }
fi
# TinyTalk writes stories in this form; another model gets a plain beginning.
if [ $own_model = no ]; then
    prompt=${VANE_PROMPT:-$'Summary: A girl walks home from school.\nStory:'}
else
    prompt=${VANE_PROMPT:-'When I came home today,'}
fi

show_command swift build -c release --product vane
swift build -c release --product vane
vane=$(swift build -c release --show-bin-path)/vane

# What the demo writes goes to a folder of its own, which is removed at the end.
folder=$(mktemp -d "${TMPDIR:-/tmp}/vane-demo.XXXXXX")
trap 'rm -rf "$folder"' EXIT
make_examples "$folder"
cd "$folder"

# Shows a vane command, then runs it.
vane() {
    printf '\n'
    show_command vane "$@"
    "$vane" "$@"
}

vane learn "$concept" --positive "$positive" --negative "$negative" --model "$model" \
    --output "$concept.vane" --seed 1
vane show "$concept.vane"
vane steer "$prompt" --model "$model" --concept "$concept.vane=0.999" --max-tokens 60 --seed 6
vane steer "$prompt" --model "$model" --remove "$concept.vane=0.001" --max-tokens 60 --seed 6
