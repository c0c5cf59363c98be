# Vane: every task a contributor or CI needs, one verb each. Works with GNU make 3.81 (macOS).
# The verbs stay one line; what needs more lives in scripts/.

.DEFAULT_GOAL := help
.PHONY: help setup demo build test test-release format lint docs bench tables train-default check clean

help: ## List the verbs (what a bare `make` does)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Check the Swift toolchain; install the system libraries that are missing
	@bash scripts/setup.sh

demo: setup ## Steer the built-in model, learn a concept and steer with it (VANE_MODEL=/path/to/model)
	@bash scripts/demo.sh

build: setup ## Build the vane program, optimised
	swift build -c release --product vane

test: setup ## Run the tests (ARGS="--filter Name" is passed on)
	@bash scripts/test.sh $(ARGS)

test-release: setup ## Run the tests on the optimised build
	@bash scripts/test.sh --release $(ARGS)

format: ## Rewrite the Swift sources in the house format
	@bash scripts/format.sh

lint: ## Report what differs from the house format
	@bash scripts/format.sh --lint

docs: setup ## Build the documentation into .build/docs
	@bash scripts/docs.sh

bench: setup ## Run the benchmarks (ARGS="..." is passed on)
	swift run -c release --package-path Benchmarks vane-bench $(ARGS)

tables: setup ## Make the tables of docs/tables again (ARGS="planted-language" for one; about an hour)
	@bash scripts/tables.sh $(ARGS)

train-default: build ## Train the built-in model again into .build/default-model (over an hour; goes on where it stopped)
	.build/release/vane models train --output .build/default-model

check: ## Run exactly what CI runs: setup, lint, build, test, test-release, docs
	@bash scripts/check.sh

clean: ## Remove everything that was built
	rm -rf .build Benchmarks/.build
