#!/usr/bin/env bash
# Runs the tests and prints the test runner's closing line last. Fails if no test ran.
# Usage: scripts/test.sh [--release] [arguments of swift test]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

options=()
if [ "${1:-}" = --release ]; then
    shift
    # Without @testable (no test here needs it) the tests run the very code that `make build` ships, and the
    # two verbs share their objects.
    options=(-c release --disable-testable-imports)
fi

log=$(mktemp "${TMPDIR:-/tmp}/vane-test.XXXXXX") || exit 1
trap 'rm -f "$log"' EXIT

# One after another: suites switch the kernels and the number of threads of the whole process.
swift test --no-parallel ${options[@]+"${options[@]}"} "$@" 2>&1 | tee "$log"
status=$?

[ $status -eq 0 ] || exit $status
if [ "$(tests_run "$log")" -eq 0 ]; then
    echo "test: no test ran, which counts as a failure" >&2
    exit 1
fi
last=$(closing_lines "$log" | tail -n 1)
[ "$(tail -n 1 "$log")" = "$last" ] || printf '%s\n' "$last"
