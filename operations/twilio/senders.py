"""Where Twilio's console has the webhook of an address that is no phone number.

Source: Twilio docs, "ShortCode resource", "WhatsApp senders", "Get started with branded RCS messaging" and "Facebook
Messenger". Phone numbers are in `operations/twilio/numbers.py`, for Twilio's API changes them.
"""

from shared.address import MESSENGER, RCS, SMS, WHATSAPP, Address

_PLACES = {
    SMS: "Phone Numbers, Short Codes, the code, A message comes in",
    WHATSAPP: "Messaging, Senders, WhatsApp senders, the sender, Webhook URL for incoming messages",
    RCS: "RCS, Senders, the sender, Configuration, Incoming Messages URL",
    MESSENGER: "Messaging, Senders, Facebook Messenger, the page, A message comes in",
}
_ELSEWHERE = "the sender of the channel, A message comes in"
_IN_SERVICE = "or, if it is in a Messaging Service, at the service: Integration, Send a webhook"


def webhook_place(address: Address) -> str:
    """The place in Twilio's console where the address's webhook is set, in words."""
    return f"{_PLACES.get(address.channel, _ELSEWHERE)}; {_IN_SERVICE}"
