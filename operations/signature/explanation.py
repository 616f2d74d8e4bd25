"""Why a request was refused, in words: its signature, compared with all that the tenant has stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from operations.operator import Operator
from operations.signature import causes
from operations.signature.case import Case, Mistakes, PastedSecret
from operations.signature.causes import Cause
from operations.signature.diagnosis import diagnose
from operations.stage.names import STAGES
from operations.twilio.connection_overrides import CONNECTION_OVERRIDES
from shared.messages.inbound import FORM

_GENUINE = Cause(
    "The signature is right: this tenant's tokens make it, for this URL and these fields.",
    "If it was refused all the same: a token was added since then; or the key, its role or the way that "
    "the fields are cut is to blame, which --request-id tells; or the request came to another stage (--stage).",
)
_UNKNOWN = Cause(
    "Nothing that is known explains this signature.",
    "Most likely another token signed it: compare the last four characters (./sms twilio show-accounts) with Twilio's "
    "console, and bring the tokens along with --try primary --try secondary. Then: are these all fields, the blank "
    "ones too, exactly as they were sent? Is it the URL at the number, or its fallback? Texts go on meanwhile with: "
    "./sms tenant update --signature observe",
)


@dataclass(frozen=True)
class SuspectRequest:
    """A request whose signature is in question.

    Attributes:
        url: the URL that was called, as Twilio's debugger shows it.
        signature: the header X-Twilio-Signature; an empty string when it was missing.
        body: the raw body.
        content_type: the header Content-Type.
        pasted: secrets of the operator's to try besides the stored ones.
    """

    url: str = field(repr=False)
    signature: str = field(repr=False)
    body: bytes = field(repr=False)
    content_type: str = FORM
    pasted: tuple[PastedSecret, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class NamedCause:
    """A cause in words, without secrets or values.

    Attributes:
        name: a name of `causes.CAUSES`; `none` for a genuine signature, `unknown` for one that nothing explains.
        happened: what happened.
        cure: what to do about it.
    """

    name: str
    happened: str
    cure: str


@dataclass(frozen=True)
class Explanation:
    """What an examination came to.

    Attributes:
        genuine: whether the receiver accepts the signature, as the tenant is stored now.
        explained: whether the signature is genuine, or its causes are known.
        causes: what is wrong with the request; exactly one, `none` or `unknown`, when nothing is named.
        oddities: what is odd about the stored secrets, to blame or not; empty when the signature is genuine.
        tried: how many signatures were computed.
    """

    genuine: bool
    explained: bool
    causes: tuple[NamedCause, ...]
    oddities: tuple[NamedCause, ...]
    tried: int


def explain(operator: Operator, request: SuspectRequest) -> Explanation:
    """Why a request to the operator's tenant and stage was refused.

    Raises InvalidValue when the URL is not one, CommandDeclined, Unavailable, Configuration.
    """
    diagnosis = diagnose(
        Case(
            accounts=operator.read().accounts,
            stage=operator.stage,
            base_urls=base_urls(operator),
            url=request.url,
            body=request.body,
            signature=request.signature,
            content_type=request.content_type,
            pasted=request.pasted,
            fragments=(CONNECTION_OVERRIDES,),
        )
    )
    named = _in_words(diagnosis.causes)
    if not named:
        name, cause = ("none", _GENUINE) if diagnosis.genuine else ("unknown", _UNKNOWN)
        named = (NamedCause(name, cause.happened, cause.cure),)
    return Explanation(
        genuine=diagnosis.genuine,
        explained=diagnosis.genuine or bool(diagnosis.causes),
        causes=named,
        oddities=() if diagnosis.genuine else _in_words(diagnosis.odd),
        tried=diagnosis.tried,
    )


def base_urls(operator: Operator) -> dict[str, Sequence[str]]:
    """What the webhooks of each stage begin with: the URL that the provider has first, then the gateway's own.

    A stage that is not deployed has none. Raises CommandDeclined, Unavailable.
    """
    target = operator.target
    urls = {stage: (target.base_url(stage), (target.outputs(stage) or {}).get("ServiceEndpoint")) for stage in STAGES}
    return {stage: tuple(url for url in of_stage if url) for stage, of_stage in urls.items()}


def _in_words(named: Mistakes) -> tuple[NamedCause, ...]:
    return tuple(NamedCause(item.cause, causes.happened(item), causes.cure(item)) for item in named)
