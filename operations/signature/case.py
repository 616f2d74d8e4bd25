"""What is known about a refused request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from shared.messages.inbound import FORM, WebhookRequest
from shared.tenants.account import Accounts


@dataclass(frozen=True)
class PastedSecret:
    """A secret that the operator adds to those of the tenant.

    Attributes:
        kind: what the operator says it is: a key of `secret_candidates.PASTED_KINDS`.
    """

    kind: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Case:
    """A refused request.

    Attributes:
        accounts: the accounts of the tenant whose URL was called.
        stage: the stage that is assumed when the URL does not tell it.
        base_urls: the base URLs of each stage's webhooks, the one that the provider is given first.
        url: the URL as Twilio's debugger or console shows it, with user and fragment if it has them.
        body: the raw body.
        signature: the header X-Twilio-Signature; an empty string when it was missing.
        pasted: further secrets to try.
        fragments: fragments that a webhook URL may have had.
    """

    accounts: Accounts = field(repr=False)
    stage: str
    base_urls: Mapping[str, Sequence[str]]
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    content_type: str = FORM
    pasted: tuple[PastedSecret, ...] = field(default=(), repr=False)
    fragments: tuple[str, ...] = ()

    @cached_property
    def request(self) -> WebhookRequest:
        """The request as the receiver reads it, without URLs: which URL was signed is what the search finds out."""
        return WebhookRequest((), {"content-type": self.content_type}, self.body)

    @property
    def fields(self) -> Sequence[tuple[str, str]] | None:
        """The body's fields as the receiver reads a form, whatever the Content-Type; None when the body is no form."""
        return WebhookRequest((), {"content-type": FORM}, self.body).form


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    Attributes:
        cause: its name in `causes.CAUSES`.
        about: the part of this request or tenant that it concerns; never a secret or a field's value.
    """

    cause: str
    about: str = ""


Mistakes = tuple[Mistake, ...]
"""The mistakes that lead to a variant; empty for the right one."""
