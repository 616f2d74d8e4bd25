"""The provider that the domain's tests run with: Twilio, or the tests' own with `TEST_PROVIDER=toy`.

Tests name the fields of a webhook as Twilio does; with the toy, the request has the toy's names for them.
"""

from collections.abc import Iterable, Sequence

from shared.messages.inbound import WebhookRequest
from shared.messages.outbound import OptOut
from shared.ports import Provider
from shared.provider_rules import RulesByProvider
from shared.providers import rules, webhooks
from tests import fakes
from tests.fakes import PROVIDER, TOKEN, URL
from tests.toy_provider import requests
from tests.toy_provider import statuses as toy_statuses
from tests.toy_provider.rules import ToyRules
from tests.toy_provider.webhook import ToyWebhooks

IS_TOY = PROVIDER == "toy"

PROVIDERS: Sequence[Provider] = (ToyWebhooks(),) if IS_TOY else webhooks.PROVIDERS
RULES = RulesByProvider(ToyRules()) if IS_TOY else rules.RULES
ITS_RULES = RULES.of(PROVIDER)
SIGNATURE_HEADER = PROVIDERS[0].signature_header

_TWILIOS = [f"twilio_inbound_{kind}.json" for kind in ("sms", "mms", "whatsapp")]
RECORDINGS = ["../toy_provider/inbound.json"] if IS_TOY else _TWILIOS
"""Files below tests/samples."""

QUEUED, SENT, DELIVERED, UNDELIVERED = (
    (toy_statuses.WAITING, toy_statuses.GONE, toy_statuses.ARRIVED, toy_statuses.LOST)
    if IS_TOY
    else ("queued", "sent", "delivered", "undelivered")
)

_REPORTS = {OptOut.STOP: "left", OptOut.START: "back", OptOut.HELP: "asked"}
_NAMES = {
    "AccountSid": "account",
    "Body": "text",
    "ErrorCode": "error",
    "From": "from",
    "MessageSid": "id",
    "MessageStatus": "status",
    "To": "to",
}


def reported(word: OptOut | str) -> dict[str, str]:
    """The field in which the provider reports an opt-out."""
    return {"membership": _REPORTS[OptOut(word)]} if IS_TOY else {"OptOutType": OptOut(word).value}


def status(**changes: str) -> list[tuple[str, str]]:
    """The fields of a status webhook: of a message that was delivered, unless they are changed."""
    return fakes.status(**({"MessageStatus": DELIVERED} | changes))


def as_sent(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields with the provider's names for them."""
    return [(_NAMES.get(name, name), value) for name, value in fields] if IS_TOY else list(fields)


def webhook(
    fields: Iterable[tuple[str, str]],
    *,
    token: str = TOKEN,
    url: str = URL,
    signature: str | None = None,
    **headers: str,
) -> WebhookRequest:
    """A webhook, signed for `url` unless there is another signature; headers have _ for -, and win."""
    if signature is not None:
        headers[SIGNATURE_HEADER] = signature
    if IS_TOY:
        return requests.request(as_sent(fields), token=token, url=url, **headers)
    return fakes.webhook(fields, token=token, url=url, **headers)
