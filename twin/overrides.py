"""Connection overrides: how long Twilio waits and how often it tries, set in a webhook URL's fragment.

`#ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx`. Ranges and defaults are those of Twilio's page "Webhooks (HTTP
callbacks): Connection Overrides"; what an out-of-range number does is not documented: here the default stays. A wrong
retry policy has its own error (Twilio docs: "11243: HTTP retry policy is invalid").
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

POLICIES = frozenset({"ct", "rt", "4xx", "5xx", "all"})
"""The values of `rp`: failures to connect (TCP or TLS), read time-outs, statuses, or all of them."""

_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class InvalidRetryPolicy(ValueError):
    """The fragment's `rp` names a policy that does not exist."""


@dataclass(frozen=True)
class Overrides:
    """How one webhook URL is called.

    Attributes:
        connect_milliseconds: `ct`, the longest wait for a connection.
        read_milliseconds: `rt`, the longest wait for the response's first packet, and then for each further packet.
        total_milliseconds: `tt`, the longest time for all tries together; None when the fragment does not set it: the
            maximum of 15,000 then applies.
        retries: `rc`, how many tries may follow the first.
        policies: `rp`, the kinds of failure after which Twilio tries again.
    """

    connect_milliseconds: int = 5_000
    read_milliseconds: int = 15_000
    total_milliseconds: int | None = None
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    @classmethod
    def parse(cls, fragment: str) -> "Overrides":
        """Read a fragment, without its `#`. Unknown keys (`e`, `sni`) are ignored.

        Raises:
            InvalidRetryPolicy: `rp` is set and is not a list of known policies.
        """
        values = {name: unquote(value) for name, _, value in (pair.partition("=") for pair in fragment.split("&"))}
        connect, read, total, retries = (_number(values.get(name), *limits) for name, limits in _RANGES.items())
        return cls(
            connect_milliseconds=cls.connect_milliseconds if connect is None else connect,
            read_milliseconds=cls.read_milliseconds if read is None else read,
            total_milliseconds=total,
            retries=cls.retries if retries is None else retries,
            policies=_policies(values["rp"]) if "rp" in values else cls.policies,
        )

    def retry_status(self, status: int) -> bool:
        """Whether Twilio tries again after a response with this HTTP status."""
        return status // 100 in {4, 5} and bool(self.policies & {"all", f"{status // 100}xx"})

    def retry_failure(self, kind: str) -> bool:
        """Whether Twilio tries again after a failure without a response: `ct` to connect, `rt` to read, or another."""
        return bool(self.policies & {"all", kind})


def _number(text: str | None, minimum: int, maximum: int) -> int | None:
    if text is None or not _NUMBER.fullmatch(text) or not minimum <= int(text) <= maximum:
        return None
    return int(text)


def _policies(text: str) -> frozenset[str]:
    policies = frozenset(text.lower().split(","))
    if not policies <= POLICIES:
        raise InvalidRetryPolicy
    return policies
