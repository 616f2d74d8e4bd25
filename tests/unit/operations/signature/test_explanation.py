"""What an examination of a refused request comes to, as values."""

import pytest

from operations.signature.case import PastedSecret
from operations.signature.explanation import SuspectRequest, base_urls, explain
from shared.errors import InvalidValue
from shared.tenants.account import Account
from tests import fakes
from tests.fakes import ACCOUNT, TOKEN, twilio_signature
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.test_signature import BODY, SECOND, SIGNED, TEXT, URL
from tests.unit.operations.operators import operator


def request(*, url: str = URL, signature: str = SIGNED, pasted: tuple[PastedSecret, ...] = ()) -> SuspectRequest:
    return SuspectRequest(url, signature, BODY.encode(), pasted=pasted)


def test_a_genuine_signature_has_the_one_cause_none_and_no_oddity() -> None:
    tenant = fakes.managed_tenant(accounts=(Account(ACCOUNT, "twilio", (TOKEN, "Short")),))
    explanation = explain(operator(Command.on(tenant)), request())
    assert (explanation.genuine, explanation.explained, explanation.oddities) == (True, True, ())
    assert [cause.name for cause in explanation.causes] == ["none"]


def test_a_signature_that_nothing_explains_has_the_one_cause_unknown() -> None:
    person = operator(Command.on(fakes.managed_tenant()))
    explanation = explain(person, request(signature=twilio_signature(URL, TEXT, SECOND)))
    assert (explanation.genuine, explanation.explained) == (False, False)
    assert [cause.name for cause in explanation.causes] == ["unknown"]
    assert explanation.tried > 100


def test_a_known_cause_is_in_words_and_oddities_are_beside_it() -> None:
    tenant = fakes.managed_tenant(accounts=(Account(ACCOUNT, "twilio", ("Short",)),))
    signed = twilio_signature(URL, TEXT, SECOND)
    explanation = explain(
        operator(Command.on(tenant)), request(signature=signed, pasted=(PastedSecret("token", SECOND),))
    )
    assert (explanation.genuine, explanation.explained) == (False, True)
    [cause], [oddity] = explanation.causes, explanation.oddities
    assert (cause.name, cause.happened) == (
        "token_not_stored",
        "It was signed with the token that you pasted, which this tenant does not have.",
    )
    assert cause.cure
    assert (oddity.name, ACCOUNT in oddity.happened) == ("no_token_shape", True)


def test_what_is_no_url_is_an_error() -> None:
    with pytest.raises(InvalidValue):
        explain(operator(Command.on(fakes.managed_tenant())), request(url="sms-east"))


def test_each_deployed_stage_has_the_providers_url_before_the_gateways() -> None:
    command = Command.on(fakes.managed_tenant())
    command.base_urls = {"east": "https://sms.example.com"}
    command.stacks = {"east": {"ServiceEndpoint": "https://gateway.example.com"}}
    assert base_urls(operator(command)) == {
        "east": ("https://sms.example.com", "https://gateway.example.com"),
        "south": (),
    }


def test_no_repr_has_what_was_signed_or_a_secret() -> None:
    shown = repr(request(pasted=(PastedSecret("token", SECOND),)))
    for secret in (URL, SIGNED, "strictly between us", SECOND):
        assert secret not in shown
