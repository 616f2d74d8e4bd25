"""The proof that a contestant does its work must fail for one that does less."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from bench.contract import BrokenContractError, prove
from tests.fakes import TOKEN, URL, twilio_signature

KEY = "k3y" + "a" * 40
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@dataclass
class FakeContestant:
    """A contestant that does its work; subclasses do one thing wrong."""

    queued: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        fields = parse_qsl(event["body"], keep_blank_values=True)
        if not self.knows(event["headers"].get("Authorization", "")):
            return {"statusCode": 401}
        if not self.trusts(event["headers"].get("X-Twilio-Signature", ""), fields):
            return {"statusCode": 403}
        self.queue(dict(fields))
        return self.accept()

    def knows(self, authorization: str) -> bool:
        return authorization == "Basic " + base64.b64encode(f"apikey:{KEY}".encode()).decode()

    def trusts(self, signature: str, fields: list[tuple[str, str]]) -> bool:
        return signature == twilio_signature(URL, fields, TOKEN)

    def queue(self, text: dict[str, str]) -> None:
        self.queued.append(self.message(text))

    def message(self, text: dict[str, str]) -> dict[str, Any]:
        return {
            "MessageBody": json.dumps(text),
            "MessageGroupId": text["From"],
            "MessageDeduplicationId": text["MessageSid"],
        }

    def accept(self) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {"Content-Type": "text/xml"}, "body": TWIML}


class KnowsEveryone(FakeContestant):
    def knows(self, authorization: str) -> bool:
        return authorization != ""


class KnowsThoseWithoutAKey(FakeContestant):
    def knows(self, authorization: str) -> bool:
        return not authorization or super().knows(authorization)


class KnowsBeginnings(FakeContestant):
    def knows(self, authorization: str) -> bool:
        sent = base64.b64decode(authorization.removeprefix("Basic ") + "==").decode("latin-1")
        return authorization.startswith("Basic ") and f"apikey:{KEY}".startswith(sent) and sent.startswith("apikey:k")


class ForgetsTheUser(FakeContestant):
    def knows(self, authorization: str) -> bool:
        sent = base64.b64decode(authorization.removeprefix("Basic ") + "==").decode("latin-1")
        return sent.partition(":")[2] == KEY


class TrustsEveryone(FakeContestant):
    def trusts(self, signature: str, fields: list[tuple[str, str]]) -> bool:  # noqa: ARG002 - that is what is wrong
        return bool(signature)


class TrustsThoseWithoutASignature(FakeContestant):
    def trusts(self, signature: str, fields: list[tuple[str, str]]) -> bool:
        return not signature or super().trusts(signature, fields)


class ForgetsTheUrl(FakeContestant):
    def trusts(self, signature: str, fields: list[tuple[str, str]]) -> bool:
        return signature in {twilio_signature(url, fields, TOKEN) for url in (URL, f"{URL}/")}


class QueuesTwice(FakeContestant):
    def queue(self, text: dict[str, str]) -> None:
        self.queued += [self.message(text)] * 2


class QueuesNothing(FakeContestant):
    def queue(self, text: dict[str, str]) -> None:
        pass


class QueuesFirst(FakeContestant):
    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        answer = super().invoke(event)
        if answer["statusCode"] == 403:
            self.queue(dict(parse_qsl(event["body"])))
        return answer


class LosesTheText(FakeContestant):
    def message(self, text: dict[str, str]) -> dict[str, Any]:
        return super().message(text) | {"MessageBody": json.dumps(text | {"Body": ""})}


class ForgetsTheId(FakeContestant):
    def message(self, text: dict[str, str]) -> dict[str, Any]:
        return super().message(text) | {"MessageDeduplicationId": text["From"]}


class OneGroupForAll(FakeContestant):
    def message(self, text: dict[str, str]) -> dict[str, Any]:
        return super().message(text) | {"MessageGroupId": "texts"}


class AGroupForEach(FakeContestant):
    def message(self, text: dict[str, str]) -> dict[str, Any]:
        return super().message(text) | {"MessageGroupId": text["MessageSid"]}


class AnswersInHtml(FakeContestant):
    def accept(self) -> dict[str, Any]:
        return super().accept() | {"headers": {"Content-Type": "text/html"}}


class SendsAReply(FakeContestant):
    def accept(self) -> dict[str, Any]:
        return super().accept() | {"body": "<Response><Message>Hello</Message></Response>"}


class AnswersInWords(FakeContestant):
    def accept(self) -> dict[str, Any]:
        return super().accept() | {"body": "OK"}


class AcceptsWithout200(FakeContestant):
    def accept(self) -> dict[str, Any]:
        return super().accept() | {"statusCode": 202}


def test_a_contestant_that_does_its_work_passes() -> None:
    contestant = FakeContestant()

    prove(contestant.invoke, lambda: contestant.queued, key=KEY)

    assert len(contestant.queued) == 3


def test_a_contestant_may_answer_with_headers_of_several_values() -> None:
    class Wsgi(FakeContestant):
        def accept(self) -> dict[str, Any]:
            response = super().accept()
            return {**response, "headers": None, "multiValueHeaders": {"content-type": ["text/xml; charset=utf-8"]}}

    contestant = Wsgi()

    prove(contestant.invoke, lambda: contestant.queued, key=KEY)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (KnowsEveryone, "A request with a wrong key was answered"),
        (KnowsThoseWithoutAKey, "A request with no key was answered"),
        (KnowsBeginnings, "A request with the beginning of the key was answered"),
        (ForgetsTheUser, "A request with another user was answered"),
        (TrustsEveryone, "A request with a signature by another token was answered"),
        (TrustsThoseWithoutASignature, "A request with no signature was answered"),
        (ForgetsTheUrl, "A request with a signature for another URL was answered"),
        (QueuesTwice, "queued 2 times"),
        (QueuesNothing, "queued 0 times"),
        (QueuesFirst, "A request with a signature by another token was queued"),
        (LosesTheText, "lacks Body"),
        (ForgetsTheId, "deduplication id"),
        (OneGroupForAll, "message group"),
        (AGroupForEach, "message group"),
        (AnswersInHtml, "text/html"),
        (SendsAReply, "TwiML without a verb"),
        (AnswersInWords, "not XML"),
        (AcceptsWithout200, "answered 202 instead of 200"),
    ],
)
def test_a_contestant_that_does_less_does_not_pass(wrong: Callable[[], FakeContestant], problem: str) -> None:
    contestant = wrong()

    with pytest.raises(BrokenContractError, match=problem):
        prove(contestant.invoke, lambda: contestant.queued, key=KEY)
