"""What each cause means and what to do, in words. `{about}` is what of the request it speaks of."""

from dataclasses import dataclass

from operations.signature.case import Named


@dataclass(frozen=True)
class Cause:
    """A mistake: what happened, and what to do about it."""

    happened: str
    cure: str


_BETWEEN = "What stands between Twilio and the stage (a proxy, a firewall, a CDN) must hand the request on as it is."
_PASTE = "Paste the URL in Twilio's console as this shows it: ./sms url"
_NOT_TWILIO = "Twilio never does this, so a program made the request: let it sign as Twilio's docs say, or ignore it."
_ADD = "Let this token sign, too: ./sms twilio set-account AC… --add-token"

CAUSES: dict[str, Cause] = {
    # the signature itself
    "missing_signature": Cause(
        "The request has no signature, so it is not Twilio's.",
        "Nothing, if you did not send it yourself. If it is Twilio's, a proxy drops the header X-Twilio-Signature.",
    ),
    "no_signature": Cause(
        "This is no signature: Twilio's are 28 characters, base64 of 20 bytes.",
        "Copy the header X-Twilio-Signature once more, all of it.",
    ),
    "signature_mangled": Cause(
        "The signature is right, but was changed on the way: a + became a space, a = or a quotation mark is wrong.",
        _BETWEEN,
    ),
    "hex_signature": Cause("The signature is right, but written in hexadecimal instead of base64.", _NOT_TWILIO),
    "sha256": Cause("It was signed with HMAC-SHA256; Twilio signs with HMAC-SHA1.", _NOT_TWILIO),
    # the secret
    "unknown_account": Cause(
        "The request names the account {about}, which this tenant does not have.",
        "If it is yours: ./sms twilio set-account {about}. If the number is another tenant's, paste that tenant's "
        "URL at the number.",
    ),
    "no_account": Cause(
        "The request names no account: the field AccountSid is missing.", "Give all fields. Twilio always sends it."
    ),
    "other_account_token": Cause(
        "It was signed with the token of another account of this tenant, {about}.",
        "A subaccount's requests are signed with the subaccount's own token: see which account owns the number, and "
        "whether its token is stored under the right account: ./sms twilio show-accounts",
    ),
    "token_not_promoted": Cause(
        "The primary token that you pasted signed it, and this tenant does not have it. Perhaps only the secondary one "
        "is stored, and is not promoted yet.",
        f"{_ADD}. Drop it when the secondary one is promoted.",
    ),
    "token_not_added": Cause(
        "The secondary token that you pasted signed it: it was promoted, and this tenant does not have it.",
        f"{_ADD}. Then drop the old one with --drop-token.",
    ),
    "master_token": Cause(
        "The main account's token signed it, but the request names another account.",
        "If the number was moved, look which account owns it now; a subaccount signs with its own token. If a program "
        "of yours made the request, give it the subaccount's token.",
    ),
    "subaccount_token": Cause(
        "The subaccount's own token signed it, as it should, and this tenant does not have it; perhaps the main "
        "account's was stored in its place.",
        f"{_ADD}. Then drop the wrong one with --drop-token.",
    ),
    "token_not_stored": Cause("The token that you pasted signed it, and this tenant does not have it.", f"{_ADD}."),
    "rest_key_secret": Cause(
        "The secret of a REST API key signed it. Twilio signs with the account's auth token only.", _NOT_TWILIO
    ),
    "api_key_signed": Cause("The API key of the webhook's URL signed it; the account's auth token must.", _NOT_TWILIO),
    "token_spoilt": Cause(
        "The stored token signed it, except for blanks, quotation marks or capitals around or in it.",
        "Paste the token once more, without anything around it: ./sms twilio set-account AC… --add-token; then drop "
        "the spoilt one with --drop-token.",
    ),
    # the URL
    "http_for_https": Cause("The URL was signed with http:// and is https://, or the other way round.", _PASTE),
    "stage_path_missing": Cause("The URL was signed without the stage's path {about}.", _PASTE),
    "stage_path_added": Cause("The URL was signed with a path {about} that this address does not have.", _PASTE),
    "other_stage": Cause(
        "The URL of another stage was signed: {about}. The request came to the wrong stage.",
        "See where that stage's name leads: its CNAME must be that stage's DomainTarget, and no proxy may turn to the "
        "other stage by itself. Twilio has a fallback URL for that.",
    ),
    "other_host": Cause(
        "Another host was signed, {about}: Twilio called that one, and something handed the request on.", _PASTE
    ),
    "port_signed": Cause("The URL was signed with port {about}, which the stage does not have.", _PASTE),
    "userinfo_signed": Cause("User and key before the @ were signed; Twilio leaves them out.", _NOT_TWILIO),
    "fragment_signed": Cause("What follows the # was signed; Twilio leaves it out.", _NOT_TWILIO),
    "trailing_slash": Cause("The URL was signed with a / too many or too few at its end.", _PASTE),
    "path_case": Cause("The URL was signed with other capitals in its path.", _PASTE),
    "other_path": Cause("Another path was signed: {about}.", _PASTE),
    "query_dropped": Cause(
        "The URL was signed without its query: it was added on the way.",
        f"A webhook URL had better have none. {_PASTE}",
    ),
    "query_reencoded": Cause(
        "The URL's query was written in another way when it was signed. The gateway hands on no raw query.",
        f"A webhook URL had better have none. {_PASTE}",
    ),
    "query_order": Cause(
        "The URL's query was signed in another order.", f"A webhook URL had better have none. {_PASTE}"
    ),
    "other_url": Cause("The URL that you gave was signed, but the stage expects {about}.", _PASTE),
    # the fields
    "blanks_dropped": Cause("Blank fields were dropped on the way: {about}.", _BETWEEN),
    "blanks_not_signed": Cause("The blank fields were not signed; Twilio signs them.", _NOT_TWILIO),
    "newlines_changed": Cause("The line ends in the text were changed on the way.", _BETWEEN),
    "body_trimmed": Cause("Blanks around the text were cut off on the way.", _BETWEEN),
    "trimmed_signed": Cause("The values were signed without the blanks around them.", _NOT_TWILIO),
    "repetitions_lost": Cause(
        "A field comes several times, and it was not signed as Twilio does: each different value once.", _NOT_TWILIO
    ),
    "plus_and_space": Cause(
        "A + and a blank were mistaken for each other: in a form a + must be written %2B.",
        f"{_BETWEEN} If a program of yours sends it, or you copied the fields by hand, encode them.",
    ),
    "charset": Cause("The text was taken for another charset than UTF-8 and so changed.", _BETWEEN),
    "unicode_form": Cause("Letters with accents were composed anew on the way (Unicode normalisation).", _BETWEEN),
    "html_escaped": Cause("Characters such as & were escaped for HTML, or unescaped.", _BETWEEN),
    "encoded_signed": Cause(
        "The values were signed in their percent-encoding; Twilio decodes them first.", _NOT_TWILIO
    ),
    "field_removed": Cause("Fields were taken out on the way: {about}.", _BETWEEN),
    "field_added": Cause("The field {about} was added on the way: it is not signed.", _BETWEEN),
    "sorted_ignoring_case": Cause(
        "The fields were sorted without regard to capitals; Twilio sorts capitals first.", _NOT_TWILIO
    ),
    "not_sorted": Cause("The fields were signed in the order of the form; Twilio sorts them by name.", _NOT_TWILIO),
    "fields_not_signed": Cause("Only the URL was signed, without the fields.", _NOT_TWILIO),
    "get_signed": Cause(
        "It was signed as a GET, with the fields in the URL, and came as a POST.",
        "Choose HTTP POST beside the URL in Twilio's console, and let no proxy change the method.",
    ),
    "raw_body_signed": Cause("The raw body was signed instead of the fields.", _NOT_TWILIO),
    "json_signed": Cause("The fields were signed as JSON.", _NOT_TWILIO),
    "form_became_json": Cause("The form was made JSON on the way.", _BETWEEN),
    "content_type_changed": Cause(
        "The body is the form that was signed, but its Content-Type says otherwise.", _BETWEEN
    ),
    "no_form": Cause("The signature holds, but the body is no form: a text always is one.", _PASTE),
    "body_changed": Cause("The body is not the one whose hash (bodySHA256) stands in the URL.", _BETWEEN),
    # what is odd about what is stored
    "rest_key_stored": Cause(
        "The secret of a REST API key is stored as an auth token of {about}.",
        "Add the account's auth token with --add-token, then drop this one with --drop-token.",
    ),
    "same_token_twice": Cause(
        "The same token is stored for {about}; each account has its own.", "Compare them with Twilio's console."
    ),
    "no_token_shape": Cause(
        "A stored token of {about} does not look like an auth token, which is 32 hexadecimal digits.",
        "Compare its last four characters with Twilio's console: ./sms twilio show-accounts",
    ),
}


def happened(named: Named) -> str:
    """What happened, as a sentence."""
    return CAUSES[named.cause].happened.format(about=named.about)


def cure(named: Named) -> str:
    """What to do about it."""
    return CAUSES[named.cause].cure.format(about=named.about)
