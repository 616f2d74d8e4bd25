"""Which texts get no answer: the whole text is one of Twilio's words, where Twilio answers it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.messages.outbound import OptOut
from shared.opt_out import opt_out
from shared.providers.twilio.rules import TwilioRules
from tests.fakes import OUR_NUMBER

# Twilio docs, "Twilio support for opt-out keywords (SMS STOP filtering)", written out once more.
WORDS = {
    "STOP": OptOut.STOP,
    "STOPALL": OptOut.STOP,
    "UNSUBSCRIBE": OptOut.STOP,
    "END": OptOut.STOP,
    "QUIT": OptOut.STOP,
    "REVOKE": OptOut.STOP,
    "OPTOUT": OptOut.STOP,
    "CANCEL": OptOut.STOP,
    "START": OptOut.START,
    "UNSTOP": OptOut.START,
    "HELP": OptOut.HELP,
    "INFO": OptOut.HELP,
}
SPACE = st.text(st.sampled_from(" \t\r\n"), max_size=3)


def said(body: str, *, to: str = OUR_NUMBER, **fields: str) -> OptOut | None:
    return opt_out({"to": to, "text": body, "fields": {name: [value] for name, value in fields.items()}}, TwilioRules())


@given(st.sampled_from(sorted(WORDS)), st.data(), SPACE, SPACE)
def test_a_word_counts_in_any_case_with_any_spaces_around(
    word: str, data: st.DataObject, left: str, right: str
) -> None:
    written = "".join(data.draw(st.sampled_from((letter, letter.lower()))) for letter in word)
    assert said(left + written + right) == WORDS[word]


@given(st.text())
def test_no_other_text_counts(body: str) -> None:
    assume(body.strip().upper() not in WORDS)
    assert said(body) is None


@given(st.sampled_from(sorted(WORDS)), st.text(st.characters(categories=["L", "N", "P"]), min_size=1))
def test_a_word_within_more_does_not_count(word: str, more: str) -> None:
    for body in (f"{word} {more}", f"{more} {word}", word + "."):
        assume(body.upper() not in WORDS)
        assert said(body) is None


@pytest.mark.parametrize("body", ["", " ", "YES", "NO", "STOP STOP", "S T O P", "STOP ALL", "ARRET", "stop-it"])
def test_these_do_not_count(body: str) -> None:
    assert said(body) is None


@pytest.mark.parametrize("word", list(OptOut))
@pytest.mark.parametrize("body", ["arrêt", "", "STOP", "HELP", "What is this?"])
def test_the_providers_own_word_wins(word: OptOut, body: str) -> None:
    assert said(body, OptOutType=word.value) == word


@pytest.mark.parametrize("unheard", ["", "stop", "NEVER", "STOPALL"])
def test_a_word_of_the_providers_that_we_do_not_know_changes_nothing(unheard: str) -> None:
    assert said("Hello.", OptOutType=unheard) is None
    assert said("STOP", OptOutType=unheard) == OptOut.STOP


def test_a_field_without_a_value_changes_nothing() -> None:
    assert opt_out({"to": OUR_NUMBER, "text": "Hello.", "fields": {"OptOutType": []}}, TwilioRules()) is None


ELSEWHERE = [f"whatsapp:{OUR_NUMBER}", "68849", "rcs:acme_agent", "messenger:1234567890", f"viber:{OUR_NUMBER}"]


@pytest.mark.parametrize("ours", ELSEWHERE)
@pytest.mark.parametrize("body", ["HELP", "info", "START", "Unstop", "Hello.", ""])
def test_where_the_provider_answers_nothing_these_are_ordinary_texts(ours: str, body: str) -> None:
    assert said(body, to=ours) is None
    assert said(body, to=ours, OptOutType="") is None
    assert said(body, to=ours, OptOutType="NEVER") is None


@pytest.mark.parametrize("ours", ELSEWHERE)
@pytest.mark.parametrize("body", [word for word, kind in WORDS.items() if kind is OptOut.STOP])
def test_stop_is_obeyed_everywhere(ours: str, body: str) -> None:
    assert said(body, to=ours) == said(f" {body.lower()}\n", to=ours) == OptOut.STOP


@pytest.mark.parametrize("ours", ELSEWHERE)
@pytest.mark.parametrize("word", list(OptOut))
def test_the_providers_own_word_counts_everywhere(ours: str, word: OptOut) -> None:
    assert said("arrêt", to=ours, OptOutType=word.value) == word
