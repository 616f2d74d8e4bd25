"""The stage as Twilio meets it: the challenge, a wrong key, the clock, the name and its certificate."""

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from operations.health.finding import Finding, Patient, good, warning, wrong
from operations.health.web import WebAnswer
from operations.health.webhook_request import ask
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role

_UNAUTHORIZED = 401
_REMAPPED = "x-amzn-remapped-www-authenticate"
_NOBODY = "nobody"  # a tenant that there is not: its keys are looked for in vain
_CLOCK_WARNING, _CLOCK_WRONG = 5, 300  # seconds; AWS refuses what is five minutes off
_CERTIFICATE_DAYS = 21  # ACM renews it 60 days before its end, so by then something is wrong


def challenge(patient: Patient) -> Iterator[Finding]:
    """Without a key the gateway challenges, else Twilio never sends its credentials; and the clock is right."""
    stage = patient.operator.stage
    try:
        answer = ask(patient)
    except Unavailable as error:
        do = f"see the stack (npx sls info --stage {stage}), and, with a domain of your own, its CNAME and certificate"
        yield wrong("challenge", str(error), do)
        return
    yield _challenged(answer, stage)
    yield from _clock(patient, answer)


def wrong_key(patient: Patient) -> Iterator[Finding]:
    """A well-made key that nobody has is refused."""
    _, key = api_keys.issue(_NOBODY, "nobody", Role.WRITER, patient.operator.world.now())
    answer = ask(patient, key=key)
    if answer.status == _UNAUTHORIZED:
        yield good("wrong key", "is refused with 401")
    else:
        logs = f"npx sls logs --stage {patient.operator.stage} -f authorizer"
        do = f"the authorizer is to blame: {logs}; then deploy again"
        yield wrong("wrong key", f"was answered {answer.status} instead of 401", do)


def domain(patient: Patient) -> Iterator[Finding]:
    """A domain of one's own leads to the stage, and its certificate holds for some time."""
    target = patient.outputs.get("DomainTarget")
    host = urlsplit(patient.base_url).hostname or ""
    if target is None:
        yield good("domain", "none of your own: the gateway's name and certificate are AWS's business")
        return
    outside = patient.operator.world.outside
    try:
        if target.lower() in outside.names(host):
            yield good("domain", f"{host} leads to {target}")
        else:
            yield warning(
                "domain", f"{host} is no CNAME of {target}", f"make it one, unless a proxy is meant: {target}"
            )
    except Unavailable as error:
        yield wrong("domain", str(error), f"make {host} a CNAME of {target}")
        return
    try:
        days = (outside.certificate_ends(host) - patient.operator.world.now()).days
    except Unavailable as error:
        yield wrong("certificate", str(error), f"Twilio calls nobody that it cannot trust: see {host} in AWS ACM")
        return
    if days < _CERTIFICATE_DAYS:
        yield warning(
            "certificate", f"ends in {days} days", "ACM should have renewed it: is its DNS record still there?"
        )
    else:
        yield good("certificate", f"holds for {days} days")


def _challenged(answer: WebAnswer, stage: str) -> Finding:
    if answer.status != _UNAUTHORIZED:
        seen = f"a request without a key was answered {answer.status} instead of 401"
        return wrong("challenge", seen, f"is this the stage's URL? Deploy it again: make deploy STAGE={stage}")
    if answer.headers.get("www-authenticate", "").lower().startswith("basic"):
        return good("challenge", "401 with WWW-Authenticate: Basic")
    if _REMAPPED in answer.headers:
        seen = "the 401 comes from a Lambda, for API Gateway renamed its challenge; so Twilio will not send the key"
        do = f"the gateway itself must answer: see the authorizer's identitySource; make deploy STAGE={stage}"
        return wrong("challenge", seen, do)
    seen = "401, but without WWW-Authenticate: Basic; so Twilio will not send the key"
    do = f"deploy again, for gateway responses take effect with a new deployment only: make deploy STAGE={stage}"
    return wrong("challenge", seen, do)


def _clock(patient: Patient, answer: WebAnswer) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        yield warning("clock", "could not be checked, because: the answer has no date", "compare it with another clock")
        return
    off = abs((patient.operator.world.now() - there.astimezone(UTC)).total_seconds())
    if off <= _CLOCK_WARNING:
        yield good("clock", "this computer's is right")
        return
    tell = wrong if off > _CLOCK_WRONG else warning
    yield tell("clock", f"this computer's is {off:.0f} seconds off", "set it: AWS refuses what is five minutes off")
