"""Creating a message: checks the form, and sends the message.

Checks and codes are from the codes' pages in Twilio's "Error and Warning Dictionary", limits from the page "Messages
resource". Twilio's order of checks is not documented.
"""

import mimetypes
import re
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from twin.accounts import TwinAccount
from twin.carrier import DELIVERED, Ending
from twin.message import MAX_CHARACTERS, MediaFile
from twin.offline_twilio import OPTED_OUT, OfflineTwilio
from twin.record import Message
from twin.rest.errors import RestError
from twin.rest.numbers import refuse_unknown
from twin.webhook_url import NotAWebhookUrl, WebhookUrl

MAX_MEDIA = 10
"""The largest number of files in a message."""

_PARAMETERS = {"From", "To", "Body", "MediaUrl", "StatusCallback"}
_NUMBER = re.compile(r"(?:[a-z]+:)?\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_CHANNEL_ADDRESS = re.compile(r"(?!\w*:\+)[a-z]+:[^\s:]+", re.ASCII)


def create(
    twilio: OfflineTwilio, account: TwinAccount, form: MultiDict[str, str], ending: Ending = DELIVERED
) -> Message:
    """Send the message that the form describes.

    Args:
        twilio: The twin.
        account: The account that sends it.
        form: The request's form.
        ending: How the message ends.

    Raises:
        RestError: The message is not sent. A parameter that the twin does not know is refused, not ignored.
    """
    refuse_unknown(form, _PARAMETERS)
    receiver, sender = _receiver(form), _sender(twilio, account, form)
    if sender == receiver:
        raise RestError(21266, receiver)
    if sender.rpartition(":")[0] != receiver.rpartition(":")[0]:
        raise RestError(21910)
    body, media = form.get("Body", ""), _media(form)
    if not body and not media:
        raise RestError(21602)
    if len(body) > MAX_CHARACTERS:
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
    if _SHORT_CODE.fullmatch(receiver):
        raise RestError(21265, receiver)
    if not (_NUMBER.fullmatch(receiver) or _CHANNEL_ADDRESS.fullmatch(receiver)):
        raise RestError(21211, receiver)
    return receiver


def _sender(twilio: OfflineTwilio, account: TwinAccount, form: MultiDict[str, str]) -> str:
    sender = form.get("From", "")
    if not sender:
        raise RestError(21603)
    number = twilio.directory.find_number(sender)
    if number is None:
        raise RestError(21659, sender)
    if number.account_sid != account.sid:
        raise RestError(21660, sender, account.sid)
    return sender


def _media(form: MultiDict[str, str]) -> list[MediaFile]:
    urls = form.getlist("MediaUrl")
    if len(urls) > MAX_MEDIA:
        raise RestError(21623)
    for url in urls:
        try:
            WebhookUrl.parse(url)
        except NotAWebhookUrl:
            raise RestError(21620) from None
    return [MediaFile(url, mimetypes.guess_type(urlsplit(url).path)[0] or "image/gif") for url in urls]


def _callback(form: MultiDict[str, str]) -> WebhookUrl | None:
    text = form.get("StatusCallback", "")
    try:
        return WebhookUrl.parse(text) if text else None
    except NotAWebhookUrl:
        raise RestError(21609) from None
