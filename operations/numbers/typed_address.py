"""An address as people type it: a phone number in any way in which one is written, or what the provider calls it."""

import re

from operations.numbers import phone_number
from shared.address import MESSENGER, NAME_MAX, RCS, SMS, WHATSAPP, Address, AddressKind
from shared.errors import InvalidValue

LENGTH_MAX = 100
"""The most characters of an address, as in the events."""

FORMS = "a phone number, a short code, or an address with its channel: whatsapp:+12025550188, rcs:acme, messenger:123"
"""What people can type, for help and error messages."""

_CHANNELS = (WHATSAPP, RCS, MESSENGER)
_CHANNEL = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_VALUE = re.compile(r"[0-9A-Za-z_.+@=-]+")
_SHORT_CODE = re.compile(r"[0-9]{3,6}")
_LONG_SHORT_CODE = re.compile(r"[0-9]{7,8}")


def read(typed: str, country: str = "US") -> str:
    """The address in the form in which it is stored and sent to, such as `+12025550188` or `whatsapp:+12025550188`.

    Three to six digits are a short code. One of seven or eight digits is written with its channel, `sms:19901234`,
    because it may as well be a phone number without its area code.

    Args:
        typed: the address: a phone number, a short code, a name, or something of these or an id behind a channel.
        country: the two letters of the country whose number it is; ignored when the number begins with +.

    Raises InvalidValue, which says what is wrong but does not repeat the address.
    """
    if len(typed) > LENGTH_MAX:
        message = f"the address is longer than {LENGTH_MAX} characters"
        raise InvalidValue(message)
    before, colon, after = typed.strip().partition(":")
    channel, value = (before.strip().lower(), after.strip()) if colon else (SMS, before)
    if not _CHANNEL.fullmatch(channel):
        message = f"this is no address; write {FORMS}"
        raise InvalidValue(message)
    if channel == SMS:
        return _by_sms(value, country, has_channel=bool(colon))
    if phone_number.may_be(value) and channel != MESSENGER:
        value = phone_number.normalise(value, country)
    if not _VALUE.fullmatch(value):
        message = f"what follows {channel}: may contain only letters, digits and _ . + @ = -"
        raise InvalidValue(message)
    return Address.parse(f"{channel}:{value}").text


def read_ours(typed: str, country: str = "US") -> str:
    """The same for an address that an agent can have, because people can text it.

    Raises InvalidValue as `read` does, and for a name, which people cannot text.
    """
    address = Address.parse(read(typed, country))
    if address.channel == SMS and address.kind is AddressKind.NAME:
        message = f"nobody can text a name, so no agent can have it; write {FORMS}"
        raise InvalidValue(message)
    if address.channel == WHATSAPP and address.kind is not AddressKind.NUMBER:
        message = "a WhatsApp sender is whatsapp: and a phone number, such as whatsapp:+12025550188"
        raise InvalidValue(message)
    if address.channel == MESSENGER and address.kind is not AddressKind.ID:
        message = "a Messenger sender is messenger: and the id of the page, which has only digits"
        raise InvalidValue(message)
    return address.text


def read_from_file(typed: str, country: str = "US") -> str:
    """The same for an address in a file: also a number that begins with its country code but has lost its +.

    Raises InvalidValue as `read_ours` does.
    """
    try:
        return read_ours(typed, country)
    except InvalidValue:
        number = phone_number.with_country_code(typed)
        if number is None:
            raise
        return number


def doubt(address: str) -> str | None:
    """Why an address that was read may be mistyped, as a sentence; None when nothing suggests it."""
    parsed = Address.parse(address)
    if parsed.kind is AddressKind.NUMBER and not phone_number.is_known(parsed.value):
        return f"No area or range in use is known for the number …{address[-4:]}. Check that it is typed correctly."
    if parsed.channel not in {SMS, *_CHANNELS}:
        return f"The channel {parsed.channel} is not one of {', '.join(_CHANNELS)}. Check that it is typed correctly."
    return None


def _by_sms(value: str, country: str, *, has_channel: bool) -> str:
    if _SHORT_CODE.fullmatch(value) or (has_channel and _LONG_SHORT_CODE.fullmatch(value)):
        return value
    if phone_number.may_be(value):
        return _number_by_sms(value, country)
    if len(value) > NAME_MAX or not value.isascii() or not value.isprintable() or not re.search("[A-Za-z]", value):
        message = f"this is no address; write {FORMS}"
        raise InvalidValue(message)
    return value


def _number_by_sms(value: str, country: str) -> str:
    try:
        return phone_number.normalise(value, country)
    except InvalidValue as error:
        if not _LONG_SHORT_CODE.fullmatch(value):
            raise
        message = f"{error}; if it is a short code, write sms: before it"
        raise InvalidValue(message) from None
