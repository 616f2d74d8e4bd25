"""Status callbacks as Twilio makes them, by hand: with a signature, and without any Authorization header."""

from urllib.parse import urlencode

import httpx

from shared.messages.outbound import Reply
from tests.e2e.lines import Line, sign

PATH = "/sms.receiver/SmsStatus"


def fields(line: Line, reply: Reply, status: str, **more: str) -> dict[str, str]:
    """What Twilio says of a message (Twilio docs, "Outbound message status in status callbacks")."""
    said = {
        "MessageSid": str(reply.message_id),
        "MessageStatus": status,
        "AccountSid": line.account,
        "From": line.number,
        "To": "+12025550147",
        "ApiVersion": "2010-04-01",
    }
    return said | more


def call_back(  # noqa: PLR0913 - each is a way to be rude
    line: Line,
    reply_id: str,
    form: dict[str, str],
    *,
    tenant: str | None = None,
    token: str | None = None,
    signature: str | None = None,
) -> httpx.Response:
    """One callback; `tenant`, `token` and `signature` take the place of the right ones, "" leaves no signature."""
    path = f"{PATH}/{line.tenant if tenant is None else tenant}/{reply_id}"
    right = sign(token or line.token, line.base_url + path, form)
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    if signature != "":
        headers["X-Twilio-Signature"] = signature or right
    return line.request(path, headers=headers, content=urlencode(form))
