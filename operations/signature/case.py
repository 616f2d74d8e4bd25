"""What is known of a request that was refused, and what is tried on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from shared.messages.inbound import FORM, WebhookRequest
from shared.tenants.tenant import Tenant


@dataclass(frozen=True)
class Pasted:
    """A secret that the operator brings along.

    Attributes:
        kind: what the operator says it is: a key of `secrets.PASTED`.
    """

    kind: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Case:
    """A request that was refused.

    Attributes:
        tenant: whose URL was called.
        stage: where it came in, as far as the URL does not tell.
        base_urls: what the webhooks of each stage begin with, the one that the provider is told first.
        url: the URL, as Twilio's debugger or console shows it; with user and fragment, if it has them.
        body: the raw body.
        signature: the header X-Twilio-Signature; an empty string when it was missing.
        pasted: secrets to try besides.
        fragments: the fragments that a webhook URL may have had.
    """

    tenant: Tenant = field(repr=False)
    stage: str
    base_urls: Mapping[str, Sequence[str]]
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    content_type: str = FORM
    pasted: tuple[Pasted, ...] = field(default=(), repr=False)
    fragments: tuple[str, ...] = ()

    @cached_property
    def request(self) -> WebhookRequest:
        """The request as the receiver reads it. Its URLs are not in it: which one was signed is the question."""
        return WebhookRequest((), {"content-type": self.content_type}, self.body)

    @property
    def fields(self) -> Sequence[tuple[str, str]] | None:
        """The body's fields as the receiver reads a form, whatever the Content-Type; None when the body is no form."""
        return WebhookRequest((), {"content-type": FORM}, self.body).form


@dataclass(frozen=True)
class Named:
    """A cause, by its name in `causes.CAUSES`, and what of this request it speaks of: never a secret or a value."""

    cause: str
    about: str = ""


Causes = tuple[Named, ...]
"""The mistakes that lead to something that was tried; none when it is as it should be."""
