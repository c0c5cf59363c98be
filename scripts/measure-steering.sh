#!/usr/bin/env bash
# Learns sentiment on a real model from two kinds of sentences and measures what steering does, judged by a
# classifier trained on other sentences. Needs the optional folder of real data.
#   scripts/measure-steering.sh [OUTPUT-FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
data="${VANE_SHARED:-../shared}/data"
model="$data/models/tinytalk/hf"
[ -d "$model" ] || { echo "measure-steering: needs the real data in ../shared or \$VANE_SHARED" >&2; exit 66; }
out="${1:-.build/measure-steering}"
mkdir -p "$out"
swift build -c release --product vane >&2
vane=.build/release/vane

# The judges' sentences: comments labelled with one emotion, and films' reviews. Neither overlaps the concepts'.
comments() { awk -F'\t' -v want="$1" 'NR > 1 && index(" " want " ", " " $1 " ") { print $2 }' \
  "$data/text/emotion_goemotions_train.tsv"; }
comments "joy amusement excitement love optimism gratitude admiration pride relief" > "$out/judge-positive.txt"
comments "sadness grief disappointment remorse fear nervousness anger disgust annoyance" > "$out/judge-negative.txt"
reviews() { awk -F'\t' -v want="$1" 'NR > 1 && $1 == want { print $2 }' "$data/text/sentiment_rt_polarity.tsv"; }
{ cat "$out/judge-positive.txt"; reviews 1; } > "$out/judge-positive-reviews.txt"
{ cat "$out/judge-negative.txt"; reviews 0; } > "$out/judge-negative-reviews.txt"
# What somebody says to the model: first turns of 120 dialogues. The first 160 are left out: the defaults of learning and
# steering were chosen on some of them (docs/decisions/0003).
awk 'NF == 0 { first = 1; next } (NR == 1 || first) && /^User: / && length < 130 && ++n > 160 && n <= 280 { print $0 "\\nBot:" }
  { first = 0 }' "$data/corpora/soda_chat_val.txt" > "$out/prompts.txt"

measure() { # name, the judge's sentences, arguments of learn
  local name=$1 judge=$2
  shift 2
  "$vane" learn "$name" "$@" --model "$model" --seed 1 --output "$out/$name.vane"
  "$vane" evaluate "$out/$name.vane" --model "$model" --prompts "$out/prompts.txt" --seeds 2 --max-tokens 40 \
    --judge-positive "$out/judge-positive$judge.txt" --judge-negative "$out/judge-negative$judge.txt"
  echo
}
measure happiness "-reviews" --positive "$data/text/emotion_scenarios/happiness.json" \
  --negative "$data/text/emotion_scenarios/sadness.json"
measure sentiment "" --examples "$data/text/sentiment_rt_polarity.tsv"
