"""All errors, in one tree. It does not depend on HTTP or SQS.

    SmsReceiverError
    ├── RequestRefused      we refuse a request; the caller can correct it
    │   ├── InvalidKey          the API key is missing, malformed, unknown or revoked
    │   ├── ForbiddenRole       the API key is valid, but its role may not text
    │   ├── InvalidSignature    the signature of the request is missing, wrong or ambiguous
    │   ├── Malformed           the request cannot be parsed, or is too large for the queue
    │   ├── WrongContentType    its body has a content type that we do not accept
    │   ├── TooLarge            its body is too large
    │   ├── TooManyMessages     a person would get more messages at once than allowed
    │   ├── RateLimited         its API key or its tenant sends too many messages in too short a time
    │   ├── NotOurs             it names a number or an account that this tenant does not have
    │   ├── OptedOut            the person that it would text has opted out
    │   ├── Mismatch            it repeats the idempotency key of an earlier request with other contents
    │   └── OtherConversation   it answers a text of another conversation
    ├── Unavailable         something that we need is not available; the same request may succeed later
    │   ├── BackendUnavailable  no backend of the agent answers
    │   ├── JournalUnavailable  the queue or the topic for an agent's journal takes nothing
    │   ├── InProgress          another invocation is doing the same thing right now
    │   └── InDoubt             a request was sent and its response was lost: it may have taken effect
    ├── UpstreamRefused     another service refused our request, and would refuse it again
    ├── Configuration       the environment or a stored document is wrong; an operator must correct it
    │   └── BrokenDocument      a document of a tenant is not valid
    ├── Defect              a bug of ours
    └── CommandDeclined     an operator's command cannot be carried out
        ├── NotFound            what it names does not exist
        ├── Conflict            what it names exists already, or somebody else changed it at the same time
        └── InvalidValue        a value breaks a rule

Messages have ids and statuses only: no key, token, text or phone number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from shared.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SignatureReason = Literal[
    Reason.MISSING_SIGNATURE, Reason.UNKNOWN_ACCOUNT, Reason.INVALID_SIGNATURE, Reason.AMBIGUOUS_SIGNATURE
]
OwnershipReason = Literal[Reason.NOT_OUR_NUMBER, Reason.NOT_OUR_ACCOUNT]


class SmsReceiverError(Exception):
    """The base class of all errors that we raise.

    Attributes:
        reason: a short, stable word for logs, metrics, responses and parked texts.
    """

    reason: Reason


class RequestRefused(SmsReceiverError):
    """A request that we refuse.

    `field` is only for the response, because it may come from the caller. The other attributes are for the log line.
    They are set once they are verified, except `message_id`, and the `conversation` of a text, which are unverified.

    Attributes:
        field: the field of the request that is wrong, if it is a single one.
        tenant_id: the tenant whose key or account made the request.
        credential_id: the credential of the key.
        agent_id: the agent whose number it would use.
        conversation: the conversation's id.
        message_id: the id of the text or of the answer.
    """

    field: str | None = None
    tenant_id: str | None = None
    credential_id: str | None = None
    agent_id: str | None = None
    conversation: str | None = None
    message_id: str | None = None


class InvalidKey(RequestRefused):
    """The API key is missing, malformed, unknown or revoked; the caller does not learn which."""

    reason = Reason.INVALID_KEY

    def __init__(self) -> None:
        super().__init__("the API key is missing, malformed, unknown or revoked")


class ForbiddenRole(RequestRefused):
    """The API key is valid, but its credential's role may not text."""

    reason = Reason.FORBIDDEN_ROLE


class InvalidSignature(RequestRefused):
    """The request is not signed with a secret of the account that it names, or the signature is ambiguous.

    Args:
        reason: why the signature does not hold.
        message: a sentence that a person can act on.
    """

    def __init__(self, reason: SignatureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Malformed(RequestRefused):
    """The request may be genuine, but cannot be parsed."""

    reason = Reason.MALFORMED

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class WrongContentType(RequestRefused):
    """The request's body has a content type that we do not accept."""

    reason = Reason.WRONG_CONTENT_TYPE
    field = "Content-Type"


class TooLarge(RequestRefused):
    """The request's body is too large."""

    reason = Reason.TOO_LARGE


class TooManyMessages(RequestRefused):
    """A person would get more messages at once than one answer may have.

    Args:
        count: how many messages.
        most: how many are allowed.
    """

    reason = Reason.TOO_MANY_MESSAGES
    field = "text"

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"it would be {count} messages to the person, and no more than {most} are allowed")


