"""The doctor on a stage that works, on one where a wrong token was pasted, and on a request that was refused."""

import json
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.e2e.lines import Line, Lines, fresh_number, sign
from tests.e2e.operators import sms


def findings(line: Line, *args: str, code: int) -> dict[str, Any]:
    """What the doctor finds on a line, by check."""
    ran = sms("doctor", *args, "--tenant", line.tenant, "--stage", line.stage)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return {one["check"]: one for one in json.loads(ran.stdout)}


def test_a_healthy_stage_and_a_wrong_token(lines: Lines) -> None:
    """The probe goes all the way and nobody hears of it; a token that Twilio does not know is named."""
    line = lines.open("east")
    heard = len(lines.backend.heard())

    found = findings(line, code=0)

    assert {"challenge", "wrong key", "key", "unsigned request", "signed probe", "arrival", "auth token"} <= set(found)
    # Nobody may listen, and the number was pasted by hand, without a fallback.
    assert {name for name, one in found.items() if one["verdict"] != "good"} <= {"listeners", "numbers"}
    assert len(lines.backend.heard()) == heard
    assert [credential.name for credential in lines.tenant(line).credentials] == ["phone"]

    other = secrets.token_hex(16)  # as if the token had been changed at Twilio, behind our back
    lines.secret.add(other)
    lines.phones.set_account(line.account, auth_token=other)
    texted = lines.phones.text(sender=fresh_number(), to=line.number, body="hello")
    assert texted["outcome"] != "delivered"

    found = findings(line, "--look-only", code=3)

    assert found["auth token"]["verdict"] == "wrong"
    assert f"set-account {line.account} --add-token" in found["auth token"]["do"]


FIRST = {
    "gateway": "good",
    "mapping inbound": "good",
    "mapping outbound": "good",
    "directory protection": "good",
    "rights": "good",
    "policies": "warning",  # the local account's own key is a root's
    "unknown path": "good",
    "unknown path with a key": "good",
    "revoked key": "good",
    "saved queries": "warning",  # the local AWS knows none, and no metrics in log lines, and no access log
    "metrics": "warning",
    "access log": "warning",
    "log secrecy": "good",
}


def test_what_is_checked_after_a_first_deployment(lines: Lines, stage: str) -> None:
    line = lines.open(stage)

    ran = sms("doctor", "--first", "--tenant", line.tenant, "--stage", stage)

    assert ran.returncode == 0, ran.stdout
    found = json.loads(ran.stdout)
    verdicts = {check: {one["verdict"] for one in found if one["check"] == check} for check in FIRST}
    assert verdicts == {check: {verdict} for check, verdict in FIRST.items()}, ran.stdout
    assert {"challenge", "arrival", "alarms"} <= {one["check"] for one in found}
    for name in (line.tenant, line.account, line.token[-4:], urlsplit(line.base_url).hostname):
        assert str(name) not in ran.stdout
    assert [credential.name for credential in lines.tenant(line).credentials] == ["phone"]


def test_a_refused_request_is_explained(lines: Lines) -> None:
    """The stage's path was left out of the URL at Twilio: the receiver refuses it, and the doctor says why."""
    line = lines.shared("east")
    form = line.form(Body="strictly between us")
    signed = line.url.replace("/east/", "/")
    signature = sign(line.token, signed, form)
    assert line.post(form, signature=signature).status_code == 403
    here = ("doctor", "signature", "--tenant", line.tenant, "--url", line.url)

    ran = sms(*here, "--signature", signature, typed=urlencode(form) + "\n")

    assert ran.returncode == 3, ran.stderr
    assert [cause["cause"] for cause in json.loads(ran.stdout)["causes"]] == ["stage_path_missing"]
    assert "strictly" not in ran.stdout + ran.stderr
    right = sms(*here, "--signature", sign(line.token, line.url, form), typed=urlencode(form) + "\n")
    assert right.returncode == 0, right.stdout
