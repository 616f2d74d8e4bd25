"""Every provider keeps the promises of `shared.ports`, on a recorded message of each kind; so does the tests' own.

A new provider adds its recordings to `RECORDED`, and how it signs them to `SIGN`.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from shared.errors import Malformed, WrongContentType
from shared.messages.inbound import WebhookRequest
from shared.messages.outbound import OptOut, OutboundMessage
from shared.ports import Provider, ProviderApi
from shared.provider_rules import ProviderRules, RulesByProvider
from shared.providers import webhooks
from shared.providers.apis import provider_apis
from shared.providers.rules import RULES
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, TOKEN, sample, webhook
from tests.toy_provider.api import ToyApi, ToyNetwork
from tests.toy_provider.requests import request as toy_request
from tests.toy_provider.rules import ToyRules
from tests.toy_provider.webhook import ToyWebhooks

PROVIDERS: tuple[Provider, ...] = (*webhooks.PROVIDERS, ToyWebhooks())
TOY_RULES, TOY_API = ToyRules(), ToyApi(ToyNetwork())
ALL_RULES: list[ProviderRules] = [*(RULES.of(name) for name in RULES.names), TOY_RULES]
RECORDED: dict[str, list[str]] = {
    "twilio": ["twilio_inbound_sms.json", "twilio_inbound_mms.json", "twilio_inbound_whatsapp.json"],
    "toy": ["../toy_provider/inbound.json"],
}
SIGN: dict[str, Callable[[dict[str, Any], str], WebhookRequest]] = {
    "twilio": lambda recorded, secret: webhook(recorded["fields"].items(), token=secret, url=recorded["url"]),
    "toy": lambda recorded, secret: toy_request(recorded["fields"].items(), token=secret, url=recorded["url"]),
}


@dataclass(frozen=True)
class Case:
    """A provider, a recording, and the request that it makes."""

    provider: Provider
    name: str
    recorded: dict[str, Any]

    @property
    def request(self) -> WebhookRequest:
        """The genuine request, signed with TOKEN."""
        return self.signed(TOKEN)

    def signed(self, secret: str) -> WebhookRequest:
        """The request, signed with another secret."""
        return SIGN[self.provider.name](self.recorded, secret)


def cases() -> Iterator[Case]:
    for provider in PROVIDERS:
        for name in RECORDED.get(provider.name, []):
            yield Case(provider, name, sample(name))


each_case = pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
each_rules = pytest.mark.parametrize("rules", ALL_RULES, ids=lambda rules: rules.name)
each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


def test_every_provider_has_recordings() -> None:
    assert {provider.name for provider in PROVIDERS} == set(RECORDED) == set(SIGN)
    assert all(RECORDED.values())


def test_each_provider_is_in_all_three_lists() -> None:
    apis: dict[str, ProviderApi] = {**provider_apis(twilio_url="http://localhost", timeout_seconds=1), "toy": TOY_API}
    assert [provider.name for provider in PROVIDERS] == [rules.name for rules in ALL_RULES] == list(apis)


@each_rules
def test_a_text_and_a_message_have_a_segment_at_least(rules: ProviderRules) -> None:
    assert rules.received_segments({}) == 1
    for text in ("", "Hello.", "文字" * 400):
        message = OutboundMessage("SM1-1", ACCOUNT, OUR_NUMBER, PERSON, text)
        assert rules.expected_segments(message) >= 1


@each_rules
def test_a_message_has_room_for_something(rules: ProviderRules) -> None:
    assert rules.text_max >= 2, "a character beyond the 65,536th takes two"
    assert rules.media_max >= 1


@each_rules
def test_a_refused_message_has_failed_for_good(rules: ProviderRules) -> None:
    assert rules.failed_status.word
    assert rules.failed_status.rank > 0
    assert rules.failed_status.is_final


@each_rules
@pytest.mark.parametrize("address", ["", ":", "68849", "SUPPORT", "rcs:desk", "whatsapp:FI.1a2B", "\x00"])
def test_who_can_be_texted_is_known_of_every_address(rules: ProviderRules, address: str) -> None:
    assert isinstance(rules.unreachable_code(address), int | None)


@each_rules
@pytest.mark.parametrize("address", [OUR_NUMBER, f"whatsapp:{OUR_NUMBER}"])
def test_a_number_can_be_texted(rules: ProviderRules, address: str) -> None:
    assert rules.unreachable_code(address) is None


@each_rules
def test_the_command_for_accounts_is_one_of_ours(rules: ProviderRules) -> None:
    assert rules.account_command == f"sms {rules.name} set-account"
    assert RulesByProvider(rules).account_commands == rules.account_command


@each_rules
@pytest.mark.parametrize("word", list(OptOut))
def test_the_plain_words_ask_for_what_they_say_and_no_sentence_does(rules: ProviderRules, word: OptOut) -> None:
    assert rules.opt_out_word(word.value) == rules.opt_out_word(f" {word.value.lower()}\n") == word
    assert rules.opt_out_word(f"{word.value} please") is None


@each_rules
@pytest.mark.parametrize("text", ["", " ", "Hello.", "no", "\x00", "STOP" * 1000])
def test_other_texts_ask_for_nothing(rules: ProviderRules, text: str) -> None:
    assert rules.opt_out_word(text) is None


@each_rules
@pytest.mark.parametrize("fields", [{}, {"Body": ["STOP"]}, {"OptOutType": []}, {"membership": []}, {"": [""]}])
def test_nothing_is_reported_without_the_providers_own_word(rules: ProviderRules, fields: dict[str, list[str]]) -> None:
    assert rules.reported_opt_out(fields) is None


@each_rules
@pytest.mark.parametrize("address", ["", ":", OUR_NUMBER, f"whatsapp:{OUR_NUMBER}", "68849", "rcs:desk", "\x00"])
def test_who_answers_opt_outs_is_known_of_every_address(rules: ProviderRules, address: str) -> None:
    assert rules.answers_opt_outs(address) in {True, False}


def test_names_and_signature_headers_tell_providers_apart() -> None:
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS)
    assert len({provider.signature_header for provider in PROVIDERS}) == len(PROVIDERS)


@each_provider
def test_a_name_fits_into_a_url_and_an_event(provider: Provider) -> None:
    assert provider.name.isascii()
    assert provider.name.isalnum()
    assert provider.name.islower()


@each_provider
def test_the_signature_header_is_in_lower_case(provider: Provider) -> None:
    assert provider.signature_header == provider.signature_header.lower() != ""


@each_provider
def test_the_acknowledgement_has_a_content_type_and_is_short(provider: Provider) -> None:
    assert "/" in provider.acknowledgement.content_type
    assert len(provider.acknowledgement.body.encode()) < 1024


@each_case
def test_says_whose_account_a_request_names(case: Case) -> None:
    assert case.provider.account(case.request) == case.recorded["expected"]["account"]


@each_case
def test_verifies_what_one_of_the_secrets_signed(case: Case) -> None:
    assert case.provider.verify(case.request, [TOKEN])
    assert case.provider.verify(case.request, ["old", TOKEN])


@each_case
def test_verifies_nothing_else(case: Case) -> None:
    genuine = case.request
    no_signature = {name: value for name, value in genuine.headers.items() if name != case.provider.signature_header}
    for request, secrets in [
        (genuine, []),
        (genuine, [""]),
        (genuine, ["other"]),
        (case.signed(""), ["", TOKEN]),
        (case.signed("other"), [TOKEN]),
        (dataclasses.replace(genuine, body=genuine.body + b"&x=1"), [TOKEN]),
        (dataclasses.replace(genuine, body=b""), [TOKEN]),
        (dataclasses.replace(genuine, urls=()), [TOKEN]),
        (dataclasses.replace(genuine, urls=("https://elsewhere.example/",)), [TOKEN]),
        (dataclasses.replace(genuine, headers=no_signature), [TOKEN]),
        (dataclasses.replace(genuine, headers={}), [TOKEN]),
    ]:
        assert not case.provider.verify(request, secrets)


@each_case
def test_parses_a_message_with_everything_that_was_sent(case: Case) -> None:
    message = case.provider.parse(case.request)
    expected = case.recorded["expected"]
    assert message.provider == case.provider.name
    assert (message.message_id, message.account) == (expected["message_id"], expected["account"])
    assert (message.sender, message.recipient) == (expected["sender"], expected["recipient"])
    assert message.text == expected["text"]
    assert [{"url": m.url, "content_type": m.content_type} for m in message.media] == expected["media"]
    assert {name: list(values) for name, values in message.fields.items()} == {
        name: [value] for name, value in case.recorded["fields"].items()
    }


@each_case
def test_parses_the_same_delivery_the_same_way(case: Case) -> None:
    assert case.provider.parse(case.request) == case.provider.parse(case.request)


@each_case
def test_a_message_id_fits_the_queue(case: Case) -> None:
    assert 0 < len(case.provider.parse(case.request).message_id) <= 128


GARBAGE = [b"", b"\xff\xfe", b"{", b"a=%ff", b"=&=&", b"[1]", b"<x/>", json.dumps({"a": [1]}).encode(), b"\x00" * 1000]


@pytest.mark.parametrize("body", GARBAGE)
@each_provider
def test_garbage_is_refused_for_what_it_is_and_is_nobody_elses_error(provider: Provider, body: bytes) -> None:
    for content_type in ("", "application/x-www-form-urlencoded", "application/json"):
        headers = {"content-type": content_type, provider.signature_header: "nonsense"}
        request = WebhookRequest(("https://sms-east.example.com/",), headers, body)
        assert provider.account(request) is None
        assert not provider.verify(request, [TOKEN])
        for parse in (provider.parse, provider.parse_status):
            with pytest.raises((Malformed, WrongContentType)) as refused:
                parse(request)
            assert len(str(refused.value)) < 200
