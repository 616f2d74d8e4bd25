"""Findings as they can be sent to somebody else: without what names an account, a host, a tenant or a person."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from operations.health.finding import Finding
from operations.operator import Operator
from operations.tenants.edits import last_four
from shared.errors import SmsReceiverError

_PATTERNS = (
    (re.compile(r"\b(AC|SK|PN|MG)[0-9a-fA-F]{32}\b"), r"\1…"),  # Twilio's ids
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "ACCOUNT"),  # of AWS
    (re.compile(r"\+\d{6,15}\b"), "NUMBER"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "EMAIL"),
)


def sendable(operator: Operator) -> Callable[[Finding], Finding]:
    """Returns what makes a finding sendable. Whatever it hides has a word in capitals in its place."""
    known = [(re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])"), word) for name, word in _names(operator) if name]

    def hidden(text: str) -> str:
        for pattern, word in (*known, *_PATTERNS):
            text = pattern.sub(word, text)
        return text

    return lambda finding: replace(finding, seen=hidden(finding.seen), do=hidden(finding.do))


def _names(operator: Operator) -> Iterator[tuple[str, str]]:
    """What the stage and the tenant are called, each with the word to put in its place.

    What cannot be read is a finding itself, and the rest is hidden all the same.
    """
    with suppress(SmsReceiverError):
        outputs = operator.target.outputs(operator.stage) or {}
        yield urlsplit(operator.target.base_url(operator.stage) or "").hostname or "", "HOST"
        yield from ((outputs.get(name, ""), word) for name, word in (("DomainTarget", "TARGET"), ("RestApiId", "API")))
    with suppress(SmsReceiverError):
        yield operator.tenant_id, "TENANT"
    with suppress(SmsReceiverError):
        tokens = (token for account in operator.read().accounts for token in account.auth_tokens)
        yield from ((last_four(token), "****") for token in tokens)
