#!/usr/bin/env bash
# Formats the Swift sources in place, or with --lint reports what differs from the house format.
set -euo pipefail
cd "$(dirname "$0")/.."

paths=()
for path in Package.swift Sources Tests Benchmarks Integration; do
    [ ! -e "$path" ] || paths+=("$path")
done

if [ "${1:-}" = --lint ]; then
    swift format lint --strict --parallel --recursive "${paths[@]}"
    echo "lint: ${paths[*]}: clean"
else
    swift format --in-place --parallel --recursive "${paths[@]}"
fi
