# One word per job; each sets up what it needs in .venv. Wanted on the machine: Python 3.11+ and make.

PYTHON ?= python3
PYTHONS := $(PYTHON) python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin

.PHONY: run test test-long check setup schema readme lock graphiql bench bench-peers chaos conformance supergraph \
	subscribers clean help

help: ## these words
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

run: .venv/.ready ## serve on http://127.0.0.1:8000, the sandbox behind it where no source is configured
	@$(BIN)/triptych serve

test: .venv/.ready-dev ## run the tests
	@$(BIN)/python -m pytest

test-long: .venv/.ready-dev ## run the tests of random inputs with EXAMPLES=1000 each
	@HYPOTHESIS_PROFILE=long HYPOTHESIS_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -m hypothesis

check: .venv/.ready-dev ## formatting, lint, types, import rules, nothing that breaks clients
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/triptych schema diff schema/released.graphql

setup: .venv/.ready-dev ## make the environment, nothing else

schema: .venv/.ready-dev ## write schema/schema.graphql anew
	$(BIN)/python -m schema > schema/schema.graphql

readme: .venv/.ready-dev ## write what README and docs/ show anew: answers, settings, files
	$(BIN)/python -m tests.readme

graphiql: .venv/.ready-dev ## write GraphiQL's files anew from their npm packages; needs npm
	@$(BIN)/python -m tests.vendored

bench: .venv/.ready-dev ## measure against a plain server; under three minutes
	$(BIN)/python -m benchmarks

bench-peers: .venv/.ready-dev ## measure against everything, and write benchmarks/README.md's figures anew
	$(BIN)/python -m benchmarks --peers --write

chaos: .venv/.ready-dev ## every source fails in every way while queries go on; about four minutes
	@$(BIN)/python -m benchmarks.chaos

subscribers: .venv/.ready-dev ## 1,000 subscribers of 100 tasks for two minutes: memory, and what is left behind
	@$(BIN)/python -m benchmarks.subscribers

conformance: .venv/.ready-dev ## the graph's clients and tools at the running server, in one table; needs Node 20
	@$(BIN)/python -m conformance

supergraph: .venv/.ready ## serve the example of docs/federation.md, with a gateway on port 4000; needs Node 20
	@$(BIN)/python -m conformance.install examples/supergraph
	@node examples/supergraph/start.mjs

lock: .venv/.ready-dev ## lock the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra sandbox --group build --group dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra sandbox --group build -c requirements-dev.txt pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header conformance/requirements.in -o conformance/requirements.txt

clean: ## remove the environment and every cache
	rm -rf conformance/.venv conformance/node_modules conformance/vendors/node_modules examples/*/node_modules
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.made: Makefile
	@rm -rf .venv; for python in $(PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$$python -m venv .venv >/dev/null 2>&1 && break; \
		rm -rf .venv; $$python -m venv --without-pip .venv 2>/dev/null \
			&& $$python -m pip --python .venv/bin/python install -q pip && break; \
	done; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv; \
		echo "make: wanted Python 3.11 or newer with venv (PYTHON=... names one; Debian: apt install python3-venv)" >&2; exit 1; }
	@touch $@

.venv/.ready: .venv/.made requirements.txt pyproject.toml
	@$(call install,requirements.txt)
	@touch $@

.venv/.ready-dev: .venv/.made requirements-dev.txt pyproject.toml
	@$(call install,requirements-dev.txt)
	@touch .venv/.ready $@

# pip tells each package that it fetches: every tenth is shown, so that a minute or two is not silent. The last
# line tells whether pip has failed: of a pipe, make sees the end alone.
define install
	echo "setting up .venv from $(1), once: a minute or two"
	{ $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r $(1) \
		|| echo "pip failed"; } | awk -v all=$$(grep -c '==' $(1)) \
		'/^Collecting/ && ++n % 10 == 0 { print "  " n " of " all " packages"; fflush() } \
		/^Installing/ { print "  installing"; fflush() } /^pip failed/ { bad = 1 } END { exit bad }'
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endef
