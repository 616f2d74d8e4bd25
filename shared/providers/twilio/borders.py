"""Whether what Twilio signed can be only one message.

Twilio signs names and values run together, without separators (Twilio docs, "Security"). So whoever has recorded a
request can cut the same signed text at other places, and the signature still holds: `NumMedia` and its value become the
end of a message's id, or what a person wrote becomes somebody else's number. What must not be moved is a message's id,
its account and its two addresses. A request is ambiguous when its signed text names one of these in a second place.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

from shared.messages.inbound import WebhookRequest

_NAMES = re.compile(r"\w+", re.ASCII)
_ONCE = frozenset(
    {
        "AccountSid",
        "Body",
        "ErrorCode",
        "From",
        "MessageSid",
        "MessageStatus",
        "NumMedia",
        "OriginalRepliedMessageSid",
        "SmsMessageSid",
        "SmsSid",
        "SmsStatus",
        "To",
    }
)
"""Fields that Twilio sends once."""

_SIDS = re.compile(r"Sid((?:AC|[SM]M)[0-9a-f]{32})")
_OF_OTHERS = ("OriginalRepliedMessageSid", "ParentAccountSid")
"""Fields that name another message or account."""

_PLACES = "(?:City|Country|State|Zip)"
# An address ends where a name may begin that is sorted behind `From` and not behind `MessageSid`. What may be a number
# needs no more than that. What may be any word is an address only before a name that Twilio has there, and never when
# it may be the rest of a name, as in `FromCity`.
_FROM = re.compile(
    r"From(?![A-Z][a-z]{2})(?:"
    rf"(?:[a-z]{{2,20}}:)?\+?[0-9]{{5,}}(?=From{_PLACES}|F[s-z]|[G-M])"
    rf"|[a-z]{{2,20}}:(?:(?!From)[!-~]){{1,160}}?(?=From{_PLACES}|[G-M][a-z])"
    rf"|(?:(?!From)[^\x00-\x1f]){{1,11}}?(?=From{_PLACES}|Media(?:ContentType|Url)[0-9]|MessageSid[SM]M)"
    r")",
    re.ASCII,
)
_TO = re.compile(
    r"To(?:"
    r"(?:[a-z]{2,20}:)?\+?[0-9]{5,}(?=To\w|T[p-z_]|[U-Z_a-z]|\Z)"
    rf"|[a-z]{{2,20}}:(?:(?!To)[!-~]){{1,160}}?(?=To{_PLACES}|[U-Z][a-z]|\Z)"
    rf"|[0-9]{{3,4}}(?=To{_PLACES})"
    r")",
    re.ASCII,
)
_BEFORE_BODY = "ApiVersion2010-04-01"
_STATUSES = re.compile(r"Status[a-z]")
_STATUS_NAMES = ("MessageStatus", "SmsStatus")
_ERROR_CODE = re.compile(r"ErrorCode[0-9]")


def is_ambiguous(request: WebhookRequest) -> bool:
    """Whether the fields of a signed form could be cut out of the same signed text in another way that matters.

    A form without a message's id is none: whoever reads it refuses it.
    """
    form, pairs = request.form or (), request.sorted_form
    fields = dict(pairs)
    if not _NAMES.fullmatch("".join(fields)) or "" in fields:  # a name of Twilio's is letters and digits
        return True
    if len(form) != len(fields) and any(name in _ONCE for name in _repeated(form)):
        return True
    if not fields.get("MessageSid"):
        return False
    parts = list(map("".join, pairs))
    signed = "".join(parts)
    names = (name for name, _ in pairs)
    places = dict(zip(names, accumulate(map(len, parts), initial=0), strict=False))  # where each name begins
    return (
        _names_another_id(signed, fields, places)
        or _names_another_address(signed, fields, places)
        or _begins_elsewhere(signed, places)
        or _hides_a_status(signed, places)
    )


def _repeated(form: Sequence[tuple[str, str]]) -> set[str]:
    names = [name for name, _ in form]
    return {name for name in names if names.count(name) > 1}


def _names_another_id(signed: str, fields: dict[str, str], places: dict[str, int]) -> bool:
    account, message = fields.get("AccountSid"), fields["MessageSid"]
    if (fields.get("SmsSid") or message) != message or (fields.get("SmsMessageSid") or message) != message:
        return True
    if {account, message}.issuperset(_SIDS.findall(signed)):
        return False
    for match in _SIDS.finditer(signed):
        sid, start = match[1], match.start()
        if sid in {account, message}:
            continue
        names = ("Account",) if sid.startswith("AC") else ("Message", "Sms")
        is_named = signed.endswith(names, 0, start)
        if is_named and not any(places.get(name) == start + len("Sid") - len(name) for name in _OF_OTHERS):
            return True
    return False


def _names_another_address(signed: str, fields: dict[str, str], places: dict[str, int]) -> bool:
    """Fields are signed by name: what is read as `From` stands before the id, what is read as `To` behind it.

    Behind a `To` of letters, such as `rcs:desk`, no name begins with a small one.
    """
    message = places["MessageSid"]
    for match in _FROM.finditer(signed, 0, message + len("MessageSidSM")):
        if match.start() != places.get("From"):
            return True
    for match in _TO.finditer(signed, message):
        if match.start() != places.get("To"):
            return True
    return not fields.get("To", "0")[-1:].isdigit() and any(name[0] >= "_" for name in fields)


def _begins_elsewhere(signed: str, places: dict[str, int]) -> bool:
    """What a person wrote begins where Twilio let it begin."""
    before = signed.find(f"{_BEFORE_BODY}Body")
    return before >= 0 and places.get("Body") != before + len(_BEFORE_BODY)


def _hides_a_status(signed: str, places: dict[str, int]) -> bool:
    """A status must not become a text, nor lose its error."""
    behind = places["MessageSid"]
    for match in _STATUSES.finditer(signed, behind):
        name = next((name for name in _STATUS_NAMES if signed.endswith(name, 0, match.end() - 1)), None)
        if name and name not in places:
            return True
    is_status = "MessageStatus" in places and "ErrorCode" not in places
    return is_status and _ERROR_CODE.search(signed, 0, behind) is not None
