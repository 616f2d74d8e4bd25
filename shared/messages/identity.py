"""Which addresses are one person's: some numbers are written in two ways, and a provider may deliver either.

A conversation, and with it a person's STOP, is the same for all of them. A message goes to the address as it came.

- **Mexico**: +52 and ten digits. WhatsApp has a 1 before these (WhatsApp help, "About international phone number
  format", https://faq.whatsapp.com/1294841057948784), which SMS does not need any more (Twilio, "Mexico: SMS
  Guidelines"). No Mexican number has eleven digits (libphonenumber's metadata).
- **Argentina**: +54 and ten digits. Mobile phones have a 9 before these when they are called from abroad, and on
  WhatsApp (the same page of WhatsApp). The ten digits belong to a mobile phone or to a landline, never to both.
- **Brazil**: +55, an area code of two digits, and nine digits of a mobile phone. The first, a 9, was put before its
  eight digits between 2012 and 2016, and WhatsApp still leaves it out for many (Zoko, "A brief note on the
  inconsistencies for mobile numbers and their WhatsApp IDs in Brazil and Mexico"). The eight digits began with 6 to 9;
  before others the 9 must stay, because landlines have eight digits that begin with 2 to 5 (libphonenumber's metadata).
"""

import re

from shared.address import Address, AddressKind

_VARIANTS = (
    (re.compile(r"(\+52)1([0-9]{10})"), r"\1\2"),
    (re.compile(r"(\+54)9([0-9]{10})"), r"\1\2"),
    (re.compile(r"(\+55[1-9][1-9])([6-9][0-9]{7})"), r"\g<1>9\2"),
)
"""Numbers that have another form, and how that one is made."""


def identity(address: Address) -> str:
    """A text that all addresses of one person on one channel share: for most of them the address itself."""
    if address.kind is not AddressKind.NUMBER:
        return address.text
    return Address(address.channel, address.kind, canonical(address.value)).text


def canonical(number: str) -> str:
    """The number in one of the ways in which it is written in E.164 form, always the same."""
    for shape, form in _VARIANTS:
        if match := shape.fullmatch(number):
            return match.expand(form)
    return number
