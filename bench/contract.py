"""The work that every contestant must do, and a proof that it does. A contestant that does less is not compared.

The requests are those of a stage with a custom domain: API Gateway passes on this domain as Host, and a path without
the stage (AWS docs, "Custom domain name for public REST APIs in API Gateway").
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.fakes import PERSON, TOKEN, URL, Fields, inbound
from tests.integration.events import basic, webhook_event, with_headers

Event = dict[str, Any]
Response = dict[str, Any]
Invoke = Callable[[Event], Response]
Queued = Callable[[], Sequence[dict[str, Any]]]

ANOTHER_PERSON = "+12025550124"
ANOTHER_TOKEN = "an0ther" + "a" * 25
OK, UNAUTHORIZED, FORBIDDEN = (200,), (401,), (403,)
UNSIGNED = (403, 400)  # Twilio's own middleware for Express answers 400 when the header is missing
CARRIED = ("MessageSid", "AccountSid", "From", "To", "Body")


class BrokenContractError(Exception):
    """A contestant does not do the work. The message names the missing part."""


def webhook(key: str, fields: Fields = (), *, token: str = TOKEN, signed: str = URL) -> Event:
    """The event that a contestant gets for a text: a REST API's proxy event, payload version 1.0."""
    return on_domain(webhook_event(key, fields or inbound(), token=token, signed=signed))


def on_domain(event: Event) -> Event:
    """The event as a stage with a custom domain passes it on."""
    host = urlsplit(URL).netloc
    event = with_headers(event, Host=host)
    event["requestContext"] |= {"domainName": host, "domainPrefix": host.partition(".")[0], "path": event["path"]}
    return event


@dataclass(frozen=True)
class Refusal:
    """A request that must be refused: its fault, its event, and the statuses that are right."""

    fault: str
    event: Event
    statuses: tuple[int, ...]


def refusals(key: str) -> Iterator[Refusal]:
    """One request for each reason to refuse, made from the good key."""
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    yield Refusal("a wrong key", webhook(wrong), UNAUTHORIZED)
    yield Refusal("the beginning of the key", webhook(key[:-1]), UNAUTHORIZED)
    yield Refusal("an empty key", webhook(""), UNAUTHORIZED)
    yield Refusal("another user", with_headers(webhook(key), Authorization=basic(key, "api")), UNAUTHORIZED)
    yield Refusal("no key", with_headers(webhook(key), Authorization=None), UNAUTHORIZED)
    yield Refusal("a key that is not base64", with_headers(webhook(key), Authorization="Basic *"), UNAUTHORIZED)
    yield Refusal("another scheme", with_headers(webhook(key), Authorization=f"Bearer {key}"), UNAUTHORIZED)
    yield Refusal("a signature by another token", webhook(key, token=ANOTHER_TOKEN), FORBIDDEN)
    yield Refusal("a signature for another URL", webhook(key, signed=f"{URL}/"), FORBIDDEN)
    yield Refusal("no signature", with_headers(webhook(key), X_Twilio_Signature=None), UNSIGNED)
    yield Refusal("an empty signature", with_headers(webhook(key), X_Twilio_Signature=""), UNSIGNED)
    changed = webhook(key)
    changed["body"] = changed["body"].replace("Wo+bleibt", "Da+bleibt")
    yield Refusal("a text that was changed after it was signed", changed, FORBIDDEN)


def prove(invoke: Invoke, queued: Queued, *, key: str) -> None:
    """Prove that a contestant refuses all that it must, and queues a genuine text exactly once.

    Args:
        invoke: Sends the contestant an event and returns its response.
        queued: Returns the requests of all SendMessage calls until now.
        key: The good key.

    Raises:
        BrokenContractError: The contestant does not do this.
    """
    for refusal in refusals(key):
        before = len(queued())
        _require_status(invoke(refusal.event), refusal.statuses, refusal.fault)
        _require(len(queued()) == before, f"A request with {refusal.fault} was queued.")

    persons = (PERSON, PERSON, ANOTHER_PERSON)
    texts = [inbound(MessageSid=f"SM{number:032}", From=person) for number, person in enumerate(persons)]
    groups = [_sent(invoke, queued, key, dict(text)).get("MessageGroupId") for text in texts]
    _require(
        groups[0] and groups[0] == groups[1] != groups[2],
        "All texts of a person must be one message group, without anybody else's texts.",
    )


def _sent(invoke: Invoke, queued: Queued, key: str, text: dict[str, str]) -> dict[str, Any]:
    """The request of the only SendMessage call that a genuine text caused."""
    before = len(queued())
    response = invoke(webhook(key, text.items()))
    _require_status(response, OK, "a good key and a good signature")
    _require_no_reply(response)
    sent = queued()[before:]
    _require(len(sent) == 1, f"A genuine text was queued {len(sent)} times instead of once.")
    _require(
        sent[0].get("MessageDeduplicationId") == text["MessageSid"],
        "The deduplication id is not the text's MessageSid.",
    )
    carried = set(_strings(json.loads(sent[0]["MessageBody"])))
    lost = [name for name in CARRIED if text[name] not in carried]
    _require(not lost, f"What was queued lacks {', '.join(lost)}.")
    return sent[0]


def _require(condition: object, problem: str) -> None:
    if not condition:
        raise BrokenContractError(problem)


def _require_status(response: Response, statuses: tuple[int, ...], request: str) -> None:
    status = response["statusCode"]
    _require(status in statuses, f"A request with {request} was answered {status} instead of {statuses[0]}.")


def _require_no_reply(response: Response) -> None:
    """Require TwiML without a verb: Twilio then does nothing (Twilio docs, "TwiML for Programmable Messaging")."""
    headers = response.get("headers") or {name: values[-1] for name, values in response["multiValueHeaders"].items()}
    content_type = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
    _require(
        content_type.partition(";")[0] == "text/xml", f"The answer is {content_type or 'of no type'}, not text/xml."
    )
    try:
        twiml = ET.fromstring(response["body"])  # noqa: S314 - ours or a peer's own, no stranger's
    except ET.ParseError as error:
        raise BrokenContractError(f"The answer is not XML: {error}.") from error  # noqa: EM102, TRY003
    _require(
        twiml.tag == "Response" and not len(twiml) and not (twiml.text or "").strip(),
        "The answer is not TwiML without a verb.",
    )


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
