"""A phone number as people type it, read into E.164 form.

The library is phonenumbers, the Python port of Google's libphonenumber (https://github.com/daviddrysdale/python-phonenumbers).
"""

import re

import phonenumbers

from shared.errors import InvalidValue
from shared.messages.identity import canonical

LENGTH_MAX = 30
_WITH_COUNTRY_CODE = 11
"""The fewest digits that are taken for a number without its +: shorter ones may be of any country."""
_TYPED = re.compile(r"\+?[\d\s().\-\u2010-\u2015\u00ad/]*")
_PARSE_ERRORS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.NumberParseException.TOO_LONG: "it has too many digits",
}
_LENGTH_ERRORS = {
    phonenumbers.ValidationResult.TOO_SHORT: "it has too few digits",
    phonenumbers.ValidationResult.TOO_LONG: "it has too many digits",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
    phonenumbers.ValidationResult.INVALID_LENGTH: "its country has no numbers of this length",
}


def normalise(typed: str, country: str = "US") -> str:
    """The phone number in E.164 form.

    A number that begins with + and has a possible length is taken also when the library does not know its range, since
    ranges are opened faster than libraries are updated: `is_known` tells.

    Args:
        typed: up to 30 characters: digits, spaces and + ( ) - . /
        country: the two letters of the country whose number it is; ignored when the number begins with +.

    Raises InvalidValue, which says what is wrong but does not repeat the number.
    """
    if len(typed) > LENGTH_MAX:
        message = f"the phone number is longer than {LENGTH_MAX} characters"
        raise InvalidValue(message)
    if not may_be(typed):
        message = "the phone number may contain only digits, spaces and + ( ) - . /"
        raise InvalidValue(message)
    if country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        message = "the country must be two letters, such as US or GB"
        raise InvalidValue(message)
    try:
        number = phonenumbers.parse(typed, country.upper())
    except phonenumbers.NumberParseException as error:
        message = f"this is not a phone number: {_PARSE_ERRORS.get(error.error_type, 'it has too few digits')}"
        raise InvalidValue(message) from None  # the cause might quote the number
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if is_known(e164):
        return e164
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        message = f"this is not a phone number: {_LENGTH_ERRORS[reason]}"
        raise InvalidValue(message)
    if not typed.strip().startswith("+"):
        message = (
            f"this is not a phone number of {country.upper()}: its area or range is not in use; if it is right, write "
            "it with + and its country code"
        )
        raise InvalidValue(message)
    return e164


def with_country_code(typed: str) -> str | None:
    """The E.164 form of digits that begin with a country code but not with +; None when they are no number in use.

    So IBM's dashboard had numbers, as 18883334444 (voice-agent docs, "Adding a New Number"), and so spreadsheets leave
    them.
    """
    digits = re.sub(r"\D", "", typed)
    if len(digits) < _WITH_COUNTRY_CODE or not may_be(typed):
        return None
    try:
        e164 = normalise(f"+{digits}")
    except InvalidValue:
        return None
    return e164 if is_known(e164) else None


def may_be(typed: str) -> bool:
    """Whether it has only characters that phone numbers are written with."""
    return bool(_TYPED.fullmatch(typed.strip()))


def is_known(e164: str) -> bool:
    """Whether the library knows that the number's area and range are in use."""
    return any(map(phonenumbers.is_valid_number, _forms(e164)))


def _forms(e164: str) -> list[phonenumbers.PhoneNumber]:
    """The number as it is, and in the form that the library knows of a number with several."""
    return [phonenumbers.parse(form) for form in (e164, canonical(e164))]
