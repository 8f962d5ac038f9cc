# Every target sets up what it needs: an environment in .venv with the pinned packages, by uv if installed, else by pip.
PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := .venv/.ready

.PHONY: demo test check system-demo system-test lab lessons figures reference site proof bench fuzz lock clean
.DEFAULT_GOAL := demo
.NOTPARALLEL:

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); sys.exit(None if ok else "convlab needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@sh tools/system-packages.sh environment $(PYTHON)
	@echo "Setting up .venv with the pinned packages: some minutes the first time, 3 GB of disk."
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" .venv && \
	  uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(READY)

demo: system-demo $(READY)  ## Make a sample class, grade it, show the grades
	$(BIN)/python -m autograder demo

# Tests mostly wait for a browser, a kernel or a command, so two at a time keep two cores busy. The tests of a file stay in
# one process.
PYTEST = $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

test: system-test $(READY)  ## Run all tests
	$(PYTEST)

check: $(READY)  ## Look at style, imports and types and run the fast tests, within a minute; needs nothing of the system
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(PYTEST) -q -m "not slow"

# Install the missing system packages where that is allowed, else print how to.
system-demo system-test: system-%:
	@sh tools/system-packages.sh $* $(PYTHON)

lab: $(READY)  ## Open lesson 1 in JupyterLab
	$(BIN)/jupyter lab --ServerApp.root_dir=. lessons/01_dense_vs_conv/01_dense_vs_conv.ipynb

lessons: $(READY)  ## Build lessons/ from solutions/, and draw their moving pictures into docs/images/
	$(BIN)/python -m autograder build
	$(BIN)/python -m autograder preflight
	$(BIN)/python docs/images/animate.py

figures: $(READY)  ## Photograph all figures of the lessons, light, dark and narrow, into build/figures/ (needs Chromium)
	$(BIN)/python docs/images/figures.py

reference: $(READY)  ## Write docs/reference/, the commands and settings, from the program
	$(BIN)/python docs/site/reference.py

site: $(READY)  ## Build the lessons and docs as a searchable site in build/site
	$(BIN)/python docs/site/build.py

proof: $(READY)  ## Judge right and wrong answers to every exercise
	$(BIN)/python -m autograder proof

bench: $(READY)  ## Compare with stock nbgrader and otter-grader, then measure how grading scales (an hour)
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/scale.py

COUNT ?= 2000
fuzz: $(READY)  ## Try every hostile upload, then COUNT mutants, and keep the figures in build/
	$(BIN)/python -m pytest -q tests/hostile/test_broken_uploads.py; code=$$?; $(BIN)/python tests/hostile/uploads/summary.py && exit $$code
	$(BIN)/python tests/hostile/fuzz.py $(COUNT)

lock:  ## Pin versions that are a week old or older into requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-header \
	  --upgrade --exclude-newer "7 days" pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv build
