"""A program of a tenant's, which texts people first or answers later, through SmsSend."""

import json

import httpx

from tests.e2e.lines import Line

PATH = "/sms.sender/SmsSend"


def send(
    line: Line,
    *,
    key: str | None = None,
    idempotency_key: str | None = None,
    body: str | None = None,
    **said: object,
) -> httpx.Response:
    """Asks for a message from the line's number; `body` takes the place of the JSON."""
    headers = {"Content-Type": "application/json"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    content = json.dumps({"from": line.number, **said}) if body is None else body
    return line.request(PATH, headers=headers, content=content, auth=("apikey", line.key if key is None else key))
