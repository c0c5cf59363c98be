#!/usr/bin/env bash
# Builds the documentation of all libraries into .build/docs; a warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

# The manifest asks for the documentation plugin only with VANE_DOCS=1, so that users of the library never
# fetch it. That changes the package, hence a build folder of its own.
mkdir -p .build
VANE_DOCS=1 swift package --scratch-path .build/docs-build --allow-writing-to-directory .build/docs \
    generate-documentation --enable-experimental-combined-documentation \
    --target Vane --target VaneTensors --target VaneSites --target VaneWeights --target VaneTokenizers \
    --target VaneModels --target VaneTraining --target VaneGeneration --target VaneConcepts --target VaneSteering \
    --target VaneEvidence --target VaneEvaluation --target VanePlanted --target VaneDefaultModel --output-path .build/docs --warnings-as-errors
echo "docs: written to .build/docs"
