"""Requests as the toy makes them."""

import json
from collections.abc import Iterable

from shared.messages.inbound import WebhookRequest
from tests.toy_provider.webhook import sign


def request(fields: Iterable[tuple[str, str]], *, token: str, url: str, **headers: str) -> WebhookRequest:
    """A signed request; headers have _ for - and win. A name that is there twice is written twice."""
    pairs = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in fields)
    body = f"{{{pairs}}}".encode()
    of_the_toy = {"content-type": "application/json", "toy-signature": sign(url, body, token)}
    others = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(urls=(url,), headers=of_the_toy | others, body=body)
