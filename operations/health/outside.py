"""Checks of the stage from outside, as Twilio sees it: challenge, wrong key, clock, domain name and certificate."""

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.health.web import WebAnswer
from operations.health.webhook_request import send_webhook
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role

_UNAUTHORIZED = 401
_REMAPPED = "x-amzn-remapped-www-authenticate"
_NOBODY = "nobody"  # a tenant that does not exist, so that no key of it is valid
_CLOCK_WARNING, _CLOCK_WRONG = 5, 300  # seconds; AWS refuses requests that are five minutes off
_CERTIFICATE_DAYS = 21  # ACM renews it 60 days before its end, so by then something is wrong


def challenge(checked: CheckedStage) -> Iterator[Finding]:
    """Without a key the gateway sends the challenge that Twilio needs to send one; and the clock is right."""
    stage = checked.operator.stage
    try:
        answer = send_webhook(checked)
    except Unavailable as error:
        do = f"check the stack (npx sls info --stage {stage}) and, with a domain of your own, its CNAME and certificate"
        yield wrong("challenge", str(error), do)
        return
    yield _challenged(answer, stage)
    yield from _clock(checked, answer)


def wrong_key(checked: CheckedStage) -> Iterator[Finding]:
    """A well-formed key that nobody has is refused."""
    _, key = api_keys.issue(_NOBODY, "nobody", Role.WRITER, checked.operator.world.now())
    answer = send_webhook(checked, key=key)
    if answer.status == _UNAUTHORIZED:
        yield good("wrong key", "is refused with 401")
    else:
        logs = f"npx sls logs --stage {checked.operator.stage} -f authorizer"
        do = f"the fault is in the authorizer: {logs}; then deploy again"
        yield wrong("wrong key", f"was answered {answer.status} instead of 401", do)


def domain(checked: CheckedStage) -> Iterator[Finding]:
    """A custom domain leads to the stage, and its certificate does not end soon."""
    target = checked.outputs.get("DomainTarget")
    host = urlsplit(checked.base_url).hostname or ""
    if target is None:
        yield good("domain", "none of your own: AWS looks after the gateway's name and certificate")
        return
    outside = checked.operator.world.outside
    try:
        if target.lower() in outside.names(host):
            yield good("domain", f"{host} leads to {target}")
        else:
            yield warning(
                "domain", f"{host} is no CNAME of {target}", f"make it one, unless a proxy is intended: {target}"
            )
    except Unavailable as error:
        yield wrong("domain", str(error), f"make {host} a CNAME of {target}")
        return
    try:
        days = (outside.certificate_ends(host) - checked.operator.world.now()).days
    except Unavailable as error:
        yield wrong(
            "certificate",
            str(error),
            f"Twilio calls no host that it cannot trust: check {host} in AWS ACM",
        )
        return
    if days < _CERTIFICATE_DAYS:
        yield warning(
            "certificate", f"ends in {days} days", "ACM should have renewed it: is its DNS record still there?"
        )
    else:
        yield good("certificate", f"is valid for {days} days")


def _challenged(answer: WebAnswer, stage: str) -> Finding:
    if answer.status != _UNAUTHORIZED:
        seen = f"a request without a key was answered {answer.status} instead of 401"
        return wrong("challenge", seen, f"is this the stage's URL? Deploy it again: make deploy STAGE={stage}")
    if answer.headers.get("www-authenticate", "").lower().startswith("basic"):
        return good("challenge", "401 with WWW-Authenticate: Basic")
    if _REMAPPED in answer.headers:
        seen = "the 401 comes from a Lambda, because API Gateway renamed its challenge; so Twilio will not send the key"
        do = f"the gateway itself must answer: check the authorizer's identitySource; make deploy STAGE={stage}"
        return wrong("challenge", seen, do)
    seen = "401, but without WWW-Authenticate: Basic; so Twilio will not send the key"
    do = f"deploy again, because gateway responses only take effect with a new deployment: make deploy STAGE={stage}"
    return wrong("challenge", seen, do)


def _clock(checked: CheckedStage, answer: WebAnswer) -> Iterator[Finding]:
    try:
        server_time = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        yield warning("clock", "could not be checked, because: the answer has no date", "compare it with another clock")
        return
    seconds_off = abs((checked.operator.world.now() - server_time.astimezone(UTC)).total_seconds())
    if seconds_off <= _CLOCK_WARNING:
        yield good("clock", "this computer's clock is right")
        return
    finding = wrong if seconds_off > _CLOCK_WRONG else warning
    seen = f"this computer's clock is {seconds_off:.0f} seconds off"
    yield finding("clock", seen, "set it: AWS refuses requests that are five minutes off")
