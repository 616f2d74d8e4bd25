"""Twilio's error codes are explained, to operators and in docs/twilio.md alike."""

import re
from pathlib import Path

import pytest

from operations.twilio.message_errors import DOCS, EXPLAINED, PAGES, explained
from shared.providers.twilio.errors import REMEDIES, Remedy
from shared.providers.twilio.http_client import UNAUTHORIZED
from tests.unit.docs.test_docs import rows

ROOT = Path(__file__).parents[4]
ASKED_FOR = {30034, 30007, 21608, 21610, 21408, 30003, 30004, 30005, 30006, UNAUTHORIZED}


def test_every_code_that_decides_something_is_explained() -> None:
    assert REMEDIES.keys() | ASKED_FOR <= EXPLAINED.keys()


@pytest.mark.parametrize("code", EXPLAINED)
def test_each_says_what_it_means_and_what_to_do(code: int) -> None:
    meaning, do = EXPLAINED[code]
    assert meaning
    assert do
    assert explained(code) == f"{meaning}; {do}"
    assert not explained(code).endswith(".")
    assert "\n" not in explained(code)


@pytest.mark.parametrize("code", [None, 0, 1, 99999])
def test_what_nobody_knows_is_not_explained(code: int | None) -> None:
    assert explained(code) == ""


def test_what_to_do_fits_who_can_do_something() -> None:
    for code, error in EXPLAINED.items():
        if REMEDIES.get(code) is Remedy.WAIT:
            assert "by itself" in error.do
        assert error.do.startswith("nothing") == (code in REMEDIES), code


def test_the_page_for_readers_says_the_same() -> None:
    def plain(text: str) -> str:
        return re.sub(r"`", "", text).rstrip(".").lower()

    page, _, heading = DOCS.partition("#")
    told = rows(ROOT / page, "error")
    assert heading.replace("-", " ") in (ROOT / page).read_text(encoding="utf-8").lower()
    assert {int(code): tuple(map(plain, cells)) for code, cells in told.items()} == {
        code: (plain(error.meaning), plain(error.do)) for code, error in EXPLAINED.items()
    }


def test_each_code_has_a_page_at_twilios() -> None:
    assert PAGES == "https://www.twilio.com/docs/api/errors"
