"""Who must not be answered: people who ask the provider to stop, to start again or for help, and machines."""

import re
from collections.abc import Mapping
from typing import Any

from shared.answer import OptOut
from shared.tenant import Tenant

# Twilio docs, "Twilio support for opt-out keywords (SMS STOP filtering)". YES, which lifts a block too, is left out: it
# is what people answer to questions.
_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"),
        OptOut.STOP,
    ),
    **dict.fromkeys(("START", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def opt_out(data: Mapping[str, Any]) -> OptOut | None:
    """What the person asked the provider for with this text, the `data` of an event; None for an ordinary text.

    The provider's own word for it counts (Twilio's field OptOutType, with Advanced Opt-Out), else the whole text.
    """
    said = next(iter(data["fields"].get("OptOutType", [])), "")
    if said in OptOut.__members__:
        return OptOut(said)
    return _WORDS.get(data["text"].strip().upper())


def is_person(tenant: Tenant, address: str) -> bool:
    """Whether an address looks like somebody's phone: not a short code or a name, and none of our own numbers."""
    return bool(_PHONE.fullmatch(address.rpartition(":")[2])) and tenant.agent_at(address) is None
