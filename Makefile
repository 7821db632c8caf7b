# make demo    installs, builds the assignment, pretrains, probes and grades a sample class
# make test    installs what is missing and runs the suite
# make verify  the long checks: every known mistake and right variant against every check
# make marks   the same mistakes handed in to plain nbgrader and to the grader, a quarter of an hour
# make attacks a class of adversaries, graded among honest students, some minutes
# make colab   both notebooks, every cell, in an environment like Colab's, some minutes
# LANGUAGE=en chooses the demo's language; TORCH_INDEX=URL chooses another build of torch.

PYTHON   ?= python3
LANGUAGE ?= fr
JOBS     ?= 2
VENV     := .venv
BIN      := $(VENV)/bin
STAMP    := $(VENV)/installed

# make help shows the lines above.
.PHONY: help demo test verify marks attacks colab build install lint clean models
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -7

install: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: expected Python 3.11 or newer, got $$($(PYTHON) --version); run make PYTHON=/path/to/python3"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
ifdef TORCH_INDEX
	$(BIN)/python -m pip install -q --index-url $(TORCH_INDEX) torch
	grep -v '^torch==' requirements.txt > $(VENV)/requirements.txt
else
	cp requirements.txt $(VENV)/requirements.txt
endif
	@echo "installing the requirements (some minutes the first time) ..."
	$(BIN)/python -m pip install -q --disable-pip-version-check -r $(VENV)/requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

build: install
	$(BIN)/attentif-grading build

demo: install
	$(BIN)/python -m attentif_grading.demo --language $(LANGUAGE)

test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile

verify: install
	$(BIN)/attentif-grading verify-checks --jobs $(JOBS)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(JOBS) --run-slow -m slow

marks: install
	rm -rf build/marks
	$(BIN)/attentif-grading verify-marks --out build/marks --language $(LANGUAGE) --jobs $(JOBS)

attacks: install build
	$(BIN)/attentif-grading attack-suite --jobs $(JOBS)

colab: install build
	$(BIN)/python tests/colab/run.py
	$(BIN)/python tests/colab/run.py --untouched

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf build .pytest_cache .ruff_cache .hypothesis

models: install
	$(BIN)/python -m attentif_grading.small_models
