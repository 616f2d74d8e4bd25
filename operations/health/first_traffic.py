"""Checks of what requests and their logs show: unknown paths, metrics, the access log, and that no log has a secret."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.health.webhook_request import send_webhook
from operations.stage.names import FUNCTIONS
from shared.tenants import api_keys
from shared.tenants.tenant import Role

_FORBIDDEN, _NOT_FOUND = 403, 404
_NOWHERE = "/sms.receiver/elsewhere"
_SINCE = timedelta(hours=1)
_LATE = "CloudWatch can be minutes late after a first deployment: run this again in a quarter of an hour"
_NUMBER = re.compile(r"\+\d{8,15}\b")
_KEY = "smsr_"


def unknown_path(checked: CheckedStage) -> Iterator[Finding]:
    """A path that does not exist is a 404, so that nobody who waits for a challenge sends a key there."""
    bare = send_webhook(checked, path=_NOWHERE)
    if bare.status == _NOT_FOUND:
        yield good("unknown path", "is answered 404")
    else:
        do = f"gateway responses take effect with a new deployment only: make deploy STAGE={checked.operator.stage}"
        yield wrong("unknown path", f"is answered {bare.status} instead of 404", do)
    _, key = api_keys.issue("nobody", "nobody", Role.WRITER, checked.operator.world.now())
    keyed = send_webhook(checked, key=key, path=_NOWHERE)
    check = "unknown path with a key"
    if keyed.status == _FORBIDDEN:
        yield good(check, "is answered 403 by AWS itself, which takes the key for an AWS signature")
    elif keyed.status == _NOT_FOUND:
        yield good(check, "is answered 404, which is better than docs/openapi.yaml expects of AWS")
    else:
        yield wrong(check, f"is answered {keyed.status}", "report it: 403 or 404 was expected")


def metrics(checked: CheckedStage) -> Iterator[Finding]:
    """CloudWatch makes metrics of the log lines."""
    found = checked.operator.target.settings.metrics()
    if found:
        yield good("metrics", ", ".join(sorted(found)))
    else:
        yield warning("metrics", "there are none yet", _LATE)


def access_log(checked: CheckedStage) -> Iterator[Finding]:
    """API Gateway writes its log, in JSON, and no key or number into it."""
    operator = checked.operator
    lines = operator.target.settings.access_log(operator.world.now() - _SINCE)
    broken = sum(not _is_object(line) for line in lines)
    if not lines:
        yield warning("access log", "it has no line yet", _LATE)
    elif broken:
        do = f"deploy again: make deploy STAGE={operator.stage}"
        yield wrong("access log", f"{broken} of {len(lines)} lines are no JSON objects", do)
    elif secret := next(filter(None, map(_secret_in, lines)), None):
        yield wrong("access log", f"a line has {secret}", "report it, without the line, and let no text come")
    else:
        yield good("access log", f"{len(lines)} lines in JSON, without keys and numbers")


def log_secrecy(checked: CheckedStage) -> Iterator[Finding]:
    """No function wrote a key, a token or a phone number into its log."""
    operator, tenant = checked.operator, checked.tenant
    tokens = [token for account in (tenant.accounts if tenant else ()) for token in account.auth_tokens]
    count = 0
    for function in FUNCTIONS:
        for line in operator.target.log(function, operator.world.now() - _SINCE):
            count += 1
            secret = _secret_in(line.text) or ("an auth token" if any(token in line.text for token in tokens) else None)
            if secret:
                do = "report it, without the line, and let no text come"
                yield wrong("log secrecy", f"a line of the {function} has {secret}", do)
                return
    if count:
        yield good("log secrecy", f"{count} lines without keys, tokens and numbers")
    else:
        yield warning("log secrecy", "the functions have no log lines yet", _LATE)


def _secret_in(line: str) -> str | None:
    """What a line has that no log may have, in words."""
    if _KEY in line:
        return "an API key"
    return "a phone number" if _NUMBER.search(line) else None


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
