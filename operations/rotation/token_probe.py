"""Whether every stage accepts what auth tokens sign: a probe is sent with each. No backend receives a probe."""

from collections.abc import Sequence
from dataclasses import replace

from operations.health.finding import CheckedStage
from operations.health.own_key import own_key, texting_role
from operations.health.probing import reason_of
from operations.health.webhook_request import probe, send_webhook
from operations.operator import Operator
from operations.stage.names import STAGES
from operations.tenants.editor import Administration
from operations.tenants.edits import last_four
from shared.errors import CommandDeclined, Unavailable

_TRIES, _PAUSE_SECONDS = 15, 2.0
_OK = 200


def check_accepted(operator: Operator, administration: Administration, account: str, tokens: Sequence[str]) -> None:
    """Returns when each deployed stage accepts a text of the account that is signed with each of the tokens.

    Raises CommandDeclined when a stage does not, Unavailable.
    """
    tenant = operator.read()
    role = texting_role(tenant)
    if role is None:
        message = "no active role may text, so no probe can be sent: sms tenant update --roles Reader,Writer,Manager"
        raise CommandDeclined(message)

    def warn(why: str, name: str) -> None:
        operator.progress.warning(f"{why}; revoke it yourself: sms credential revoke {name!r}")

    with own_key(operator, administration, tenant, role, on_failure=warn) as key:
        for stage in (stage for stage in STAGES if operator.target.base_url(stage)):
            for token in tokens:
                _check(CheckedStage(replace(operator, stage=stage), {}, tenant, look_only=True), account, key, token)
            operator.progress.note(f"✔ Stage {stage} accepts both tokens.")


def _check(checked: CheckedStage, account: str, key: str, token: str) -> None:
    _, form = probe(account)
    for _ in range(_TRIES):
        try:
            answer = send_webhook(checked, key=key, form=form, token=token)
        except Unavailable as error:
            problem = str(error)
        else:
            if answer.status == _OK:
                return
            problem = f"{answer.status} {reason_of(answer)}"
        checked.operator.world.sleep(_PAUSE_SECONDS)
    message = (
        f"stage {checked.operator.stage} does not accept what the token …{last_four(token)} signed ({problem}), so it "
        "was not promoted; see: sms doctor"
    )
    raise CommandDeclined(message)
