"""Our receiver of statuses: each says that a reply was delivered, and the agent's backend wants to hear it."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench import proving, tables, webhook_events
from bench.building import Ours
from bench.contract import ANOTHER_TOKEN, on_domain
from bench.roster import REFUSED, STATE_TABLE, STATUSES, WARM, Contestant, Scenario, function
from bench.webhook_events import Event, LocalServices
from shared.messages.outbound import Reply
from tests.fakes import LISTENING, TOKEN, status
from tests.integration.events import status_event
from tests.integration.lambda_runtime import Packaged
from tests.integration.stored_replies import put_replies

_RUNS = (10, 50)
_PROOF_NUMBER = max(_RUNS)  # the reply that only the proof uses


def statuses(ours: Ours) -> Contestant:
    """Our receiver of statuses."""
    return function(
        STATUSES,
        ours,
        scenarios={WARM: Scenario(_genuine, runs=_RUNS), REFUSED: Scenario(_forged, runs=_RUNS)},
        proof=_prove,
        services=_services,
    )


def _prove(function: Packaged, services: LocalServices) -> None:
    proving.keeps_statuses(function, services, genuine=_genuine(_PROOF_NUMBER), forged=_forged(_PROOF_NUMBER))


def _genuine(number: int) -> Event:
    """The status of a reply; each number is of another reply."""
    return _status(number, TOKEN)


def _forged(number: int) -> Event:
    """The same, signed with another auth token."""
    return _status(number, ANOTHER_TOKEN)


def _status(number: int, token: str) -> Event:
    path = f"/sms.receiver/SmsStatus/acme/{_reply_id(number)}"
    return on_domain(status_event(status(MessageSid=f"SM{number:032x}"), path=path, token=token))


def _reply(number: int) -> Reply:
    return Reply("acme", _reply_id(number), LISTENING.id, "c0ffee", f"SM{number:032x}")


def _reply_id(number: int) -> str:
    return f"SM{number:032x}-1"


@contextmanager
def _services() -> Iterator[LocalServices]:
    with tables.running(LISTENING) as dynamodb, webhook_events.local_services((LISTENING,)) as services:
        put_replies(dynamodb.client, STATE_TABLE, map(_reply, range(_PROOF_NUMBER + 1)))
        environment = {**services.environment, **dynamodb.environment}
        yield LocalServices(services.aws, environment, services.texts_sent)
