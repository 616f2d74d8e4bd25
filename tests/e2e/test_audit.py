"""Who changed what, on the deployed stack: the command writes it down, and shows it."""

import json
import secrets
from typing import Any

from tests.e2e.lines import Lines
from tests.e2e.operators import done, sms
from tests.e2e.waiting import until


def test_shows_who_made_and_who_revoked_a_key_and_no_key(stage: str, lines: Lines) -> None:
    tenant = "op" + secrets.token_hex(6)
    here = ("--stage", stage, "--tenant", tenant)
    done("tenant", "create", tenant, *here)
    made = done("credential", "create", "--name", "twilio", "--role", "Writer", *here)
    lines.secret.add(made["APIKEY"])
    revoked = sms("credential", "revoke", "twilio", *here)

    told = until(lambda: _three(done("audit", "--since", "5m", *here)), within_seconds=30)

    assert "audit" not in revoked.stderr  # no warning: it was written down
    assert [record["what"] for record in told] == ["tenant.create", "credential.create", "credential.revoke"]
    which = {"credential": "twilio", "id": made["id"], "role": "Writer"}
    assert [record["which"] for record in told] == [{}, which, which]
    assert {(record["stage"], record["tenant"]) for record in told} == {(stage, tenant)}
    assert all(record["who"].startswith("arn:aws:") for record in told)
    assert made["APIKEY"] not in json.dumps(told)
    [other] = {"east", "south"} - {stage}
    assert done("audit", "--stage", other, "--tenant", tenant) == []


def _three(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records once there are three; a log has a line some seconds after it was written."""
    return records if len(records) == 3 else []
