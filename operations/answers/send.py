"""Sending a message as a program does: through `SmsSend`, with an API key. So it is checked and logged the same."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from operations.numbers.agent_webhook import not_deployed
from operations.operator import Operator
from shared.errors import CommandDeclined, InDoubt, Unavailable
from shared.public_paths import SEND
from shared.tenants import api_keys


@dataclass(frozen=True)
class MessageToSend:
    """A message to a person.

    Attributes:
        sender: our number.
        recipient: the person's address.
        in_reply_to: the id of the text that it answers; None for none.
        end_session: whether the session of that text ends.
        account: the account that owns our number; None where the tenant has only one.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    in_reply_to: str | None = None
    end_session: bool = False
    account: str | None = None


def send(operator: Operator, key: str, message: MessageToSend) -> Mapping[str, object]:
    """The ids of the message, once it is durably queued on the operator's stage.

    Raises InvalidKey when the key is none of ours; CommandDeclined when it is of another tenant than the operator
    named, and when the stage is not deployed, or refuses the key or the message. Raises InDoubt when no answer came:
    then the message may be queued. Raises Unavailable.
    """
    if operator.tenant not in {None, api_keys.read_key(key).tenant_id}:
        sentence = f"this API key is not of tenant {operator.tenant!r}"
        raise CommandDeclined(sentence)
    base_url = operator.target.base_url(operator.stage)
    if base_url is None:
        raise CommandDeclined(not_deployed(operator.stage))
    address, headers = operator.target.way_to(base_url.rstrip("/") + SEND)
    login = base64.b64encode(f"{api_keys.USERNAME}:{key}".encode()).decode()
    all_headers = {
        **headers,
        "Authorization": f"Basic {login}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    try:
        answer = operator.world.outside.post(address, headers=all_headers, body=json.dumps(_fields(message)))
    except Unavailable as error:
        sentence = f"{error}; the message may be queued all the same: look with sms trace before you send it again"
        raise InDoubt(sentence) from error
    content = _content(answer.body)
    if answer.status == HTTPStatus.ACCEPTED:
        return content
    reason, explanation = content.get("reason", "no reason"), content.get("message", "the answer explains nothing")
    refusal = f"stage {operator.stage} answered {answer.status}, {reason}: {explanation}"
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(refusal)
    raise CommandDeclined(refusal)


def _fields(message: MessageToSend) -> Mapping[str, object]:
    return {
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "in_reply_to": message.in_reply_to,
        "end_session": message.end_session,
        "account": message.account,
    }


def _content(body: str) -> dict[str, object]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
