"""What each cause means and what to do about it. `{about}` is the part of the request or tenant that it concerns."""

from dataclasses import dataclass

from operations.signature.case import Mistake


@dataclass(frozen=True)
class Cause:
    """What happened, and what to do about it."""

    happened: str
    cure: str


_BETWEEN = "Whatever is between Twilio and the stage (a proxy, a firewall, a CDN) must pass the request on unchanged."
_PASTE = "Paste the URL into Twilio's console exactly as this command shows it: ./sms url"
_NO_QUERY = f"A webhook URL should have no query. {_PASTE}"
_NOT_TWILIO = (
    "Twilio never does this, so another program made the request: make it sign as Twilio's docs say, or ignore it."
)
_ADD = "Store this token as well: ./sms twilio set-account AC… --add-token"

CAUSES: dict[str, Cause] = {
    # the signature itself
    "missing_signature": Cause(
        "The request has no signature, so it is not Twilio's.",
        "If Twilio did make the request, a proxy removed the header X-Twilio-Signature. Otherwise there is nothing to "
        "do.",
    ),
    "no_signature": Cause(
        "This is not a signature: Twilio's have 28 characters, the base64 of 20 bytes.",
        "Copy the whole header X-Twilio-Signature again.",
    ),
    "signature_mangled": Cause(
        "The signature is right, but it was changed on the way: a + became a space, or a = or a quotation mark is "
        "wrong.",
        _BETWEEN,
    ),
    "hex_signature": Cause("The signature is right, but it is written in hexadecimal instead of base64.", _NOT_TWILIO),
    "sha256": Cause("It was signed with HMAC-SHA256; Twilio signs with HMAC-SHA1.", _NOT_TWILIO),
    # the secret
    "unknown_account": Cause(
        "The request names the account {about}, which this tenant does not have.",
        "If it is yours: ./sms twilio set-account {about}. If the number belongs to another tenant, paste that "
        "tenant's URL at the number.",
    ),
    "no_account": Cause(
        "The request names no account: the field AccountSid is missing or blank.",
        "Give all fields. Twilio always sends this one.",
    ),
    "other_account_token": Cause(
        "It was signed with the token of another account of this tenant, {about}.",
        "A subaccount's requests are signed with the subaccount's own token. Check which account owns the number, and "
        "whether its token is stored under the right account: ./sms twilio show-accounts",
    ),
    "token_not_promoted": Cause(
        "It was signed with the primary token that you pasted, which this tenant does not have. Perhaps only the "
        "secondary token is stored, and it is not promoted yet.",
        f"{_ADD}. Drop it once the secondary token is promoted.",
    ),
    "token_not_added": Cause(
        "It was signed with the secondary token that you pasted: that token was promoted, and this tenant does not "
        "have it.",
        f"{_ADD}. Then drop the old one with --drop-token.",
    ),
    "master_token": Cause(
        "It was signed with the main account's token, but the request names another account.",
        "If the number was moved, check which account owns it now: a subaccount's requests are signed with its own "
        "token. If one of your programs made the request, give it the subaccount's token.",
    ),
    "subaccount_token": Cause(
        "It was signed with the subaccount's own token, as it should be, but this tenant does not have that token. "
        "Perhaps the main account's token was stored instead.",
        f"{_ADD}. Then drop the wrong one with --drop-token.",
    ),
    "token_not_stored": Cause(
        "It was signed with the token that you pasted, which this tenant does not have.", f"{_ADD}."
    ),
    "rest_key_secret": Cause(
        "It was signed with the secret of a REST API key. Twilio signs with the account's auth token only.", _NOT_TWILIO
    ),
    "api_key_signed": Cause(
        "It was signed with the API key of the webhook's URL instead of the account's auth token.", _NOT_TWILIO
    ),
    "token_spoilt": Cause(
        "It was signed with the stored token, apart from spaces, quotation marks or capitals in or around it.",
        "Paste the token again, without anything around it: ./sms twilio set-account AC… --add-token; then drop the "
        "wrong one with --drop-token.",
    ),
    # the URL
    "http_for_https": Cause("The signed URL has http:// instead of https://, or the other way round.", _PASTE),
    "stage_path_missing": Cause("The signed URL lacks the stage's path {about}.", _PASTE),
    "stage_path_added": Cause("The signed URL has a path {about} that this address does not have.", _PASTE),
    "other_stage": Cause(
        "The URL of another stage was signed: {about}. The request reached the wrong stage.",
        "Check where that stage's domain name leads: its CNAME must be that stage's DomainTarget, and no proxy may "
        "switch to the other stage by itself. Twilio has a fallback URL for that.",
    ),
    "other_host": Cause(
        "Another host was signed, {about}: Twilio called that host, and something passed the request on.", _PASTE
    ),
    "port_signed": Cause("The signed URL has the port {about}, which the stage does not have.", _PASTE),
    "userinfo_signed": Cause("The user and the key before the @ were signed; Twilio leaves them out.", _NOT_TWILIO),
    "fragment_signed": Cause("The part after the # was signed; Twilio leaves it out.", _NOT_TWILIO),
    "trailing_slash": Cause("The signed URL has one / too many or too few at its end.", _PASTE),
    "path_case": Cause("The signed URL has different capitals in its path.", _PASTE),
    "other_path": Cause("Another path was signed: {about}.", _PASTE),
    "query_dropped": Cause("The URL was signed without its query: the query was added on the way.", _NO_QUERY),
    "query_reencoded": Cause(
        "The signed URL has the same query, but encoded differently. API Gateway does not pass on the raw query.",
        _NO_QUERY,
    ),
    "query_order": Cause("The signed URL has its query in a different order.", _NO_QUERY),
    "other_url": Cause("The URL that you gave was signed, but the stage expects {about}.", _PASTE),
    # the fields
    "blanks_dropped": Cause("Blank fields were dropped on the way: {about}.", _BETWEEN),
    "blanks_not_signed": Cause("The blank fields were not signed; Twilio signs them.", _NOT_TWILIO),
    "newlines_changed": Cause("The line breaks in the text were changed on the way.", _BETWEEN),
    "body_trimmed": Cause("Spaces around the text were cut off on the way.", _BETWEEN),
    "trimmed_signed": Cause("The values were signed without the spaces around them.", _NOT_TWILIO),
    "repetitions_lost": Cause(
        "A field occurs several times and was not signed as Twilio does it: each different value once.", _NOT_TWILIO
    ),
    "plus_and_space": Cause(
        "A + and a space were mistaken for each other: in a form, a + must be written %2B.",
        f"{_BETWEEN} If one of your programs sends it, or you copied the fields by hand, encode them.",
    ),
    "charset": Cause("The text was decoded with a charset other than UTF-8, which changed it.", _BETWEEN),
    "unicode_form": Cause("Accented letters were recomposed on the way (Unicode normalisation).", _BETWEEN),
    "html_escaped": Cause("Characters such as & were escaped for HTML, or unescaped.", _BETWEEN),
    "encoded_signed": Cause("The values were signed percent-encoded; Twilio decodes them first.", _NOT_TWILIO),
    "field_removed": Cause("Fields were removed on the way: {about}.", _BETWEEN),
    "field_added": Cause("The field {about} was added on the way: it is not signed.", _BETWEEN),
    "sorted_ignoring_case": Cause(
        "The fields were sorted without regard to capitals; Twilio sorts capitals first.", _NOT_TWILIO
    ),
    "not_sorted": Cause("The fields were signed in the order of the form; Twilio sorts them by name.", _NOT_TWILIO),
    "fields_not_signed": Cause("Only the URL was signed, without the fields.", _NOT_TWILIO),
    "get_signed": Cause(
        "It was signed as a GET, with the fields in the URL, but it arrived as a POST.",
        "Choose HTTP POST beside the URL in Twilio's console, and let no proxy change the method.",
    ),
    "raw_body_signed": Cause("The raw body was signed instead of the fields.", _NOT_TWILIO),
    "json_signed": Cause("The fields were signed as JSON.", _NOT_TWILIO),
    "form_became_json": Cause("The form was turned into JSON on the way.", _BETWEEN),
    "content_type_changed": Cause("The body is the signed form, but its Content-Type says otherwise.", _BETWEEN),
    "no_form": Cause("The signature matches, but the body is not a form, and a text always is.", _PASTE),
    "body_changed": Cause("The body is not the one whose hash (bodySHA256) is in the URL.", _BETWEEN),
    # what is odd about the stored secrets
    "rest_key_stored": Cause(
        "The secret of a REST API key is stored as an auth token of {about}.",
        "Add the account's auth token with --add-token, then drop this one with --drop-token.",
    ),
    "same_token_twice": Cause(
        "The same token is stored for {about}; each account has its own.", "Compare them with Twilio's console."
    ),
    "no_token_shape": Cause(
        "A stored token of {about} does not look like an auth token, which has 32 hexadecimal digits.",
        "Compare its last four characters with Twilio's console: ./sms twilio show-accounts",
    ),
}


def happened(mistake: Mistake) -> str:
    """What happened, as a sentence."""
    return CAUSES[mistake.cause].happened.format(about=mistake.about)


def cure(mistake: Mistake) -> str:
    """What to do about it."""
    return CAUSES[mistake.cause].cure.format(about=mistake.about)
