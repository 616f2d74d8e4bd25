"""Twilio's rules, without anything that only its webhooks or its API need."""

from collections.abc import Mapping, Sequence

from shared.address import SMS, Address, AddressKind
from shared.messages.outbound import OptOut, OutboundMessage
from shared.messages.status import ProviderStatus
from shared.providers.twilio import ACCOUNT_COMMAND, NAME, errors, limits, opt_out, segments, statuses


class TwilioRules:
    """Keeps `shared.provider_rules.ProviderRules`."""

    name = NAME
    account_command = ACCOUNT_COMMAND
    text_max = limits.TEXT_MAX
    media_max = limits.MEDIA_MAX
    failed_status = ProviderStatus(statuses.FAILED, statuses.RANKS[statuses.FAILED], is_final=True)
    opted_out_code = opt_out.CODE

    def unreachable_code(self, address: str) -> int | None:
        """For short codes (Twilio docs, error 21265) and for names, which only text ("Alphanumeric Sender ID")."""
        parsed = Address.parse(address)
        if parsed.channel != SMS:
            return None
        if parsed.kind is AddressKind.SHORT_CODE:
            return errors.NO_SHORT_CODE
        is_name = parsed.kind is AddressKind.NAME and any(map(str.isalpha, parsed.value))
        return errors.NO_NUMBER if is_name else None

    def opt_out_word(self, text: str) -> OptOut | None:
        """What one of Twilio's opt-out words asks for, where it is the whole text."""
        return opt_out.word(text)

    def reported_opt_out(self, fields: Mapping[str, Sequence[str]]) -> OptOut | None:
        """What Twilio reports in the field OptOutType."""
        return opt_out.reported(fields)

    def answers_opt_outs(self, address: str) -> bool:
        """True for long codes and toll-free numbers."""
        return opt_out.is_answered_at(address)

    def received_segments(self, fields: Mapping[str, Sequence[str]]) -> int:
        """The field NumSegments (Twilio docs, "Twilio's request to your incoming message webhook URL")."""
        return next((segments.reported(value) for value in fields.get("NumSegments", ())), None) or 1

    def expected_segments(self, message: OutboundMessage) -> int:
        """By the encoding of the text; 1 for media, and for what is no SMS."""
        is_sms = Address.parse(message.recipient).channel == SMS
        return segments.of_text(message.text) if is_sms and not message.media_urls else 1
