"""Creating a message: what the form may say, and what is wrong with it.

Checks and codes are from the pages of Twilio's "Error and Warning Dictionary" that are named by the codes, limits from
the page "Messages resource". In which order Twilio checks is not documented.
"""

import mimetypes
import re
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from twin.accounts import Account
from twin.address import NotAWebhookUrl, WebhookUrl
from twin.carrier import DELIVERED, Ending
from twin.message import MOST_CHARACTERS, Media
from twin.record import Message
from twin.rest.errors import RestError
from twin.state import OPTED_OUT, Twilio

MOST_MEDIA = 10
"""The most files."""

_KNOWN = {"From", "To", "Body", "MediaUrl", "StatusCallback"}
_NUMBER = re.compile(r"(?:[a-z]+:)?\+[1-9][0-9]{6,14}", re.ASCII)
_CHANNEL_ADDRESS = re.compile(r"(?!\w*:\+)[a-z]+:[^\s:]+", re.ASCII)


def create(twilio: Twilio, account: Account, form: MultiDict[str, str], ending: Ending = DELIVERED) -> Message:
    """Send what the form says.

    Args:
        twilio: The twin.
        account: Whose message it is.
        form: The request's form.
        ending: What the message comes to.

    Raises:
        RestError: It is not sent. A parameter that the twin does not know is refused, not passed over.
    """
    unknown = sorted(set(form) - _KNOWN)
    if unknown:
        raise RestError(20001, f"the twin does not know {', '.join(unknown)}")
    receiver, sender = _receiver(form), _sender(twilio, account, form)
    if sender == receiver:
        raise RestError(21266, receiver)
    body, media = form.get("Body", ""), _media(form)
    if not body and not media:
        raise RestError(21602)
    if len(body) > MOST_CHARACTERS:
        raise RestError(21617)
    callback = _callback(form)
    if twilio.opt_outs.blocks(sender, receiver):
        raise RestError(OPTED_OUT)
    return twilio.create(
        account_sid=account.sid,
        sender=sender,
        receiver=receiver,
        body=body,
        media=media,
        status_callback=callback,
        ending=ending,
    )


def _receiver(form: MultiDict[str, str]) -> str:
    receiver = form.get("To", "")
    if not receiver:
        raise RestError(21604)
    if not (_NUMBER.fullmatch(receiver) or _CHANNEL_ADDRESS.fullmatch(receiver)):
        raise RestError(21211, receiver)
    return receiver


def _sender(twilio: Twilio, account: Account, form: MultiDict[str, str]) -> str:
    sender = form.get("From", "")
    if not sender:
        raise RestError(21603)
    number = twilio.directory.find_number(sender)
    if number is None:
        raise RestError(21659, sender)
    if number.account_sid != account.sid:
        raise RestError(21660, sender, account.sid)
    return sender


def _media(form: MultiDict[str, str]) -> list[Media]:
    urls = form.getlist("MediaUrl")
    if len(urls) > MOST_MEDIA:
        raise RestError(21623)
    for url in urls:
        try:
            WebhookUrl.parse(url)
        except NotAWebhookUrl:
            raise RestError(21620) from None
    return [Media(url, mimetypes.guess_type(urlsplit(url).path)[0] or "image/gif") for url in urls]


def _callback(form: MultiDict[str, str]) -> WebhookUrl | None:
    text = form.get("StatusCallback", "")
    try:
        return WebhookUrl.parse(text) if text else None
    except NotAWebhookUrl:
        raise RestError(21609) from None
