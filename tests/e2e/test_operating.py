"""An operator's first day, with nothing but the command, on the local stack."""

import json
import secrets
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.local.arrivals import Arrivals
from cli.local.backend import Backend
from cli.local.person import Person
from cli.local.phones import Phones
from cli.local.state import REGIONS
from shared import credentials, edits
from shared.administration import Administration
from shared.tenant import Role
from tests.e2e.lines import Line, Lines, fresh_number

SMS = Path(__file__).parents[2] / "sms"


def sms(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command on the local stack, with standard input."""
    command = [str(SMS), "--local", "--json", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def done(*arguments: str, typed: str = "") -> Any:  # noqa: ANN401 - the command's JSON
    """What the command prints, when it succeeds."""
    ran = sms(*arguments, typed=typed)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture
def tenant(stage: str, lines: Lines) -> str:
    """A tenant without anything, made by the command."""
    tenant_id = "op" + secrets.token_hex(6)
    done("tenant", "create", tenant_id, "--stage", stage)
    return tenant_id


def test_from_nothing_to_an_answered_text(  # noqa: PLR0913, PLR0917 - pytest's fixtures
    stage: str, tenant: str, lines: Lines, phones: Phones, arrivals: Arrivals, backend: Backend
) -> None:
    here = ("--stage", stage, "--tenant", tenant)
    account, token, number = "AC" + secrets.token_hex(16), secrets.token_hex(16), fresh_number()
    done("twilio", "set-account", account, *here, typed=token + "\n")
    place = ("--backend", "http", "--backend-url", backend.url + "/")
    agent = done("agent", "create", "--name", "front desk", "--region", stage, *place, *here)
    backend.trust(agent["signing_secret"])
    done("number", "assign", number, "--agent", "front desk", *here)
    made = done("credential", "create", "--name", "twilio", "--role", "Writer", *here)
    key = made["APIKEY"]
    lines.secret.update({key, token, number, agent["signing_secret"]})

    pasted = done("url", "--agent", "front desk", "--key-from-stdin", *here, typed=key + "\n")
    phones.own_account(account, auth_token=token)
    phones.own_number(number, account=account, webhook=pasted["url"], fallback=pasted["fallback_url"])
    person = Person(fresh_number(), number, phones, backend)
    sid = person.text("is anybody there?")

    event = arrivals.arrived(stage, sid)
    assert event
    assert event["tenant"] == tenant
    assert person.sees(1) == ["You said: is anybody there?"]
    assert key not in json.dumps(done("credential", "list", *here))
    assert agent["signing_secret"] not in json.dumps(done("agent", "show", "front desk", *here))
    hops = [json.loads(line) for line in sms("tail", "--since", "5m", "--once", *here).stdout.splitlines()]
    ours = {(hop["function"], hop["outcome"]) for hop in hops if sid in json.dumps(hop)}
    assert {("receiver", "Accepted"), ("forwarder", "Answered"), ("sender", "Sent")} <= ours


def test_a_rotated_secret_signs_beside_the_old_one(tenant: str, stage: str) -> None:
    here = ("--stage", stage, "--tenant", tenant)
    place = ("--backend", "http", "--backend-url", "http://127.0.0.1:9/")
    old = done("agent", "create", "--name", "desk", *place, *here)["signing_secret"]

    rotated = done("backend", "rotate-secret", "desk", *here)

    assert rotated["secrets_last_four"] == [rotated["signing_secret"][-4:], old[-4:]]
    assert done("backend", "drop-secret", "desk", old[-4:], *here)["secrets_last_four"] == [
        rotated["signing_secret"][-4:]
    ]


def test_a_queue_that_the_deployment_does_not_allow_is_declined(tenant: str, stage: str) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:not-allowed"

    declined = sms(
        *("agent", "create", "--name", "desk", "--backend", "queue", "--backend-queue", arn),
        *("--stage", stage, "--tenant", tenant),
    )

    assert declined.returncode == 1
    assert "SMS_RECEIVER_BACKEND_QUEUES" in declined.stderr


def test_the_url_is_printed_without_the_key_unless_it_comes_on_stdin(stage: str, tenant: str) -> None:
    here = ("--stage", stage, "--tenant", tenant)
    done("agent", "create", "--name", "desk", "--kind", "voice+sms", "--region", stage, *here)

    shown = done("url", *here)

    assert shown["url"].startswith("https://apikey:YOUR_API_KEY@")
    assert "/sms.receiver/SmsRecv#" in shown["url"]


def test_a_role_that_is_not_active_gets_no_credential(stage: str, tenant: str) -> None:
    here = ("--stage", stage, "--tenant", tenant)
    done("tenant", "update", "--roles", "Reader,Manager", *here)

    refused = sms("credential", "create", "--name", "x", "--role", "Writer", *here)

    assert refused.returncode == 1
    assert "active" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert done("credential", "list", *here) == []


def test_a_deleted_tenant_is_gone_for_every_key(stage: str, lines: Lines) -> None:
    line = lines.open(stage)
    assert line.post(line.form()).status_code == 200

    done("tenant", "delete", line.tenant, "--stage", stage, "--yes")

    assert sms("tenant", "show", line.tenant, "--stage", stage).returncode == 1
    deadline = time.monotonic() + 20
    while line.post(line.form()).status_code == 200:
        assert time.monotonic() < deadline


def test_of_operators_who_work_at_once_none_loses_a_change(line: Line, lines: Lines) -> None:
    """Against the real compare-and-swap of Secrets Manager's interface, from several threads."""
    operators, each = 3, 5

    def operate(operator: int) -> None:
        work = Administration(lines.store(line.stage), sleep=time.sleep)
        for n in range(each):
            credential, _ = credentials.issue(line.tenant, f"key {operator}.{n}", Role.READER, datetime.now(UTC))
            work.change(line.tenant, edits.add_credential(credential))

    with ThreadPoolExecutor(max_workers=operators) as pool:
        list(pool.map(operate, range(operators)))  # raises what an operator met

    tenant, _ = lines.store(line.stage).read(line.tenant)
    names = {credential.name for credential in tenant.credentials}
    assert names >= {f"key {operator}.{n}" for operator in range(operators) for n in range(each)}


def test_a_change_in_one_region_is_seen_in_the_other(stage: str, lines: Lines) -> None:
    [other] = [name for name in REGIONS if name != stage]
    line = lines.open(stage)
    far = lines.on(other, line)
    assert far.post(far.form()).status_code == 200

    key = lines.issue(line, "added later")

    assert far.post(far.form(), key=key).status_code == 200
