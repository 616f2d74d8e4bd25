"""Everything that a run of these tests hears, held to docs/openapi.yaml, docs/asyncapi.yaml and docs/schemas."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from devstack.backend import CannedAnswer
from tests.descriptions import (
    OPENAPI,
    check_answer,
    check_backend_answer,
    check_backend_request,
    check_event,
    check_queued,
    is_described,
    problems,
)


class Contract:
    """Keeps what is not as described, for the end of the run, and counts what was looked at.

    Attributes:
        problems: what does not fit.
        seen: how often, by method, path and status, by channel and type, and by what a backend was asked.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.seen: Counter[str] = Counter()

    def asked(self, headers: Mapping[str, str], body: bytes, says: CannedAnswer) -> None:
        """A backend was asked, and answered so. Tests let it talk nonsense on purpose: that is not looked at."""
        with self._noting("a backend was asked"):
            check_backend_request(headers, body.decode())
            event = json.loads(body)
            check_event(event)
            self.seen[f"asked {event['type']}"] += 1
        if says.body is None:
            with self._noting("a backend answered"):
                check_backend_answer(says.status, {"Content-Type": "application/json"}, says.content().decode())

    def answered(self, method: str, path: str, answer: httpx.Response, *, with_credentials: bool = False) -> None:
        """A stage answered a request. What is not described is a 404, or AWS's own 403 if there were credentials."""
        with self._noting(f"{method} {path} was answered"):
            if is_described(method, path):
                check_answer(method, path, answer.status_code, answer.headers, answer.text)
            elif with_credentials:
                assert answer.status_code == httpx.codes.FORBIDDEN
                assert answer.headers["x-amzn-errortype"] == "IncompleteSignatureException"
            else:
                assert answer.status_code == httpx.codes.NOT_FOUND
                found = problems(f"{OPENAPI}#/components/schemas/Refusal", answer.json())
                assert not found, found
        operation = "/".join(path.split("/")[:3])
        self.seen[f"{method} {operation} {answer.status_code}"] += 1

    def queued(self, channel: str, event: Mapping[str, Any], *, group: str, deduplication: str | None = None) -> None:
        """An event stood on a queue, or is parked and stood there; then its deduplication id is not known any more."""
        with self._noting(f"on {channel}"):
            check_event(event)
            check_queued(channel, event, group=group, deduplication=deduplication)
        self.seen[f"{channel} {event.get('type')}"] += 1

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        try:
            yield
        except (AssertionError, ValueError, LookupError) as error:
            self.problems.append(f"{what}: {error}")
