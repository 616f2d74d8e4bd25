"""The record of calling a webhook."""

from dataclasses import dataclass

from twin.failures import Failure


@dataclass(frozen=True)
class Attempt:
    """One HTTP request and its result.

    Attributes:
        url: The URL, without user, password and fragment.
        kind: `primary`, `fallback` or `status_callback`.
        attempt: The number of its try, from 1. A challenge and a redirect belong to the same try.
        credentials: Whether it carried an `Authorization` header.
        status: The response's status, None without a response.
        challenge: The response's `WWW-Authenticate` header.
        challenge_headers: The names of all headers whose name contains `www-authenticate`, including renamed ones.
        error: What went wrong besides the status.
        milliseconds: How long it took.
    """

    url: str
    kind: str
    attempt: int
    credentials: bool
    status: int | None = None
    challenge: str | None = None
    challenge_headers: tuple[str, ...] = ()
    error: str | None = None
    milliseconds: int = 0


@dataclass(frozen=True)
class HookOutcome:
    """The result of calling a webhook: the replies when `failure` is None, the last status, and all requests."""

    failure: Failure | None
    status: int | None
    replies: tuple[str, ...]
    attempts: tuple[Attempt, ...]
