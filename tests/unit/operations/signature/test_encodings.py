"""How a signature is written is told apart from what it signs."""

import base64
from collections.abc import Callable

import pytest

from tests.fakes import TOKEN, twilio_signature
from tests.unit.operations.signature.rig import TEXT, URL, causes, joined, seen, signed, written

WHOLE = URL + joined(sorted(TEXT))


def signature_with(*characters: str) -> tuple[str, list[tuple[str, str]]]:
    """A right signature that holds these characters, and its fields."""
    for number in range(10_000):
        fields = [*TEXT, ("Tag", str(number))]
        signature = twilio_signature(URL, fields, TOKEN)
        if all(character in signature for character in characters):
            return signature, fields
    raise AssertionError


def test_names_sha256() -> None:
    assert causes(written(signed(WHOLE, digest="sha256"))) == ["sha256"]


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_names_hexadecimal(case: Callable[[str], str]) -> None:
    assert causes(case(signed(WHOLE).hex())) == ["hex_signature"]


def test_names_hexadecimal_in_base64() -> None:
    assert causes(base64.b64encode(signed(WHOLE).hex().encode()).decode()) == ["hex_signature"]


def test_names_sha256_in_hexadecimal() -> None:
    assert causes(signed(WHOLE, digest="sha256").hex()) == ["hex_signature", "sha256"]


def test_names_a_signature_that_was_mangled_on_the_way() -> None:
    signature, fields = signature_with("+", "/")
    for mangled in (
        signature.replace("+", " "),
        signature.replace("+", "-").replace("/", "_"),
        signature.rstrip("="),
        f'"{signature}"',
        f" {signature}",
        signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    ):
        assert causes(mangled, body=fields) == ["signature_mangled"]


def test_a_last_character_that_says_the_same_in_base64_is_not_the_signature() -> None:
    signature = twilio_signature(URL, TEXT, TOKEN)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twisted = signature[:26] + alphabet[alphabet.index(signature[26]) + 1] + "="
    assert base64.b64decode(twisted) == base64.b64decode(signature)
    assert causes(twisted) in (["signature_mangled"], ["no_signature"])


def test_names_a_signature_that_is_missing() -> None:
    assert causes("") == ["missing_signature"]


@pytest.mark.parametrize("nonsense", ["x", "abcd", "===", "0" * 26, "é" * 28, "a" * 500, "\x00", "🙂"])
def test_names_what_is_no_signature(nonsense: str) -> None:
    assert causes(nonsense) == ["no_signature"]


def test_the_right_signature_is_right() -> None:
    assert seen(written(signed(WHOLE))).genuine
