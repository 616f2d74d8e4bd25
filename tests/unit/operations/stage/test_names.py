"""The names of stages and their parts, against serverless.yml and infra/; tests/integration has the deployed ones."""

import re

from operations.stage.names import FUNCTIONS, REGIONS, STAGES
from shared.public_paths import BEGIN_SESSION, END_SESSION, RECEIVE, SEND, STATUS
from shared.tenants import agent
from tests.unit.docs.test_docs import ROOT, SERVERLESS


def http_paths() -> set[str]:
    events = (event for function in SERVERLESS["functions"].values() for event in function.get("events", []))
    return {event["http"]["path"] for event in events if "http" in event}


def test_the_stages_are_those_that_can_be_deployed_each_in_its_own_region() -> None:
    stages = {name: value for name, value in SERVERLESS["params"].items() if name != "default"}
    defaults = {
        name: re.sub(r"^\$\{env:SMS_RECEIVER_\w+_REGION, '(.*)'\}$", r"\1", value["region"])
        for name, value in stages.items()
    }
    assert defaults == REGIONS
    assert set(STAGES) == set(REGIONS)


def test_an_agent_can_live_on_each_stage_and_on_no_other() -> None:
    assert agent.STAGES == STAGES


def test_the_functions_are_those_that_are_deployed() -> None:
    assert set(FUNCTIONS) == set(SERVERLESS["functions"])


def test_the_public_paths_are_those_of_the_gateway() -> None:
    assert http_paths() == {RECEIVE, SEND, BEGIN_SESSION, END_SESSION, f"{STATUS}/{{tenant}}/{{reply}}"}


def test_make_packages_each_stage() -> None:
    [stages] = re.findall(r"^\tfor stage in ([\w ]+);", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(stages.split()) == STAGES
