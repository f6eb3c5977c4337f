# Every target sets up what it needs, on a machine that has Python 3.11 or newer, pip and make.
#
# On Linux, PyTorch's standard wheel brings CUDA packages of several gigabytes along. The course
# needs none of them: to have the CPU build, point pip at PyTorch's CPU index, as PyTorch's own
# "Get started" page says, by pip's own settings (`pip config set global.extra-index-url ...` or
# PIP_EXTRA_INDEX_URL) before the first `make`.

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist loadfile

# nbgrader looks for its helpers on the PATH; one thread is faster than two on a busy machine.
RUN := env PATH="$(CURDIR)/.venv/bin:$$PATH" OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	MKL_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
COMPILE := uv pip compile pyproject.toml --python-version 3.11 --excludes tools/lock-excludes.txt \
	--no-emit-find-links --no-emit-index-url --no-header --no-annotate \
	--quiet $(LOCK_ARGS)

.DEFAULT_GOAL := help
.PHONY: help study demo test verify-deep build lint lock setup

help: ## show this list
	@echo "Generative AI in fifty questions"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | \
		awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

study: setup ## open the notebooks in JupyterLab, on your own copies in desk/
	@$(RUN) course desk --open

demo: setup ## grade an example cohort and say where the report is
	@$(RUN) course demo

test: setup ## everything that CI runs
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) course build --check
	$(RUN) pytest $(PYTEST_ARGS)

verify-deep: setup ## every right and wrong solution over 20 seeds, the hostile corpus on a busy machine
	@$(RUN) course verify --seeds 20
	@$(RUN) python tools/busy.py pytest tests/test_hostile.py

build: setup ## make source/ and release/ from the lessons
	@$(RUN) course build

lint: setup ## mend what ruff can mend, and show the rest
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

setup: ## make .venv/ (all the others do this first)
	@command -v "$(PYTHON)" >/dev/null || { echo "make: $(PYTHON) was not found: install Python \
	3.11 or newer, or say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" tools/setup_env.py

lock: ## bring the locks in line with pyproject.toml (needs uv; LOCK_ARGS=--upgrade for newer pins)
	@command -v uv >/dev/null || { echo "make: uv was not found: pip install uv" >&2; exit 1; }
	$(COMPILE) --extra train --extra retrieval --extra frameworks --extra serve \
		--extra cluster --extra dev -o requirements.txt
	$(COMPILE) --extra eval -o requirements-eval.txt
