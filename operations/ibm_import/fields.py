"""Every field of a tenant of IBM's gateway, and what becomes of it here: one table.

Sources: IBM Docs, "Advanced JSON configuration properties for SMS Gateway" and "Configuring tenants in a multi-tenant
SMS Gateway JSON configuration" (SS4U29). Times are in milliseconds there, but for `timeoutForSession`, which is in
seconds; truth values and numbers are written as text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from operations.ibm_import.draft import Draft
from operations.numbers import typed_address
from shared.errors import InvalidValue
from shared.tenants.agent import SENTENCE_MAX, SESSION_SECONDS_MAX, TIMEOUT_SECONDS_MAX

TIMEOUT_NOTICE = "We have not heard from you for some time, so this conversation has ended. Text us to begin again."

Take = Callable[[Draft, str, str], None]
"""Takes a value over into a draft; gets the country of numbers too. Raises InvalidValue, which does not quote it."""


@dataclass(frozen=True)
class Field:
    """A field, and what becomes of it.

    Attributes:
        becomes: what it is here, in words; empty for one that is not carried over.
        take: takes it over; None for one that is not carried over.
        why_not: why it is not carried over, and what to do instead.
    """

    becomes: str = ""
    take: Take | None = None
    why_not: str = ""


def _number(draft: Draft, value: str, country: str) -> None:
    draft.number = typed_address.read_from_file(value, country)


def _description(draft: Draft, value: str, _: str) -> None:
    draft.description = " ".join(value.split())


def _session(draft: Draft, value: str, _: str) -> None:
    seconds = _positive(value)
    if seconds > SESSION_SECONDS_MAX:
        message = f"a session lasts no more than {SESSION_SECONDS_MAX} seconds here; it has the usual 3600"
        raise InvalidValue(message)
    draft.session_seconds = seconds


def _failure_reply(draft: Draft, value: str, _: str) -> None:
    if len(value) > SENTENCE_MAX:
        message = f"a failure reply has no more than {SENTENCE_MAX} characters here; it has the usual one"
        raise InvalidValue(message)
    draft.failure_reply = value


def _read_timeout(draft: Draft, value: str, _: str) -> None:
    seconds = _positive(value) / 1000
    draft.timeout_seconds = min(seconds, TIMEOUT_SECONDS_MAX)
    if seconds > TIMEOUT_SECONDS_MAX:
        message = f"a backend has no more than {TIMEOUT_SECONDS_MAX} seconds here, and so it has these"
        raise InvalidValue(message)


def _inbound(draft: Draft, value: str, _: str) -> None:
    draft.initiates_from_inbound = _truth(value)


def _notice(draft: Draft, value: str, _: str) -> None:
    if _truth(value):
        draft.timeout_notice = TIMEOUT_NOTICE
        message = f"IBM does not document its sentence; it is this one: {TIMEOUT_NOTICE} Another: --notify-on-timeout"
        raise InvalidValue(message)


def _into_conversation(name: str) -> Take:
    return lambda draft, value, _: setattr(draft.conversation, name, value)


def _into_provider(name: str) -> Take:
    return lambda draft, value, _: setattr(draft.provider, name, value)


_RETRIES = "a text is tried again here until its time is over, and then parked, where it can be replayed"
_PROVIDER_TIMES = "time-outs and tries at Twilio are settings of the deployment here: docs/configuration.md"
_REPORTING = "what happens is told to a queue or a topic of yours here: sms events on; and counted: sms usage"

FIELDS: Mapping[str, Field] = {
    "tenantPhoneNumber": Field("a number of the agent", _number),
    "description": Field("the agent's name, and the number's description", _description),
    "allowSessionCreateViaSMS": Field("--initiate-from-inbound", _inbound),
    "timeoutForSession": Field("--session-timeout", _session),
    "notifyOnSessionTimeout": Field("--notify-on-timeout, with a sentence of ours", _notice),
    "conversationFailedReplyMessage": Field("--failure-reply", _failure_reply),
    "convReadTimeout": Field("--backend-timeout, in seconds", _read_timeout),
    "convConnectTimeout": Field(why_not="connecting is part of the backend's time-out here"),
    "convMaxRetryNo": Field(why_not=_RETRIES),
    "convRetryInterval": Field(why_not=_RETRIES),
    "conversation.url": Field("the backend", _into_conversation("url")),
    "conversation.workspaceID": Field("the backend", _into_conversation("workspace")),
    "conversation.username": Field("the backend's user", _into_conversation("user")),
    "conversation.password": Field("the backend's password, a secret", _into_conversation("password")),
    "conversation.apikey": Field("the backend's password, a secret", _into_conversation("api_key")),
    "conversation.tokenServiceProviderUrl": Field(
        why_not="the API key itself is sent here, as Watson's services take it"
    ),
    "smsProvider.url": Field("the Twilio account", _into_provider("url")),
    "smsProvider.username": Field("the Twilio account's SID", _into_provider("sid")),
    "smsProvider.password": Field("the Twilio account's auth token, a secret", _into_provider("token")),
    "smsProviderConnectTimeout": Field(why_not=_PROVIDER_TIMES),
    "smsProviderReadTimeout": Field(why_not=_PROVIDER_TIMES),
    "smsProviderMaxRetryNo": Field(why_not=_PROVIDER_TIMES),
    "smsProvideRetryInterval": Field(why_not=_PROVIDER_TIMES),
    "webHookCredentials": Field(why_not="API keys are made here, when a number is connected: sms number connect"),
    "reporting": Field(why_not=_REPORTING),
}
"""What becomes of each field, by its path. A field that is an object and stands here by itself is taken as a whole."""


def _positive(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        message = "it is no number above 0, so the usual value is taken"
        raise InvalidValue(message)
    return number


def _truth(value: str) -> bool:
    if value.strip().casefold() not in {"true", "false"}:
        message = "it is neither true nor false"
        raise InvalidValue(message)
    return value.strip().casefold() == "true"
