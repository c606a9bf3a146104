# Two commands do everything: `make demo` and `make test`. Each makes its own .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := -m pip --disable-pip-version-check
STAMP  := $(VENV)/.installed
LOCK   := requirements/ci.txt
WORKERS ?= auto

.PHONY: demo test lint package bench docs lock audit clean

demo: $(STAMP)
	$(BIN)/sheetsync demo

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Builds the distributions, installs the wheel elsewhere and uses it there. Needs a .venv of the lock: `make clean package LOCKED=1`.
package: $(STAMP)
	$(BIN)/python -m pytest -n 0 .ci/test_distributions.py

bench: $(STAMP)
	$(BIN)/python -m bench

docs: $(STAMP)
	$(BIN)/python -m docs.build

# Everything that setup.cfg asks for, in the newest versions that fit it, with the hashes of all their files.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python $(PIP) install --quiet 'uv>=0.9'
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--extra dev --extra package --output-file $(LOCK) setup.cfg

audit:
	$(PYTHON) -m venv build/audit
	$(PYTHON) .ci/audit.py build/audit $(LOCK)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage demo

# LOCKED=1 takes the very files that the lock names, and nothing else; otherwise it is what setup.cfg allows.
$(STAMP): setup.cfg pyproject.toml $(if $(LOCKED),$(LOCK))
	$(PYTHON) -m venv $(VENV)
ifdef LOCKED
	$(BIN)/python $(PIP) install --quiet --no-deps --require-hashes --requirement $(LOCK)
	$(BIN)/python $(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python $(PIP) check
else
	$(BIN)/python $(PIP) install --quiet --editable '.[dev]'
endif
	touch $(STAMP)
