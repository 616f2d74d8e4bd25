"""A deployed stage that works, and what `sms doctor` finds on it."""

import base64
import json
from typing import Any

from operations.stage.deployed_stack import LogLine
from shared.errors import InvalidKey
from shared.tenants import api_keys
from tests import fakes
from tests.fakes import NOW, FakeTenants
from tests.unit.cli.command import Command

OUTPUTS = {
    "InboundQueueUrl": "in",
    "OutboundQueueUrl": "out",
    "AlarmTopicArn": "topic",
    "RestApiId": "api1",
    "Throttles": '{"*/*": [200, 400], "~1sms.receiver~1SmsStatus~1{tenant}~1{reply}/POST": [100, 200]}',
}
Found = dict[str, tuple[str, str, str]]


def healthy(**tenant: Any) -> Command:  # noqa: ANN401 - any attribute of a tenant
    """A deployed stage that works, with a tenant whose keys it knows as they are stored."""
    command = Command.on(fakes.managed_tenant(**tenant))
    command.stacks["east"] = OUTPUTS.copy()

    def is_good(login: str) -> bool:
        user, _, key = base64.b64decode(login.removeprefix("Basic ")).decode().partition(":")
        try:
            api_keys.authenticate(FakeTenants(command.store.stored()), key)
        except InvalidKey:
            return False
        return user == "apikey"

    def arrive(form: dict[str, str]) -> None:
        told = json.dumps({"message": "Unanswered", "reason": "probe", "event_id": form["MessageSid"]})
        command.logs["forwarder"] = [LogLine("1", "forwarder", NOW, "START"), LogLine("2", "forwarder", NOW, told)]

    command.outside.key_is_good = is_good
    command.outside.arrived = arrive
    return command


def examined(command: Command, *args: str, code: int) -> Found:
    """What it finds: verdict, what was seen and what to do, by check; the worst of each."""
    result = command.run("doctor", *args, "--json")
    assert result.exit_code == code, result.output
    found: Found = {}
    for one in json.loads(result.stdout):
        if one["check"] not in found or one["verdict"] > found[one["check"]][0]:
            found[one["check"]] = (one["verdict"], one["seen"], one["do"])
    return found
