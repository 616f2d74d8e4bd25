"""A key of the doctor's own, and a signed probe with it, from the gateway to the forwarder."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from operations.health.finding import Finding, Patient, good, warning, wrong
from operations.health.own_key import own_key, texting_role
from operations.health.web import WebAnswer
from operations.health.webhook_request import ask, probe
from operations.tracing import log_lines
from shared.tenants.tenant import Account, SignatureMode, Tenant

_KEY_TRIES, _KEY_SECONDS = 8, 2.0  # the other region has a new key some seconds later
_ARRIVES_TRIES, _ARRIVES_SECONDS = 40, 1.5  # and CloudWatch has a line some seconds after it was written
_OK, _MALFORMED, _UNAUTHORIZED, _FORBIDDEN = 200, 400, 401, 403


def probing(patient: Patient) -> Iterator[Finding]:
    """A fresh key passes, a signed probe is accepted, and it arrives; the key is revoked in any case."""
    operator, tenant = patient.operator, patient.tenant
    if tenant is None:
        yield warning("key", "there is no tenant yet, so nobody has a key", "./sms setup")
        return
    role = texting_role(tenant)
    if role is None:
        yield wrong("key", "no active role may text", "./sms tenant update --roles Reader,Writer,Manager")
        return
    if operator.tenant is None and not operator.local:
        seen = "is not tried, for it changes the tenant, and AWS's list of tenants may be old"
        yield warning("key", seen, "name the tenant: ./sms doctor")
        return
    left: list[Finding] = []

    def tell(why: str, name: str) -> None:
        left.append(wrong("key", why, f"./sms credential revoke {name!r}"))

    try:
        with own_key(operator, replace(operator, tenant=tenant.id).editing(), tenant, role, left=tell) as key:
            yield from _with_key(patient, tenant, key)
    finally:
        yield from left


def _with_key(patient: Patient, tenant: Tenant, key: str) -> Iterator[Finding]:
    for _ in range(_KEY_TRIES):
        answer = ask(patient, key=key)
        if answer.status != _UNAUTHORIZED:
            break
        patient.operator.world.sleep(_KEY_SECONDS)
    reason = reason_of(answer)
    if answer.status == _UNAUTHORIZED:
        do = f"has the region a copy of the tenant? npx sls logs --stage {patient.operator.stage} -f authorizer"
        yield wrong("key", "a fresh key is refused with 401", do)
        return
    if (answer.status, reason) not in {(_FORBIDDEN, "missing_signature"), (_MALFORMED, "malformed")}:
        yield wrong("key", f"a fresh key was answered {answer.status} {reason}", _read_log(patient))
        return
    yield good("key", "a fresh key passes")
    if tenant.signature_mode is SignatureMode.OBSERVE:
        do = "when nothing would be refused any more: ./sms tenant update --signature enforce"
        yield warning("unsigned request", "is taken: signatures are only observed", do)
    elif reason == "missing_signature":
        yield good("unsigned request", "is refused")
    else:
        do = "was the mode changed just now? Wait a minute and call the doctor again"
        yield wrong("unsigned request", f"was answered {answer.status} {reason}", do)
    account = next(iter(tenant.accounts), None)
    if account is None:
        yield warning("signed probe", "there is no account yet, so nobody can sign", "./sms twilio set-account AC…")
        return
    yield from _signed(patient, account, key)


def _signed(patient: Patient, account: Account, key: str) -> Iterator[Finding]:
    begin = patient.operator.world.now() - timedelta(minutes=1)
    sid, form = probe(account.sid)
    answer = ask(patient, key=key, form=form, token=account.auth_tokens[0])
    if answer.status != _OK:
        reason = reason_of(answer)
        do = _read_log(patient)
        if reason == "invalid_signature":
            do = "the receiver reckons with another URL than ./sms url shows: deploy this stage again"
        yield wrong("signed probe", f"was answered {answer.status} {reason}", do)
        return
    yield good("signed probe", "is accepted")
    for _ in range(_ARRIVES_TRIES):
        if any(
            hop.reason == "probe"
            for hop in log_lines.read(patient.operator, begin, stages=[patient.operator.stage], containing=sid)
        ):
            yield good("arrival", "the probe went through the queue to the forwarder; no backend got it")
            return
        patient.operator.world.sleep(_ARRIVES_SECONDS)
    do = f"look for {sid}: ./sms tail --since 5m --once; is the forwarder's trigger enabled, does it crash?"
    seconds = _ARRIVES_TRIES * _ARRIVES_SECONDS
    yield wrong("arrival", f"the forwarder's log has nothing of the probe after {seconds:.0f} seconds", do)


def reason_of(answer: WebAnswer) -> str:
    """Why a request was refused, as the answer says it."""
    try:
        return str(json.loads(answer.body)["reason"])
    except (ValueError, LookupError, TypeError):
        return "without a reason"


def _read_log(patient: Patient) -> str:
    return f"the log says more: ./sms tail --since 5m --once --stage {patient.operator.stage}"
