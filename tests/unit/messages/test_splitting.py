"""Long texts in parts: whole, in order, short enough, and cut where a reader would."""

import time

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messages.splitting import split, utf16_length
from shared.providers.twilio.limits import TEXT_MAX

FAMILY, FLAG, THUMB, KEYCAP = "👩\u200d👩\u200d👧\u200d👦", "🇳🇱", "👍🏽", "1\ufe0f\u20e3"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
ACCENTED, HANGUL, DEVANAGARI, TAMIL = "e\u0301\u0323", "\u1100\u1161\u11a8", "\u0915\u094d\u0937\u093f", "\u0ba8\u0bbf"
CHARACTERS = [FAMILY, FLAG, THUMB, KEYCAP, WALES, ACCENTED, HANGUL, DEVANAGARI, TAMIL, "\r\n", "x", "é", "字", "😀"]
LINK = "https://example.com/a-path/with?a=query&and=more"
LONGEST = max(utf16_length(character) for character in CHARACTERS)

anything = st.text(st.characters(codec=None), max_size=80)
characters = st.lists(st.sampled_from(CHARACTERS), max_size=60).map("".join)
WORDS = ["word", "Word.", "Really?!", "(so.)", "句子。", LINK, "www.example.com", *CHARACTERS]
words = st.lists(st.sampled_from(WORDS))
visible_words = st.lists(st.sampled_from([word for word in WORDS if not word.isspace()]))
most = st.integers(LONGEST, 40)


def cuts(parts: list[str]) -> set[int]:
    """Where the text was cut."""
    return {sum(map(len, parts[:number])) for number in range(1, len(parts))}


@given(st.one_of(anything, characters, words.map(" ".join)), st.integers(2, 30))
@example("\ud83d\ude00" * 10, 3)  # halves of surrogate pairs, as a careless JSON has them
@example("\u0301" * 40, 7)
@example("\u200d" * 40, 7)
@example(" " * 40, 7)
@example("🇳🇱" * 20 + "🇳", 3)
def test_the_parts_are_the_text_and_none_is_too_long_or_empty(text: str, most: int) -> None:
    parts = split(text, most)
    assert "".join(parts) == text
    assert all(1 <= len(part) <= utf16_length(part) <= most for part in parts)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=TEXT_MAX, max_size=3 * TEXT_MAX))
def test_any_long_text_comes_back_whole_in_parts_that_twilio_takes(text: str) -> None:
    parts = split(text, TEXT_MAX)
    assert "".join(parts) == text
    assert all(0 < len(part.encode("utf-16-le")) <= 2 * TEXT_MAX for part in parts)


@pytest.mark.parametrize("text", ["x", " ", FAMILY, "x" * TEXT_MAX, "😀" * (TEXT_MAX // 2), "a. " * 533])
def test_what_fits_stays_in_one_part(text: str) -> None:
    assert split(text, TEXT_MAX) == [text]


def test_nothing_has_no_part() -> None:
    assert split("", TEXT_MAX) == []


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("One two. Three four. Five.", 22, ["One two. Three four. ", "Five."]),
        ("He said: \u201cGo.\u201d She went away.", 20, ["He said: \u201cGo.\u201d ", "She went away."]),
        ("Really?! Yes (so.) And on it goes.", 20, ["Really?! Yes (so.) ", "And on it goes."]),
        ("a paragraph\n\nanother paragraph", 20, ["a paragraph\n\n", "another paragraph"]),
        ("一句话。另一句话。", 7, ["一句话。", "另一句话。"]),
        ("It costs 3.50 in all today", 12, ["It costs ", "3.50 in all ", "today"]),
        ("Hi. the sentence goes on without an end", 20, ["Hi. the sentence ", "goes on without an ", "end"]),
        ("see " + LINK + " for more", 56, ["see " + LINK + " ", "for more"]),
        ("see the page at " + LINK, 60, ["see the page at ", LINK]),
        ("(" + LINK + ")", len(LINK) + 1, ["(", LINK + ")"]),
        ("xxxxxxxxx y", 10, ["xxxxxxxxx ", "y"]),
        ("xxxxxxxxxx y", 10, ["xxxxxxxxxx", " y"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
    ],
)
def test_cuts_at_sentences_or_else_at_words(text: str, most: int, parts: list[str]) -> None:
    assert split(text, most) == parts


@given(characters, most)
@example(FLAG * 20, 7)
@example(("x" + FLAG) * 20, 7)
@example(FAMILY * 4, LONGEST)
@example("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f\r\n", 14)
def test_no_character_is_cut_that_fits_into_a_part(text: str, most: int) -> None:
    assert cuts(split(text, most)) <= {found.end() for found in regex.finditer(r"\X", text)}


@given(visible_words, st.integers(len(LINK) + 2, 2 * len(LINK)))
def test_no_link_is_cut_that_fits_into_a_part(words: list[str], most: int) -> None:
    text = " ".join(words)
    links = [range(link.start() + 1, link.end()) for link in regex.finditer(r"https?://\S+|www\.\S+", text)]
    assert not [cut for cut in cuts(split(text, most)) if any(cut in link for link in links)]


@given(visible_words, st.integers(len(LINK) + 2, 2 * len(LINK)))
def test_words_are_cut_between_words(words: list[str], most: int) -> None:
    text = " ".join(words)
    for cut in cuts(split(text, most)):
        assert text[cut - 1].isspace() or text[cut - 1] == "。", text[:cut]


@pytest.mark.parametrize(("before", "after"), [("", " \r\n"), ("\r\n ", "")])
def test_a_link_is_rather_cut_than_a_part_of_blanks_made(before: str, after: str) -> None:
    parts = split(before + LINK + after, len(LINK) + 2)
    assert "".join(parts) == before + LINK + after
    assert not any(part.isspace() for part in parts)


def test_a_link_longer_than_a_part_is_cut_between_its_characters() -> None:
    link = "https://example.com/" + FAMILY * 200
    parts = split("See " + link, TEXT_MAX)
    assert parts[0] == "See "
    assert "".join(parts[1:]) == link
    assert all(part.endswith(FAMILY) for part in parts[1:])


def test_a_character_longer_than_a_part_is_cut_too() -> None:
    assert split("e" + "\u0301" * 11, 4) == ["e\u0301\u0301\u0301", "\u0301" * 4, "\u0301" * 4]


@given(
    st.lists(st.sampled_from(["word", "    ", "  ", "\n", "end."])).map("".join).filter(str.strip), st.integers(8, 20)
)
@example("xxxxxxxxx ", 9)
@example("x" * 8 + " " * 8 + "x", 8)
@example("x" * 8 + " " * 12 + "x" * 8, 8)
def test_no_part_is_blank_when_the_text_has_enough_else(text: str, most: int) -> None:
    longest_gap = max(len(gap) for gap in regex.findall(r"\s*", text))
    assert longest_gap >= most - 1 or all(part.strip() for part in split(text, most))


@pytest.mark.parametrize(
    "bit", ["x", " ", ".", '."', "\n", "x.", "ab. ", "www.", "a://", FLAG, "\u0301", "\u0915\u094d"]
)
def test_long_texts_take_no_time_to_speak_of(bit: str) -> None:
    text = bit * (65_536 // len(bit))
    before = time.process_time()
    assert "".join(split(text, TEXT_MAX)) == text
    assert time.process_time() - before < 2
