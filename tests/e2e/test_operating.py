"""An operator's first day, with nothing but the command, on the local stack."""

import json
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devstack.backend import CannedAnswer, LocalBackend, parrot
from devstack.person import Person
from devstack.phones import Phones
from devstack.state import StackState
from operations.stage.names import REGIONS
from operations.tenants import edits
from operations.tenants.editor import Administration
from shared.tenants import api_keys
from shared.tenants.tenant import Role
from tests.e2e.lines import Line, Lines, fresh_number
from tests.e2e.operators import done, sms
from tests.e2e.waiting import until

STAGE = "south"  # of what no stage does otherwise


@pytest.fixture
def tenant(present: StackState) -> str:
    """A tenant without anything, made by the command."""
    tenant_id = "op" + secrets.token_hex(6)
    done("tenant", "create", tenant_id, "--stage", STAGE)
    return tenant_id


def tailed(*options: str) -> set[tuple[str, str]]:
    """Which functions did what within the last minutes, as the command shows it."""
    lines = sms("tail", "--once", "--since", "2m", *options).stdout.splitlines()
    return {(hop["function"], hop["outcome"]) for hop in map(json.loads, lines)}


def test_from_nothing_to_an_answered_text(stage: str, lines: Lines, phones: Phones, backend: LocalBackend) -> None:
    """A first hour with `sms setup`, and what an operator looks at when an agent refuses."""
    tenant, person = "op" + secrets.token_hex(6), fresh_number()
    here, token = ("--stage", stage, "--tenant", tenant), secrets.token_hex(16)
    number = fresh_number()
    typed_number = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    options = ("--account", "AC" + secrets.token_hex(16), "--agent", "desk", "--number", typed_number)
    answering = ("--backend", "http", "--backend-url", backend.url)
    made = done("setup", *options, *answering, "--region", stage, *here, typed=token + "\n")
    backend.accept(made["signing_secret"])
    assert made["number"] == number
    lines.secret.update({made["APIKEY"], made["signing_secret"], token, person})
    to = ("--from", person, "--to", made["number"])

    texted = done("text", *to, "is anybody there?", *here)

    assert [reply["body"] for reply in texted["replies"]] == ["You said: is anybody there?"]
    shown = phones.wait(person, lambda screen: screen[-1]["status"] == "delivered")
    assert (shown[-1]["body"], shown[-1]["status"]) == ("You said: is anybody there?", "delivered")
    way = {("receiver", "Accepted"), ("forwarder", "Answered"), ("sender", "Sent"), ("statuses", "Delivered")}
    assert until(lambda: way <= tailed(*here), within_seconds=30)
    for filters in (("--agent", "desk"), ("--number", person), ("--number", person, "--agent", "desk")):
        assert tailed(*filters, *here) == way
    assert tailed("--outcome", "Sent", "--outcome", "answered", *here) == {
        ("forwarder", "Answered"),
        ("sender", "Sent"),
    }
    assert tailed("--number", fresh_number(), *here) == set()

    backend.on(tenant, lambda _: CannedAnswer(status=400))
    sids = [done("text", *to, f"refuse {number}", "--wait", "0", *here)["message_sid"] for number in range(2)]
    assert until(lambda: len(done("parked", "list", *here)) == len(sids), within_seconds=30)
    parked = done("parked", "show", sids[0], *here)
    assert (parked["reason"], parked["event"]["data"]["text"]) == ("backend_refused", "(shown with --text)")
    backend.on(tenant, parrot)
    assert done("parked", "replay", sids[0], *here)["replayed"] == 1
    assert done("parked", "discard", sids[1], "--yes", *here)["discarded"] == 1
    screen = phones.wait(person, lambda screen: screen[-1]["body"] == "You said: refuse 0")
    assert screen[-1]["body"] == "You said: refuse 0"
    assert done("parked", "list", *here) == []


def test_step_by_step_to_an_agent_that_echoes_and_then_to_ones_own_backend(
    tenant: str, lines: Lines, phones: Phones, backend: LocalBackend
) -> None:
    here = ("--stage", STAGE, "--tenant", tenant)
    account, token, number = "AC" + secrets.token_hex(16), secrets.token_hex(16), fresh_number()
    assert sms("twilio", "set-account", account, *here, typed=token + "\n").returncode == 1, "no such account yet"
    phones.set_account(account, auth_token=token)
    done("twilio", "set-account", account, *here, typed=token + "\n")
    done("agent", "create", "--name", "front desk", "--region", STAGE, "--backend", "echo", *here)
    done("number", "assign", number, "--agent", "front desk", *here)
    key = done("credential", "create", "--name", "twilio", "--role", "Writer", *here)["APIKEY"]
    lines.secret.update({key, token, number})
    pasted = done("url", "--agent", "front desk", "--key-from-stdin", *here, typed=key + "\n")
    phones.set_number(number, account=account, webhook=pasted["url"], fallback=pasted["fallback_url"])
    person = Person(fresh_number(), number, phones, backend)

    person.text("is anybody there?")
    assert person.sees(1) == ["is anybody there?"]
    changed = done("agent", "update", "front desk", "--backend", "http", "--backend-url", backend.url, *here)
    backend.accept(changed["signing_secret"])
    lines.secret.add(changed["signing_secret"])

    def heard() -> bool:
        """The forwarder knows a tenant for two seconds here, for a minute in production."""
        person.text("and now?")
        return backend.wait(lambda _: bool(person.heard()), within_seconds=1)

    assert until(heard, within_seconds=30)
    said = "You said: and now?"
    assert phones.wait(person.address, lambda screen: screen[-1]["body"] == said)[-1]["body"] == said
    assert person.heard()[0].event["tenant"] == tenant
    assert key not in json.dumps(done("credential", "list", *here))
    assert changed["signing_secret"] not in json.dumps(done("agent", "show", "front desk", *here))


