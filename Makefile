# The commands of the kit. `make` alone lists them.

PLACE ?= CA
# The reader's own words go to the shell as they are, through the environment: make and the shell must not run
# what stands in them.
override PLACE := $(value PLACE)
override PYTHON := $(value PYTHON)
export PLACE PYTHON
# Libraries of another Python must not be taken for those of .venv.
unexport PYTHONHOME PYTHONPATH

PY := .venv/bin/python

.PHONY: help report test lab lint bench lock setup ready clean

help:
	@echo 'make report             a page about California; PLACE=IL or PLACE="Oakland, CA" for another place'
	@echo 'make lab                the notebooks, in the browser'
	@echo 'make test               all tests, on all cores; ARGS="-k words" for some'
	@echo 'make lint               style and types'
	@echo 'make bench              what reading, pages and batches cost, measured; ARGS=batch for a part, ARGS=--quick for less'
	@echo 'make lock               new requirements.lock and environment.yml; ARGS=--upgrade for the newest versions'
	@echo 'make setup              .venv, which the others make where it is missing; PYTHON=python3.12 to choose'
	@echo 'make clean              throws away .venv and caches, never figures or data'

report: ready
	@$(PY) -m kit report "$$PLACE"

test: ready
	@$(PY) -m pytest -n auto --dist loadfile $(ARGS)

lab: ready
	@JUPYTER_CONFIG_DIR="$$PWD/notebooks/.jupyter" $(PY) -m jupyterlab $(ARGS)

lint: ready
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy

bench: ready
	@$(PY) -m tests.bench $(ARGS)

lock: ready
	@$(PY) .ci/lock.py $(ARGS)

setup: ready
	@echo 'Ready. Try: make report'

ready:
	@sh .ci/setup

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find .ci kit tests -name __pycache__ -prune -exec rm -rf {} +
