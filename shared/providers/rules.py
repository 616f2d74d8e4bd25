"""The list of SMS providers that operators choose from, with the rules of each. It imports no HTTP library."""

from shared.provider_rules import RulesByProvider
from shared.providers.twilio.rules import TwilioRules

RULES = RulesByProvider(TwilioRules())
