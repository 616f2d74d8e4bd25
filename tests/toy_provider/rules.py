"""What the toy takes, and what it does by itself."""

from collections.abc import Mapping, Sequence

from shared.address import Address, AddressKind
from shared.messages.outbound import OptOut, OutboundMessage
from shared.messages.status import ProviderStatus
from tests.toy_provider import ACCOUNT_COMMAND, NAME
from tests.toy_provider.statuses import LOST, RANKS

OPTED_OUT, NO_ADDRESS = 480, 484
_WORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"), OptOut.STOP),
    **dict.fromkeys(("START", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}
_REPORTS = {"left": OptOut.STOP, "back": OptOut.START, "asked": OptOut.HELP}


class ToyRules:
    """Keeps `shared.provider_rules.ProviderRules`."""

    name = NAME
    account_command = ACCOUNT_COMMAND
    text_max = 300
    media_max = 3
    failed_status = ProviderStatus(LOST, RANKS[LOST], is_final=True)
    opted_out_code = OPTED_OUT

    def unreachable_code(self, address: str) -> int | None:
        """Names, which nobody can text."""
        return NO_ADDRESS if Address.parse(address).kind is AddressKind.NAME else None

    def opt_out_word(self, text: str) -> OptOut | None:
        """The words of the trade."""
        return _WORDS.get(text.strip().upper())

    def reported_opt_out(self, fields: Mapping[str, Sequence[str]]) -> OptOut | None:
        """The field `membership`."""
        return next((_REPORTS.get(value) for value in fields.get("membership", ())), None)

    def answers_opt_outs(self, address: str) -> bool:
        """True for phone numbers that are texted by SMS."""
        return Address.parse(address).is_sms_number

    def received_segments(self, fields: Mapping[str, Sequence[str]]) -> int:
        """The field `pieces`."""
        return next((int(value) for value in fields.get("pieces", ())), 1)

    def expected_segments(self, message: OutboundMessage) -> int:
        """A hundred characters each, which the toy tells nobody."""
        return max(1, -(-len(message.text) // 100))
