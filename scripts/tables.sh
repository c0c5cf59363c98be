#!/usr/bin/env bash
# Makes the tables of docs/tables again. What stands above the marker line in a document is written by people and kept; what
# is below it is replaced. The same build and seed give the same bytes.
#   scripts/tables.sh [planted-activations] [planted-language] [real-models]
# The tables of real models need the optional folder of real data, ../shared or $VANE_SHARED, and are left out without it.
#   VANE_BINARY  the program to run; built if not given
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

data="${VANE_SHARED:-../shared}/data"
marker='<!-- below this line: made by scripts/tables.sh -->'
vane="${VANE_BINARY:-}"
if [ -z "$vane" ]; then
    swift build -c release --product vane >&2
    vane=$(swift build -c release --show-bin-path)/vane
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/vane-tables.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Runs vane, with the command above its output as one can type it.
table() {
    printf 'tables: vane %s\n' "$*" | sed "s#$work/##g; s#$data#DATA#g" >&2
    printf '```\n%s\n```\n\n' "$(show_command vane "$@" | sed "s#$work/##g; s#$data#DATA#g")"
    "$vane" "$@"
    echo
}

# Runs a function and, once it is through, puts its output below the marker of a document.
document() {
    local file="docs/tables/$1.md"
    "$2" > "$work/new"
    mkdir -p docs/tables
    [ -f "$file" ] || printf '# %s\n\n' "$1" > "$file"
    awk -v marker="$marker" '$0 == marker { exit } { print }' "$file" > "$work/top"
    { cat "$work/top"; printf '%s\n\n' "$marker"; cat "$work/new"; } > "$work/whole"
    mv "$work/whole" "$file"
    echo "tables: wrote $file" >&2
}

planted_activations() { table compare --planted; }

planted_language() {
    table compare --starter sentiment --starter formality --starter politeness --starter film --count 120 \
        --trained
}

# A column of a table with a header, of the rows whose first column is $2.
column() { awk -F'\t' -v want="$2" -v number="$3" 'NR > 1 && $1 == want { print $number }' "$1"; }

real_files() {
    local text="$data/text"
    column "$text/sentiment_rt_polarity.tsv" 1 2 > "$work/reviews-1"
    column "$text/sentiment_rt_polarity.tsv" 0 2 > "$work/reviews-0"
    head -n 400 "$work/reviews-1" > "$work/sentiment.txt"
    head -n 400 "$work/reviews-0" > "$work/sentiment-without.txt"
    tail -n +401 "$work/reviews-1" > "$work/judge-sentiment.txt"
    tail -n +401 "$work/reviews-0" > "$work/judge-sentiment-without.txt"
    awk -F'\t' 'NR > 1 { print $1 }' "$text/toxicity_paradetox.tsv" > "$work/toxic-all"
    awk -F'\t' 'NR > 1 { print $2 }' "$text/toxicity_paradetox.tsv" > "$work/neutral-all"
    head -n 400 "$work/toxic-all" > "$work/toxicity.txt"
    head -n 400 "$work/neutral-all" > "$work/toxicity-without.txt"
    tail -n +401 "$work/toxic-all" > "$work/judge-toxicity.txt"
    tail -n +401 "$work/neutral-all" > "$work/judge-toxicity-without.txt"
    comments() {
        awk -F'\t' -v want="$1" 'NR > 1 && index(" " want " ", " " $1 " ") { print $2 }' \
            "$text/emotion_goemotions_train.tsv"
    }
    comments "joy amusement excitement love optimism gratitude" > "$work/judge-emotion.txt"
    comments "sadness grief disappointment remorse" > "$work/judge-emotion-without.txt"
    column "$text/topic_agnews_a.tsv" Sports 3 > "$work/sports-all"
    column "$text/topic_agnews_a.tsv" Sci/Tech 3 > "$work/science-all"
    head -n 300 "$work/sports-all" > "$work/topic.txt"
    head -n 300 "$work/science-all" > "$work/topic-without.txt"
    tail -n +301 "$work/sports-all" > "$work/judge-topic.txt"
    tail -n +301 "$work/science-all" > "$work/judge-topic-without.txt"
    # The statement ends the line's first field; no statement of these files holds a comma.
    awk -F, 'NR > 1 && $2 == 1 && ++n <= 400 { print $1 }' "$text/truth/cities.csv" > "$work/truth.txt"
    awk -F, 'NR > 1 && $2 == 0 && ++n <= 400 { print $1 }' "$text/truth/cities.csv" > "$work/truth-without.txt"
    statements() {
        grep "\"answer_matching_behavior\": \" $1\"" "$text/model_written_evals/agreeableness.jsonl" |
            sed -e 's/.*"statement": "//' -e 's/", "label_confidence.*//' -e 's/\\"/"/g'
    }
    statements Yes > "$work/agreeableness.txt"
    statements No > "$work/agreeableness-without.txt"
    # First turns of dialogues; the first 160 are left out: defaults of learning and steering were chosen on some.
    awk 'NF == 0 { first = 1; next }
         (NR == 1 || first) && /^User: / && length < 130 && ++n > 160 && n <= 240 { print $0 "\\nBot:" }
         { first = 0 }' "$data/corpora/soda_chat_val.txt" > "$work/prompts.txt"
}

