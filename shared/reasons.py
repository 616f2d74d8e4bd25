"""Every reason for which a request is refused, or an event is tried again, parked or left unanswered.

The words are published: they stand in log lines, metrics, answers and parked events. docs/operations.md and
docs/parking.md explain each; tests insist.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A short, stable word."""

    # a request is refused
    INVALID_KEY = "invalid_key"
    FORBIDDEN_ROLE = "forbidden_role"
    MISSING_SIGNATURE = "missing_signature"
    INVALID_SIGNATURE = "invalid_signature"
    AMBIGUOUS_SIGNATURE = "ambiguous_signature"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    TOO_LARGE = "too_large"
    NOT_OUR_ACCOUNT = "not_our_account"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    RATE_LIMITED = "rate_limited"
    OTHER_CONVERSATION = "other_conversation"

    # a request is refused, or an event is parked
    MALFORMED = "malformed"
    UNKNOWN_ACCOUNT = "unknown_account"
    NOT_OUR_NUMBER = "not_our_number"
    TOO_MANY_MESSAGES = "too_many_messages"

    # a request is refused, or a message is left unsent
    OPTED_OUT = "opted_out"

    # a message is left unsent
    UNREACHABLE = "unreachable"

    # an event is tried again
    IN_PROGRESS = "in_progress"
    IN_DOUBT = "in_doubt"

    # an entry of a journal is tried again
    JOURNAL_UNAVAILABLE = "journal_unavailable"

    # an event is tried again, and at last parked
    UNAVAILABLE = "unavailable"
    BACKEND_UNAVAILABLE = "backend_unavailable"
    CONFIGURATION = "configuration"
    DEFECT = "defect"

    # a text or a status is parked
    NO_AGENT = "no_agent"
    NO_BACKEND = "no_backend"
    TOO_MANY_TEXTS = "too_many_texts"
    BACKEND_REFUSED = "backend_refused"
    BACKEND_NONSENSE = "backend_nonsense"
    BACKEND_ADDRESS = "backend_address"
    BACKEND_TOO_LARGE = "backend_too_large"
    BACKEND_NO_TEXT = "backend_no_text"

    # a message is parked
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_UNAUTHORIZED = "provider_unauthorized"
    PROVIDER_REFUSED = "provider_refused"
    PERHAPS_SENT = "perhaps_sent"
    EARLIER_PART_PARKED = "earlier_part_parked"
    UNKNOWN_TENANT = "unknown_tenant"

    # a text or a status is left unanswered
    NO_MESSAGE = "no_message"
    LATER = "later"
    OPT_OUT = "opt_out"
    PROBE = "probe"
    DECLINED = "declined"
    NO_SESSION = "no_session"


FORGED = frozenset({Reason.MISSING_SIGNATURE, Reason.INVALID_SIGNATURE, Reason.AMBIGUOUS_SIGNATURE})
"""The reasons for refusing a request for its signature."""
