# Two commands for a fresh machine: `make demo` shows the program at work, `make test` proves it.

VENV := .venv
PYTHON := $(VENV)/bin/python
OUT := demo-output
SSF_VALIDATOR := .ssf-validator

.PHONY: demo test lint test-programs clean clean-compiled

demo: $(VENV)/.installed
	$(VENV)/bin/gwasmeta demo $(OUT)
	@echo "Results are in $(OUT)/: open $(OUT)/quantitative.html in a browser, the tables with a spreadsheet, pandas or R."

test: $(VENV)/.installed-r $(SSF_VALIDATOR)/.installed lint
	$(PYTHON) -m pytest
	tools/r_check.sh

test-programs:
	tools/test_programs.sh

lint: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

$(VENV)/bin/pip:
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	python3 -m venv $(VENV) || { echo "No venv: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: $(VENV)/bin/pip pyproject.toml
	$(VENV)/bin/pip install --quiet --editable '.[report]'
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(VENV)/bin/pip install --quiet --editable '.[dev]'
	touch $@

# rpy2 is built against the R that is there.
$(VENV)/.installed-r: $(VENV)/.installed-dev | test-programs
	if command -v R > /dev/null; then $(VENV)/bin/pip install --quiet --editable '.[r]' && touch $@; fi

# The validator of GWAS-SSF needs older libraries than ours: it has an environment of its own.
$(SSF_VALIDATOR)/.installed:
	python3 -m venv $(SSF_VALIDATOR)
	$(SSF_VALIDATOR)/bin/pip install --quiet gwas-sumstats-tools 'numpy<2' 'click<8.2' six
	touch $@

clean-compiled:
	find python -name '*.nb[ic]' -delete

clean: clean-compiled
	rm -rf $(VENV) $(SSF_VALIDATOR) $(OUT) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
