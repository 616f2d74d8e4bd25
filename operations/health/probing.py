"""The check with a key of its own: a signed probe from the gateway to the forwarder."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.health.own_key import own_key, texting_role
from operations.health.stored import VERSIONS_MAX, VERSIONS_WARNING, versions_in_a_day
from operations.health.web import WebAnswer
from operations.health.webhook_request import probe, send_webhook
from operations.stage.names import CONSUMERS, queue_output
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing import log_lines
from shared.tenants.account import Account
from shared.tenants.record import SecretPart
from shared.tenants.tenant import SignatureMode

_KEY_TRIES, _KEY_SECONDS = 8, 2.0  # the other region gets a new key some seconds later
_ARRIVES_TRIES, _ARRIVES_SECONDS = 40, 1.5  # CloudWatch has a line some seconds after it was written
_REVOKED_TRIES, _REVOKED_SECONDS = 36, 5  # the authorizer's answer and its cache live two minutes together
_OK, _MALFORMED, _UNAUTHORIZED, _FORBIDDEN = 200, 400, 401, 403


def probing(checked: CheckedStage) -> Iterator[Finding]:
    """A new key is accepted, and a signed probe is accepted and arrives. The key is revoked in any case."""
    yield from _with_own_key(checked, "key", partial(_with_key, checked))


def revocation(checked: CheckedStage) -> Iterator[Finding]:
    """A new key stops working within the time that the caches have, once it is revoked."""
    if checked.look_only:
        return
    keys: list[str] = []

    def accepted(_tenant: ManagedTenant, key: str) -> Iterator[Finding]:
        if _first_answer(checked, key).status == _UNAUTHORIZED:
            yield warning("revoked key", "not checked, because a new key is refused", "see the check `key`")
        else:
            keys.append(key)

    yield from _with_own_key(checked, "revoked key", accepted)
    for key in keys:
        yield _revoked(checked, key)


def _revoked(checked: CheckedStage, key: str) -> Finding:
    for number in range(_REVOKED_TRIES):
        if send_webhook(checked, key=key).status == _UNAUTHORIZED:
            return good("revoked key", f"was refused at most {(number + 1) * _REVOKED_SECONDS} seconds later")
        checked.operator.world.sleep(_REVOKED_SECONDS)
    seen = f"is still accepted {_REVOKED_TRIES * _REVOKED_SECONDS} seconds later"
    do = f"see why the authorizer still takes it: npx sls logs --stage {checked.operator.stage} -f authorizer"
    return wrong("revoked key", seen, do)


def _with_own_key(
    checked: CheckedStage, check: str, use: Callable[[ManagedTenant, str], Iterator[Finding]]
) -> Iterator[Finding]:
    """What `use` finds with a new key, which is revoked in any case; or why no key can be made."""
    operator, tenant = checked.operator, checked.tenant
    if tenant is None:
        yield warning(check, "there is no tenant yet, so there are no keys", "./sms setup")
        return
    role = texting_role(tenant)
    if role is None:
        yield wrong(check, "no active role may text", "./sms tenant update --roles Reader,Writer,Manager")
        return
    changes = versions_in_a_day(checked, SecretPart.ACCESS)
    if changes >= VERSIONS_WARNING:
        seen = f"not checked, because it takes two changes, and {changes} of {VERSIONS_MAX} were made in the last day"
        yield warning(check, seen, "run the doctor less often, or with --look-only")
        return
    not_revoked: list[Finding] = []

    def on_failure(why: str, name: str) -> None:
        not_revoked.append(wrong(check, why, f"./sms credential revoke {name!r}"))

    writing = replace(operator, tenant=tenant.id).editing()
    try:
        with own_key(operator, writing, tenant, role, on_failure=on_failure) as key:
            yield from use(tenant, key)
    finally:
        yield from not_revoked


def _first_answer(checked: CheckedStage, key: str) -> WebAnswer:
    """The answer to a new key, once the region has it; a 401 when it does not get it in time."""
    for _ in range(_KEY_TRIES):
        answer = send_webhook(checked, key=key)
        if answer.status != _UNAUTHORIZED:
            break
        checked.operator.world.sleep(_KEY_SECONDS)
    return answer


def _with_key(checked: CheckedStage, tenant: ManagedTenant, key: str) -> Iterator[Finding]:
    answer = _first_answer(checked, key)
    reason = reason_of(answer)
    if answer.status == _UNAUTHORIZED:
        do = f"does the region have a copy of the tenant? npx sls logs --stage {checked.operator.stage} -f authorizer"
        yield wrong("key", "a new key is refused with 401", do)
        return
    if (answer.status, reason) not in {(_FORBIDDEN, "missing_signature"), (_MALFORMED, "malformed")}:
        yield wrong("key", f"a new key was answered {answer.status} {reason}", _read_log(checked))
        return
    yield good("key", "a new key is accepted")
    if tenant.signature_mode is SignatureMode.OBSERVE:
        do = "when no genuine text would be refused any more: ./sms tenant update --signature enforce"
        yield warning("unsigned request", "is accepted: signatures are only observed", do)
    elif reason == "missing_signature":
        yield good("unsigned request", "is refused")
    else:
        do = "was the mode changed just now? Wait a minute and run the doctor again"
        yield wrong("unsigned request", f"was answered {answer.status} {reason}", do)
    account = next(iter(tenant.accounts), None)
    if account is None:
        yield warning("signed probe", "there is no account yet, so nobody can sign", "./sms twilio set-account AC…")
        return
    yield from _signed(checked, account, key)


def _signed(checked: CheckedStage, account: Account, key: str) -> Iterator[Finding]:
    begin = checked.operator.world.now() - timedelta(minutes=1)
    sid, form = probe(account.sid)
    answer = send_webhook(checked, key=key, form=form, token=account.auth_tokens[0])
    if answer.status != _OK:
        reason = reason_of(answer)
        do = _read_log(checked)
        if reason == "invalid_signature":
            do = "the receiver expects another URL than ./sms url shows: deploy this stage again"
        yield wrong("signed probe", f"was answered {answer.status} {reason}", do)
        return
    yield good("signed probe", "is accepted")
    for _ in range(_ARRIVES_TRIES):
        if any(
            hop.reason == "probe"
            for hop in log_lines.read(checked.operator, begin, stages=[checked.operator.stage], containing=sid)
        ):
            yield good("arrival", "the probe went through the queue to the forwarder; no backend got it")
            return
        checked.operator.world.sleep(_ARRIVES_SECONDS)
    yield _not_arrived(checked, sid)


def _not_arrived(checked: CheckedStage, sid: str) -> Finding:
    """The probe is not in the log. Where the queue is empty, the forwarder took it, and only the log is late."""
    seen = f"the forwarder's log has nothing of the probe after {_ARRIVES_TRIES * _ARRIVES_SECONDS:.0f} seconds"
    queue = checked.operator.target.inspected.queue(checked.outputs.get(queue_output(CONSUMERS["forwarder"]), ""))
    if queue.waiting or queue.in_flight:
        do = f"look for {sid}: ./sms tail --since 5m --once; is the forwarder's trigger enabled, and does it crash?"
        return wrong("arrival", seen, do)
    do = f"CloudWatch can be minutes late. Look again: ./sms trace {sid}"
    return warning("arrival", f"{seen}, although the queue is empty", do)


def reason_of(answer: WebAnswer) -> str:
    """The reason for a refusal, from the answer's JSON; `without a reason` if it has none."""
    try:
        return str(json.loads(answer.body)["reason"])
    except (ValueError, LookupError, TypeError):
        return "without a reason"


def _read_log(checked: CheckedStage) -> str:
    return f"see the log: ./sms tail --since 5m --once --stage {checked.operator.stage}"