real_models() {
    real_files
    cp "$data/text/emotion_scenarios/happiness.json" "$work/emotion.json"
    cp "$data/text/emotion_scenarios/sadness.json" "$work/emotion-without.json"
    local model="$data/models/tinytalk/hf"
    # positive, negative, the judge's two, what asks in words, paired or nothing
    steered() {
        table compare "$work/$1" "$work/$2" --model "$model" --kl 0.1 --count 60 --max-tokens 30 \
            --prompts "$work/prompts.txt" --judge-positive "$work/$3" --judge-negative "$work/$4" \
            --ask-more "User: $5\\nBot: I will.\\n" --ask-less "User: $6\\nBot: I will.\\n" ${7:+"$7"}
    }
    steered sentiment.txt sentiment-without.txt judge-sentiment.txt judge-sentiment-without.txt \
        "Say that everything is wonderful." "Say that everything is terrible."
    steered toxicity.txt toxicity-without.txt judge-toxicity.txt judge-toxicity-without.txt \
        "Be rude and insult me." "Be polite and kind to me." --paired
    steered emotion.json emotion-without.json judge-emotion.txt judge-emotion-without.txt "Be happy." "Be sad."
    steered topic.txt topic-without.txt judge-topic.txt judge-topic-without.txt \
        "Talk about sports and games." "Talk about science and computers."
    # At 0.1 nats little is to be seen: a few ways at five times that.
    for name in sentiment.txt emotion.json topic.txt; do
        local concept=${name%%.*}
        table compare "$work/$name" "$work/$concept-without.${name##*.}" --model "$model" --kl 0.5 --count 60 \
            --max-tokens 30 --prompts "$work/prompts.txt" --judge-positive "$work/judge-$concept.txt" \
            --judge-negative "$work/judge-$concept-without.txt" \
            --methods logistic,difference-of-means,natural-gradient,difference-of-means:rotate
    done
    for name in truth agreeableness; do
        table compare "$work/$name.txt" "$work/$name-without.txt" --model "$model" --reading
    done
    model="$data/models/stories260K/hf"
    for name in sentiment toxicity emotion topic truth agreeableness; do
        local ending=txt paired=
        [ $name != emotion ] || ending=json
        [ $name != toxicity ] || paired=--paired
        table compare "$work/$name.$ending" "$work/$name-without.$ending" --model "$model" --reading \
            ${paired:+"$paired"}
    done
}

[ $# -gt 0 ] || set -- planted-activations planted-language real-models
for name in "$@"; do
    case $name in
    planted-activations) document "$name" planted_activations ;;
    planted-language) document "$name" planted_language ;;
    real-models)
        if [ -d "$data/models/tinytalk/hf" ]; then
            document "$name" real_models
        else
            echo "tables: no real data in ../shared or \$VANE_SHARED; docs/tables/real-models.md stays" >&2
        fi
        ;;
    *)
        echo "tables: there is no table '$name'" >&2
        exit 64
        ;;
    esac
done
