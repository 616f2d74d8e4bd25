"""Each function of the zip starts from bytecode: none of its modules is compiled, whatever times its files have."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, credential, inbound, managed_tenant, status
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import api_event, authorizer_event, basic, status_event, webhook_event
from tests.integration.lambda_runtime import running
from tests.integration.packages import Package

WRITER, KEY = credential()
FROM_SOURCE = re.compile(r"^# code object from '?(/\S+\.py)'?$", re.MULTILINE)
FROM_BYTECODE = re.compile(r"^# (/\S+\.pyc) matches /", re.MULTILINE)  # "matches": nothing but its header was looked at
TEXT = json.dumps({"from": OUR_NUMBER, "to": PERSON, "text": "Hello.", "account": ACCOUNT})
EVENTS: dict[str, Any] = {
    "authorizer": authorizer_event(basic(KEY)),
    "receiver": webhook_event(KEY, inbound()),
    "statuses": status_event(status()),
    "api": api_event(KEY, TEXT),
    "forwarder": {"Records": []},
    "sender": {"Records": []},
}


@pytest.mark.parametrize("function", EVENTS)
def test_no_module_of_the_zip_is_compiled_when_a_function_starts(
    packages: dict[str, Package], aws: AwsStub, tmp_path: Path, function: str
) -> None:
    made = packages["east"]
    properties = made.template["Resources"][f"{function.capitalize()}LambdaFunction"]["Properties"]
    ours = "python{}.{}".format(*sys.version_info)
    if properties["Runtime"] != ours:
        pytest.skip(f"the tests run on {ours} and the functions on {properties['Runtime']}: start-up was not looked at")
    aws.keep(managed_tenant(WRITER))
    variables = properties["Environment"]["Variables"].items()
    settings = {name: value for name, value in variables if isinstance(value, str)}
    environment = {**settings, **ENVIRONMENT, "AWS_ENDPOINT_URL": aws.url, "PYTHONVERBOSE": "1"}

    with running(made.zip, properties["Handler"], folder=tmp_path, environment=environment) as started:
        started.invoke(EVENTS[function])
        log = started.log.read_text()

    task = f"{tmp_path}/task/"
    assert [name for name in FROM_SOURCE.findall(log) if name.startswith(task)] == []
    assert {
        f"{task}handlers/__pycache__/{function}.{sys.implementation.cache_tag}.pyc",
        f"{task}botocore/__pycache__/client.{sys.implementation.cache_tag}.pyc",
    } <= set(FROM_BYTECODE.findall(log))