class RateLimited(RequestRefused):
    """The API key or its tenant sends too many messages in too short a time.

    Args:
        retry_after_seconds: when the next period begins.
    """

    reason = Reason.RATE_LIMITED

    def __init__(self, retry_after_seconds: int) -> None:
        message = "this API key or its tenant has sent as many messages as it may for now"
        super().__init__(f"{message}; try again in {retry_after_seconds} seconds")
        self.retry_after_seconds = retry_after_seconds


class NotOurs(RequestRefused):
    """The request names something that this tenant does not have.

    Args:
        reason: what the tenant does not have.
        message: a sentence that a person can act on.
        field: the field that names it.
    """

    def __init__(self, reason: OwnershipReason, message: str, *, field: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field


class OptedOut(RequestRefused):
    """The request would text a person who has opted out from this address of ours."""

    reason = Reason.OPTED_OUT
    field = "to"

    def __init__(self) -> None:
        super().__init__("to: this person has opted out, and gets nothing from this number until they write START")


class Mismatch(RequestRefused):
    """The request repeats the idempotency key of an earlier one with other contents."""

    reason = Reason.IDEMPOTENCY_MISMATCH
    field = "Idempotency-Key"


class OtherConversation(RequestRefused):
    """The request answers a text, but not between the two addresses that the text was between."""

    reason = Reason.OTHER_CONVERSATION
    field = "in_reply_to"

    def __init__(self) -> None:
        super().__init__("in_reply_to: this text was not from `to` to `from`; answer it on the same conversation")


class Unavailable(SmsReceiverError):
    """Something that we need is not available; try again later."""

    reason = Reason.UNAVAILABLE


class BackendUnavailable(Unavailable):
    """No backend of the agent answers. The person may get the failure reply."""

    reason = Reason.BACKEND_UNAVAILABLE


class JournalUnavailable(Unavailable):
    """The queue or the topic for an agent's journal takes no entry, now or at all: an operator must see to it."""

    reason = Reason.JOURNAL_UNAVAILABLE


class InProgress(Unavailable):
    """Another invocation is doing the same thing right now; its result is not known yet."""

    reason = Reason.IN_PROGRESS


class InDoubt(Unavailable):
    """A request was sent and its response was lost: it may or may not have taken effect."""

    reason = Reason.IN_DOUBT


class UpstreamRefused(SmsReceiverError):
    """Another service refused our request, and would refuse it again.

    Args:
        reason: why it said no.
        message: a sentence that a person can act on.
        code: that service's error number, such as Twilio's 21610; None when it has none.
    """

    def __init__(self, reason: Reason, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code


class Configuration(SmsReceiverError):
    """The environment or a stored document is wrong; an operator must correct it."""

    reason = Reason.CONFIGURATION


class BrokenDocument(Configuration):
    """One of a tenant's documents is damaged, or has another schema.

    Args:
        message: what is wrong with it. It may quote names and numbers of the document, so it is for operators only.
        tenant_id: the tenant's id.
        digests: the digest of each API key by its credential's id; None when they cannot be read.
        tokens: the auth tokens of each account by its SID; None when they cannot be read.
    """

    def __init__(
        self,
        message: str,
        tenant_id: str,
        *,
        digests: Mapping[str, str] | None = None,
        tokens: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.tenant_id = tenant_id
        self.digests = digests
        self.tokens = tokens or {}


class Defect(SmsReceiverError):
    """An unexpected exception. The message names its type and place, never its own message."""

    reason = Reason.DEFECT


class CommandDeclined(SmsReceiverError):
    """An operator's command cannot be carried out. The message says why, and what to do."""

    reason = Reason.DECLINED


class NotFound(CommandDeclined):
    """What the command names does not exist."""


class Conflict(CommandDeclined):
    """What the command names exists already, or somebody else changed it at the same time."""


class InvalidValue(CommandDeclined, ValueError):
    """A value breaks a rule. The message names the field and the rule."""