def test_an_agent_is_cloned_and_gets_its_numbers_from_a_file(tenant: str, lines: Lines, tmp_path: Path) -> None:
    here, numbers = ("--stage", STAGE, "--tenant", tenant), sorted(fresh_number() for _ in range(60))
    done("agent", "create", "--name", "desk", "--backend", "http", "--backend-url", "https://desk.example.com/", *here)
    cloned = done("agent", "clone", "desk", "second desk", *here)
    lines.secret.update({cloned["signing_secret"], *numbers})
    assert cloned["backend_target"] == "https://desk.example.com/"
    file = tmp_path / "numbers.csv"
    file.write_text("number;description\n" + "".join(f"{number};Köln {number[-2:]}\n" for number in numbers))
    importing = ("number", "import", str(file), "--agent", "second desk", "--yes", *here)

    assert done(*importing)["added"] == len(numbers)  # more than one transaction
    assert done(*importing)["kept"] == len(numbers)
    [found] = done("agent", "list", "--search", numbers[0], *here)
    assert found["name"] == "second desk"
    described = done("number", "describe", numbers[0], "=1+1", *here)
    assert done("number", "find", numbers[0], *here)["description"] == described["description"] == "=1+1"
    assert done("number", "export", str(file), "--agent", "second desk", "--yes", *here)["numbers"] == len(numbers)
    assert done(*importing, "--replace")["changes"] == []
    file.write_text(f"{numbers[0]},\n")
    replaced = done(*importing, "--replace")
    assert (replaced["removed"], replaced["described"]) == (len(numbers) - 1, 1)
    assert [number["number"] for number in done("number", "list", *here)] == numbers[:1]
    done("agent", "delete", "second desk", "--yes", *here)
    assert done("number", "list", *here) == []


def test_a_queue_that_no_stage_may_use_is_declined_with_what_allows_it(tenant: str) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:desk.fifo"
    here = ("--stage", STAGE, "--tenant", tenant)

    declined = sms("agent", "create", "--name", "desk", "--backend", "queue", "--backend-queue", queue, *here)

    assert declined.returncode == 1
    # The queues that are allowed already stay in the list.
    assert re.search(f"SMS_RECEIVER_BACKEND_QUEUES=(arn:[^ ]+,)*{re.escape(queue)} make deploy STAGE=", declined.stderr)
    assert done("agent", "list", *here) == []


def test_the_url_is_printed_without_the_key_unless_it_comes_on_stdin(tenant: str) -> None:
    here = ("--stage", STAGE, "--tenant", tenant)
    done("agent", "create", "--name", "desk", "--kind", "voice+sms", "--region", STAGE, *here)

    shown = done("url", *here)

    assert shown["url"].startswith("https://apikey:YOUR_API_KEY@")
    assert "/sms.receiver/SmsRecv#" in shown["url"]


def test_a_role_that_is_not_active_gets_no_credential(tenant: str) -> None:
    here = ("--stage", STAGE, "--tenant", tenant)
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
        work = Administration(lines.store, sleep=time.sleep)
        for n in range(each):
            credential, _ = api_keys.issue(line.tenant, f"key {operator}.{n}", Role.READER, datetime.now(UTC))
            work.change(line.tenant, edits.add_credential(credential))

    with ThreadPoolExecutor(max_workers=operators) as pool:
        list(pool.map(operate, range(operators)))  # raises what an operator met

    names = {credential.name for credential in lines.tenant(line).credentials}
    assert names >= {f"key {operator}.{n}" for operator in range(operators) for n in range(each)}


def test_a_change_in_one_region_is_seen_in_the_other(stage: str, lines: Lines) -> None:
    [other] = [name for name in REGIONS if name != stage]
    line = lines.open(stage)
    far = lines.on(other, line)
    assert far.post(far.form()).status_code == 200

    key = lines.issue(line, "added later")

    assert far.post(far.form(), key=key).status_code == 200
