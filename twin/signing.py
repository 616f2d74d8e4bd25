"""The `X-Twilio-Signature` header.

It is an HMAC-SHA1 in base64, keyed with the account's auth token, over the URL followed by every form field's name and
value. Fields are sorted by name, case-sensitively. A name that comes several times has its values de-duplicated and
sorted, and the name is repeated before each. A GET webhook has no form: its fields are in the URL. (Twilio docs:
"Security", section "Validating requests"; for repeated names: Twilio's published libraries)
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

Fields = Sequence[tuple[str, str]]
"""Form fields in the order in which they are sent, as (name, value); a name may come several times."""


def signature(url: str, fields: Fields, auth_token: str) -> str:
    """The signature of one request.

    Args:
        url: The URL without user, password and fragment, with the query when there is one.
        fields: The form fields of a POST; empty for a GET.
        auth_token: The secret of the account that owns the number.

    Returns:
        The header's value, 28 characters.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode("utf-8"), signed.encode("utf-8"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
