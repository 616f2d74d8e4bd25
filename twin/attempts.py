"""What is written down of calling a webhook."""

from dataclasses import dataclass

from twin.failures import Failure


@dataclass(frozen=True)
class Attempt:
    """One HTTP request and what came of it.

    Attributes:
        url: The URL, without user, password and fragment.
        kind: `primary`, `fallback` or `status_callback`.
        attempt: Which try it belongs to, from 1; a challenge and a redirect belong to the same try.
        credentials: Whether it carried an `Authorization` header.
        status: The answer's status, None without an answer.
        challenge: The answer's `WWW-Authenticate` header.
        challenge_headers: The names of all headers whose name contains `www-authenticate`, renamed ones too.
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
class Outcome:
    """What came of a webhook: the replies when `failure` is None, the last status, and every request made."""

    failure: Failure | None
    status: int | None
    replies: tuple[str, ...]
    attempts: tuple[Attempt, ...]
