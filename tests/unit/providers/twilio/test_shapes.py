"""The form of Twilio's ids and addresses."""

import pytest

from shared.errors import Malformed
from shared.sending import send_command
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, inbound, status, webhook
from tests.unit.messages.outbound_events import outbound
from tests.unit.providers.twilio.cuts import SID, TWILIO, without


@pytest.mark.parametrize(
    "address",
    [
        *(PERSON, "12345", "266", "ACME", "Acme Inc", "3M", "Zoë & Co", "whatsapp:+12025550123"),
        *("whatsapp:FI.13491208655302741918", "whatsapp:US.ENT.118157997", "rcs:acme_agent", "rcs:+12025550123"),
        *("messenger:1234567890123456", "instagram:17841400000000000", "apple:urn:mbid:AQAAY", "sip:ada@example.com"),
    ],
)
def test_takes_every_kind_of_address(address: str) -> None:
    request = webhook(inbound(From=address, To=address if ":" in address else OUR_NUMBER))
    assert not TWILIO.is_ambiguous(request)
    assert TWILIO.parse(request).sender == address


LONGEST = [f"whatsapp:US.{'7' * 128}", f"messenger:_{'x' * 159}", f"{'x' * 20}:{'y' * 160}"]


@pytest.mark.parametrize("address", LONGEST)
def test_whoever_can_text_can_be_answered(address: str) -> None:
    person = TWILIO.parse(webhook(inbound(From=address))).sender
    assert send_command.read(outbound(to=person), now=NOW).message.recipient == address


@pytest.mark.parametrize("name", ["From", "To"])
@pytest.mark.parametrize(
    "address",
    [
        *("+12025550123FromCityX", "+12025550123 ", f"{PERSON}\n", "+1202555012312025550123", "not an address"),
        *(
            "whatsapp:",
            "whatsapp:+12025550123Label",
            "whatsapp:+1 202",
            "rcs:a b",
            "x" * 12,
            "a\tb",
            "whatsapp:" + "x" * 200,
        ),
    ],
)
def test_refuses_an_address_that_is_none_and_does_not_quote_it(name: str, address: str) -> None:
    with pytest.raises(Malformed, match=f"^the field {name} is not an address$"):
        TWILIO.parse(webhook(inbound(**{name: address})))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("MessageSid", value) for value in (SID.upper(), SID[:-1], SID + "0", "CA" + "0" * 32, SID + "\n", "SM42")),
        *(("AccountSid", value) for value in (ACCOUNT[:-1], ACCOUNT + "0", "AC" + "G" * 32, ACCOUNT + "\n", "acme")),
    ],
)
def test_refuses_an_id_that_is_none_of_twilios(name: str, value: str) -> None:
    for parse, form in ((TWILIO.parse, inbound()), (TWILIO.parse_status, status())):
        with pytest.raises(Malformed, match=f"^the field {name} is not a"):
            parse(webhook([*without(name, form), (name, value)]))
