"""Every way to fail, one tree; knows no HTTP and no SQS.

    SmsReceiverError
    ├── Rejected            we refuse what came in; a caller can act on it
    │   ├── InvalidKey          the API key is missing, malformed, unknown or revoked
    │   ├── ForbiddenRole       the key is good, but its role may not text
    │   ├── InvalidSignature    nobody who holds the provider's secret made this request
    │   ├── Malformed           the request cannot be understood, or is larger than the queue takes
    │   ├── WrongContentType    its body is of a kind that we do not read
    │   ├── TooLarge            its body has more bytes than we read
    │   ├── NotOurs             it names a number or an account that this tenant does not have
    │   ├── OptedOut            the person whom it would text said STOP
    │   └── Mismatch            it repeats an earlier request's idempotency key with another content
    ├── Unavailable         later: something that we need does not answer; the same request may succeed later
    │   ├── BackendUnavailable  no backend of the agent answers
    │   ├── InProgress          somebody else is at this very effect right now
    │   └── InDoubt             it was asked, and its answer was lost: it may have happened
    ├── Refused             never: what we asked said no, and would again
    ├── Configuration       the environment or a stored document is wrong; an operator must mend it
    │   └── BrokenDocument      a tenant's document cannot be understood
    ├── Defect              nobody foresaw it: a mistake of ours
    └── Declined            an operator's command cannot be carried out
        ├── NotFound            what it names does not exist
        ├── Conflict            what it names exists already, or somebody else changed it meanwhile
        └── InvalidValue        a value breaks a rule

Messages name ids and statuses only: no key, token, text or phone number.
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
    """The root: everything that this system raises on purpose.

    `reason` is a short, stable word for logs, metrics, answers and parked texts.
    """

    reason: Reason


class Rejected(SmsReceiverError):
    """A request that we refuse.

    `field` names what is wrong in the request, where one field alone is; it may come from the caller, so it goes into
    the answer and nowhere else. The others are for the log line, and are set as soon as they are known for sure, except
    `message_id`, which anybody can write:

    - `tenant_id`, `credential_id`: whose key it was, or who signed.
    - `conversation`: the conversation's id.
    - `message_id`: the id of the text, or of the answer, to find it by.
    """

    field: str | None = None
    tenant_id: str | None = None
    credential_id: str | None = None
    conversation: str | None = None
    message_id: str | None = None


class InvalidKey(Rejected):
    """The API key is missing, malformed, unknown or revoked; which of them is not told to the caller."""

    reason = Reason.INVALID_KEY

    def __init__(self) -> None:
        super().__init__("the API key is missing, malformed, unknown or revoked")


class ForbiddenRole(Rejected):
    """The key is good, but its credential's role may not text."""

    reason = Reason.FORBIDDEN_ROLE


class InvalidSignature(Rejected):
    """The request is not signed by the provider's secret of the account that it names, or is not all that was signed.

    Args:
        reason: why the signature does not hold.
        message: a sentence that a person can act on.
    """

    def __init__(self, reason: SignatureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Malformed(Rejected):
    """The request is genuine as far as one can tell, but cannot be understood."""

    reason = Reason.MALFORMED

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class WrongContentType(Rejected):
    """The request's body is of a kind that we do not read."""

    reason = Reason.WRONG_CONTENT_TYPE
    field = "Content-Type"


class TooLarge(Rejected):
    """The request's body has more bytes than we read."""

    reason = Reason.TOO_LARGE


class NotOurs(Rejected):
    """The request names something that this tenant does not have.

    Args:
        reason: what the tenant does not have.
        message: a sentence that a person can act on.
        field: where it is named.
    """

    def __init__(self, reason: OwnershipReason, message: str, *, field: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field


class OptedOut(Rejected):
    """The request would text a person who said STOP to this address of ours."""

    reason = Reason.OPTED_OUT
    field = "to"

    def __init__(self) -> None:
        super().__init__("to: this person has opted out, and gets nothing from this number until they write START")


class Mismatch(Rejected):
    """The request repeats the idempotency key of an earlier one, but not its content."""

    reason = Reason.IDEMPOTENCY_MISMATCH
    field = "Idempotency-Key"


class Unavailable(SmsReceiverError):
    """Something that we need does not answer; try again later."""

    reason = Reason.UNAVAILABLE


class BackendUnavailable(Unavailable):
    """No backend of the agent answers; the person may be told."""

    reason = Reason.BACKEND_UNAVAILABLE


class InProgress(Unavailable):
    """Somebody else is at this very effect right now; whether it succeeds is not known yet."""

    reason = Reason.IN_PROGRESS


class InDoubt(Unavailable):
    """It was asked, and its answer was lost: it may have happened or not."""

    reason = Reason.IN_DOUBT


class Refused(SmsReceiverError):
    """What we asked said no, and would again; trying again is of no use.

    Args:
        reason: why it said no.
        message: a sentence that a person can act on.
        code: the other side's own number for it, such as Twilio's 21610; None when it has none.
    """

    def __init__(self, reason: Reason, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code


class Configuration(SmsReceiverError):
    """The environment or a stored document is wrong; an operator must mend it."""

    reason = Reason.CONFIGURATION


class BrokenDocument(Configuration):
    """A tenant's document cannot be understood, be it damaged or of a newer schema.

    Args:
        message: what is wrong with it; may quote names and numbers that stand in it, so it is for operators only.
        tenant_id: whose it is.
        digests: of each API key by its credential's id, as far as that can be read; None when it cannot.
        tokens: the auth tokens by the account's SID, likewise.
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
    """Something was raised that nobody foresaw. The message names its type and place, never what it says."""

    reason = Reason.DEFECT


class Declined(SmsReceiverError):
    """An operator's command cannot be carried out; the message says why and what to do."""

    reason = Reason.DECLINED


class NotFound(Declined):
    """What the command names does not exist."""


class Conflict(Declined):
    """What the command names exists already, or somebody else changed it meanwhile."""


class InvalidValue(Declined, ValueError):
    """A value breaks a rule; the message names the field and the rule."""
