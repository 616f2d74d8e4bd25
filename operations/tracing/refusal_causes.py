"""What it means that a text was refused, and what to do about it."""

from operations.signature.causes import CAUSES, Cause

REASONS = {
    "invalid_key": Cause(
        "The API key in the URL is missing, mistyped, unknown or revoked. The signature was not checked.",
        "Paste the URL again, with a valid key: ./sms url --key-from-stdin",
    ),
    "forbidden_role": Cause(
        "The key's credential has the role Reader. The signature was not checked.",
        "Make one with a role that may text: ./sms credential create --name NAME --role Writer",
    ),
    "missing_signature": CAUSES["missing_signature"],
    "unknown_account": Cause(
        "The request names an account that this tenant does not have, or no account.",
        "Find out which account owns the number, then: ./sms twilio set-account AC…",
    ),
    "invalid_signature": Cause(
        "None of the account's auth tokens signed this request for this URL. The log does not hold what was signed.",
        "Open the error in Twilio's debugger, which shows the request, and check that request: "
        "./sms doctor signature --url URL --signature SIGNATURE",
    ),
    "ambiguous_signature": Cause(
        "The account's auth token made the signature, but the same signature would fit another message: a field came "
        "twice, or a text contains an id or an address exactly as Twilio writes its fields.",
        "If Twilio made the request, its debugger shows which text it was: ask the person to word it differently. "
        "If Twilio does not know the request, somebody has a recorded request and a key: ./sms credential rotate NAME",
    ),
    "malformed": Cause(
        "The key and the signature are valid, but this is not a text, or it is larger than the queue accepts.",
        "Make sure that the URL is used only as the number's webhook for incoming messages.",
    ),
}
"""Each reason for refusing a text, with what it means and what to do."""

_OTHER_REASON = Cause("It was refused for another reason.", "The reasons are explained in docs/operations.md.")


def refusal_cause(reason: str) -> Cause:
    """What it means that a text was refused for a reason, and what to do."""
    return REASONS.get(reason, _OTHER_REASON)
