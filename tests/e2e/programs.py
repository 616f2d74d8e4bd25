"""A program of a tenant's: it texts people first, answers later, and creates and ends sessions."""

import json

import httpx

from shared.public_paths import BEGIN_SESSION, END_SESSION, SEND
from tests.e2e.lines import Line


def send(
    line: Line,
    *,
    key: str | None = None,
    idempotency_key: str | None = None,
    body: str | None = None,
    **said: object,
) -> httpx.Response:
    """Asks for a message from the line's number; `body` takes the place of the JSON."""
    return _ask(line, SEND, said, key=key, idempotency_key=idempotency_key, body=body)


def begin_session(line: Line, *, idempotency_key: str | None = None, **said: object) -> httpx.Response:
    """Asks for a session between the line's number and a person."""
    return _ask(line, BEGIN_SESSION, said, idempotency_key=idempotency_key)


def end_session(line: Line, **said: object) -> httpx.Response:
    """Asks for the end of the session between the line's number and a person."""
    return _ask(line, END_SESSION, said)


def _ask(  # noqa: PLR0913 - what a request may have
    line: Line,
    path: str,
    said: dict[str, object],
    *,
    key: str | None = None,
    idempotency_key: str | None = None,
    body: str | None = None,
) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    content = json.dumps({"from": line.number, **said}) if body is None else body
    return line.request(path, headers=headers, content=content, auth=("apikey", line.key if key is None else key))
