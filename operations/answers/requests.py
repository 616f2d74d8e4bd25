"""Requests to a stage's API for programs, with an API key: they are checked and logged as those of programs are."""

import base64
import json
import uuid
from collections.abc import Mapping

from operations.numbers.agent_webhook import not_deployed
from operations.operator import Operator
from shared.errors import CommandDeclined, InDoubt, Unavailable
from shared.tenants import api_keys

_SUCCESSES = range(200, 300)
_SERVER_ERROR = 500


def request(operator: Operator, key: str, path: str, fields: Mapping[str, object], in_doubt: str) -> dict[str, object]:
    """The stage's answer to a request that it accepted.

    Args:
        operator: whose stage is asked.
        key: the API key.
        path: the path of the API, such as `/sms.sender/SmsSend`.
        fields: the request.
        in_doubt: what may have happened when no answer comes, as the end of a sentence.

    Raises InvalidKey when the key is none of ours; CommandDeclined when it is of another tenant than the operator
    named, and when the stage is not deployed, or refuses the key or the request. Raises InDoubt when no answer came.
    Raises Unavailable.
    """
    if operator.tenant not in {None, api_keys.read_key(key).tenant_id}:
        sentence = f"this API key is not of tenant {operator.tenant!r}"
        raise CommandDeclined(sentence)
    base_url = operator.target.base_url(operator.stage)
    if base_url is None:
        raise CommandDeclined(not_deployed(operator.stage))
    address, headers = operator.target.way_to(base_url.rstrip("/") + path)
    login = base64.b64encode(f"{api_keys.USERNAME}:{key}".encode()).decode()
    all_headers = {
        **headers,
        "Authorization": f"Basic {login}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    try:
        answer = operator.world.outside.post(address, headers=all_headers, body=json.dumps(fields))
    except Unavailable as error:
        sentence = f"{error}; {in_doubt}"
        raise InDoubt(sentence) from error
    content = _content(answer.body)
    if answer.status in _SUCCESSES:
        return content
    reason, explanation = content.get("reason", "no reason"), content.get("message", "the answer explains nothing")
    refusal = f"stage {operator.stage} answered {answer.status}, {reason}: {explanation}"
    if answer.status >= _SERVER_ERROR:
        raise Unavailable(refusal)
    raise CommandDeclined(refusal)


def _content(body: str) -> dict[str, object]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
