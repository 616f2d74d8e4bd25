# The two commands of the README are `make run` and `make test`; each sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
STAGE ?= east
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

setup: .venv/ready .venv-local/ready node_modules/ready .openapi/ready .chromium/ready ## Install everything into this folder

run: setup ## Text an agent on a local AWS, and watch it answer
	@.venv/bin/python -m devstack.demo

test: check package e2e ## Everything that must hold

check: setup ## The quick part: lint, types, unit and contract tests, and the page in a browser
	ruff check
	ruff format --check
	mypy .
	pytest -q -n 2 tests/unit tests/contract tests/browser

package: setup ## Package both stages as for AWS, and check the templates and the zips
	for stage in east south; do npx osls package --stage $$stage --package build/$$stage; done
	cfn-lint -i W3005 -- build/*/cloudformation-template-*.json
	pytest -q -n 2 tests/integration

e2e: setup ## Deploy both stages to a local AWS and text them
	pytest -q tests/e2e

coverage: setup ## How much of what the Lambdas run is tested; fails when it is less than pyproject.toml says
	coverage erase
	coverage run -m pytest -q -n 2 $(UNTIMED) tests/unit tests/contract tests/integration
	coverage combine --quiet
	coverage report

scale: setup ## Try a thousand tenants, and one of them with 150,000 numbers, on a local AWS
	pytest -q tests/scale

docs: setup ## Take the pictures in README and docs anew, from a run
	@.venv/bin/python -m tools.screenshots

bench: setup ## Measure the Lambdas against floors and peers
	@.venv/bin/python -m bench

bench-page: setup ## Measure the first byte of each of the operator's pages, at ten thousand texts in a month
	@.venv/bin/python -m bench.page

bench-check: setup ## Has anything become slower, larger or dearer since then?
	@.venv/bin/python -m bench --check

deploy: setup ## Deploy one stage to AWS: make deploy STAGE=east
	npx sls deploy --stage $(STAGE)

sbom: setup ## List what is deployed in build/sbom.json: a CycloneDX software bill of materials
	mkdir -p build
	python $(NO_GRAPH) -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o build/sbom.json

lock: setup ## Pin the newest versions of everything
	$(PIN) --generate-hashes $(NOT_SHIPPED:%=--no-emit-package %) --group lambdas -o requirements.txt
	$(ONE_LINE_EACH) requirements.txt >requirements.new
	mv requirements.new requirements.txt
	$(PIN) --generate-hashes -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt
	$(PIN) --generate-hashes --group local -o requirements-local.txt
	for peer in bench/contestants/*/requirements.in; do $(PIN) -c requirements.txt $$peer -o $${peer%.in}.txt; done
	npm install --ignore-scripts
	npm install --ignore-scripts --prefix bench/contestants/node_express --package-lock-only

clean: ## Remove what was installed and built
	rm -rf .venv .venv-local node_modules .openapi .chromium build .serverless .requirements .local

.PHONY: help setup run test check package e2e coverage scale docs bench bench-page bench-check deploy sbom lock clean

# What this one measures with a clock, the tracer makes slow.
UNTIMED := --deselect tests/unit/messages/test_splitting.py::test_long_texts_take_no_time_to_speak_of

PIN := uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links
# What packages the Lambdas reads requirements.txt line by line, and would tear a package from its hashes.
ONE_LINE_EACH := awk '{ sub(/^ +--hash/, "--hash") } sub(/\\$$/, "") { printf "%s", $$0; next } { print }'
# A file of requirements does not say which package needs which, and the tool warns of that.
NO_GRAPH := -W ignore::UserWarning:cyclonedx.model.bom
# twilio needs these only when it calls its REST API asynchronously, or for access tokens, which no Lambda does.
NOT_SHIPPED := aiohappyeyeballs aiohttp aiohttp-retry aiosignal attrs frozenlist multidict propcache pyjwt yarl

# --no-user: a PIP_USER in the environment would contradict the virtual environment.
LOCKED := --quiet --disable-pip-version-check --no-user --no-deps --require-hashes

.venv/ready: requirements-dev.txt tools/find_python
	"$$(tools/find_python)" -m venv .venv
	.venv/bin/pip install $(LOCKED) -r requirements-dev.txt
	touch $@

.venv-local/ready: requirements-local.txt tools/find_python
	"$$(tools/find_python)" -m venv .venv-local
	.venv-local/bin/pip install $(LOCKED) -r requirements-local.txt
	touch $@

node_modules/ready: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

.chromium/ready: tools/unpack_chromium node_modules/ready
	tools/unpack_chromium .chromium
	touch $@

.openapi/ready: tools/get_twilio_openapi
	tools/get_twilio_openapi .openapi
	touch $@
