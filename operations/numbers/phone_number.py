"""A phone number as people type it, read into E.164 form.

The library is phonenumbers, the Python port of Google's libphonenumber (https://github.com/daviddrysdale/python-phonenumbers).
"""

import re

import phonenumbers

from shared.errors import InvalidValue

LENGTH_MAX = 30
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

    Args:
        typed: up to 30 characters: digits, spaces and + ( ) - . /
        country: the two letters of the country whose number it is; ignored when the number begins with +.

    Raises InvalidValue, which says what is wrong but does not repeat the number.
    """
    if len(typed) > LENGTH_MAX:
        message = f"the phone number is longer than {LENGTH_MAX} characters"
        raise InvalidValue(message)
    if not _TYPED.fullmatch(typed.strip()):
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
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        message = f"this is not a phone number: {_LENGTH_ERRORS.get(reason, 'its area or range is not in use')}"
        raise InvalidValue(message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
