#!/usr/bin/env bash
# Runs the checks one after another, stops at the first failure, prints what each took, and ends with the
# test runner's closing line.
# Usage: scripts/check.sh [step...], by default: setup lint build test test-release docs
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

[ $# -gt 0 ] || set -- setup lint build test test-release docs
logs=$(mktemp -d "${TMPDIR:-/tmp}/vane-check.XXXXXX") || exit 1
trap 'rm -rf "$logs"' EXIT

run_step() {
    case $1 in
    setup) bash scripts/setup.sh ;;
    lint) bash scripts/format.sh --lint ;;
    build) swift build --build-tests ;;
    test) bash scripts/test.sh ;;
    test-release) bash scripts/test.sh --release ;;
    docs) bash scripts/docs.sh ;;
    *)
        echo "check: no step is called '$1'" >&2
        return 64
        ;;
    esac
}

table=
for step in "$@"; do
    printf '\n== %s\n' "$step"
    begin=$SECONDS
    run_step "$step" 2>&1 | tee "$logs/$step"
    status=$?
    took=$((SECONDS - begin))
    if [ $status -ne 0 ]; then
        printf '\n%scheck: %s FAILED (exit %d) after %d s\n' "$table" "$step" $status $took >&2
        exit $status
    fi
    table="$table$(printf 'check: %-13s %5d s' "$step" $took)"$'\n'
done

printf '\n%scheck: %-13s %5d s\n' "$table" total $SECONDS
for step in test test-release; do
    if [ -f "$logs/$step" ]; then
        closing_lines "$logs/$step" | tail -n 1
        break
    fi
done
