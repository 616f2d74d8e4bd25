"""Twilio's rules, written out once more from its documentation."""

from shared.providers.rules import RULES
from shared.providers.twilio.rules import TwilioRules


def test_how_much_twilio_takes_in_one_message() -> None:
    assert (TwilioRules.text_max, TwilioRules.media_max) == (1600, 10)


def test_what_twilio_calls_a_message_that_it_refused_and_one_to_a_person_who_opted_out() -> None:
    assert TwilioRules.failed_status == ("failed", 6, True)
    assert TwilioRules.opted_out_code == 21610


def test_an_account_is_stored_with_the_command_that_there_is() -> None:
    assert RULES.account_commands == "sms twilio set-account"
    assert RULES.names == ("twilio",)
