# The few things one does with this tree. `make` alone lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Ask the sample database a question through the whole stack
	@scripts/demo

.PHONY: test
test: ## Install what the tests need, then format check, clippy and every test
	@scripts/test

.PHONY: page
page: ## Build the receiver's live page from its sources; SCREENSHOTS=1 takes its pictures anew
	@scripts/page

.PHONY: test-page
test-page: ## Try the live page in Chromium: a part of make test
	@cargo build --locked --workspace --bins && scripts/with-services scripts/test-page

.PHONY: docs-check
docs-check: ## Run every command of the documents in a fresh clone of the last commit, and check their links
	@scripts/docs-check $(ARGS)

.PHONY: deploy-check
deploy-check: ## Check and rehearse what is in deploy/, without a container engine
	@scripts/deploy-check $(ARGS)

.PHONY: bench-agent
bench-agent: ## Measure the time until a run's first event, the agent's share of a turn, the guard, and a scan
	@scripts/bench-agent

.PHONY: bench-receiver
bench-receiver: ## Measure the receiver beside Nchan and a FastAPI receiver
	@scripts/bench-receiver

.PHONY: bench-worker
bench-worker: ## Measure the worker beside a Python worker of the original's shape
	@scripts/bench-worker

.PHONY: bench-offline
bench-offline: ## Ask the offline model the evaluation questions and count right answers
	@scripts/bench-offline

.PHONY: histories
histories: ## Record the histories that the replay tests check; those that changed go to histories/earlier
	@KAI_RECORD_HISTORIES=$$(ls crates/worker/tests/histories/earlier | wc -l) scripts/with-services \
		cargo test -p kai-worker --test it -- steering bad_input streaming connections_workflow

.PHONY: manual
manual: ## Write the manual pages and the completions of the three programs to target/manual
	@scripts/manual

.PHONY: lint
lint: ## Check the format and run clippy, with warnings as errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all

.PHONY: clean
clean: ## Remove everything that was built
	cargo clean
