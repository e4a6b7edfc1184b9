# demo: the main job on this machine, with all set-up · test: all set-up, all tests · check: style, types, contracts
# fix: what tools can mend · bench: the figures in docs/performance.md

PYTHON := .venv/bin/python
CODE := agent collector evidence probes tests bench deploy

.PHONY: demo test check fix bench setup pins words

demo:
	@deploy/setup.sh demo
	@$(PYTHON) deploy/demo.py

test: setup
	$(PYTHON) -m pytest -m alone --cov --cov-report= $(PYTEST)
	$(PYTHON) -m pytest -m "not alone" -n 2 --dist loadfile --cov --cov-append --cov-report= $(PYTEST)
	$(PYTHON) -m coverage report --fail-under=90
	$(PYTHON) -m coverage report --fail-under=100 --include='evidence/*,collector/judge.py,collector/against.py,collector/reasons.py,collector/admission.py,collector/plausible.py,collector/plausible_switches.py,collector/plausible_egress.py,collector/plausible_ipv6.py,collector/ipv6.py,collector/ipv6_use.py,collector/site.py,collector/sessions.py,collector/two_ends.py,collector/egress.py,collector/headroom.py,collector/derived.py,collector/seen.py,collector/ends.py,collector/links.py,collector/neighbours.py,collector/redundant.py,collector/desktops.py,collector/follows.py,collector/changes.py,collector/verdict.py,collector/drivers.py,collector/computed.py,collector/coverage.py,collector/walked.py,collector/wifi_profile.py,collector/wifi_rates.py,collector/remeasured.py,collector/place_parts.py,collector/roaming.py,collector/managed.py,collector/plausible_wifi.py,collector/frameworks/*'

check: setup
	$(PYTHON) -m ruff format --check $(CODE)
	$(PYTHON) -m ruff check $(CODE)
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -q tests/test_joints.py

setup:
	@deploy/setup.sh test

fix: setup words
	$(PYTHON) -m ruff check --fix $(CODE)
	$(PYTHON) -m ruff format $(CODE)

# Catalogues of words: new messages into the .po files, then the .mo files from them.
words:
	for room in agent collector; do \
	  .venv/bin/pybabel -q extract -F deploy/babel/mapping.cfg -k say -k N_ --no-location --no-wrap --omit-header -o .venv/$$room.pot $$room; \
	  .venv/bin/pybabel -q update -i .venv/$$room.pot -d $$room/locale -D $$room --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date; \
	  .venv/bin/pybabel -q compile -d $$room/locale -D $$room; \
	done

bench:
	@deploy/setup.sh bench
	$(PYTHON) -m bench

# Pins with hashes and without addresses; needs uv.
pins:
	for extra in agent collector; do uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --extra $$extra -c deploy/pins/dev.txt pyproject.toml -o deploy/pins/$$extra.txt; done
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --all-extras \
	  pyproject.toml -o deploy/pins/dev.txt
