"""A user and a password, with which a backend asks who calls (RFC 7617, "The 'Basic' HTTP Authentication Scheme")."""

import base64

from shared.errors import Unavailable
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

USER_MAX = 64
PASSWORD_MAX = 256


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue unless the settings have a user and a password. The first colon ends a user."""
    require(
        0 < len(settings.user) <= USER_MAX and settings.user.isprintable() and ":" not in settings.user,
        f"backend: use 1 to {USER_MAX} printable characters for the user, and no colon",
    )
    require(
        len(settings.secrets) == 1 and is_password(settings.secrets[0]),
        f"backend: use 1 to {PASSWORD_MAX} printable characters for the password, and not a secret of http (whsec_)",
    )


def is_password(text: str) -> bool:
    """Whether it can be a password. A secret to sign with is none: it is never sent."""
    return 0 < len(text) <= PASSWORD_MAX and text.isprintable() and not text.startswith("whsec_")


def unauthorized() -> Unavailable:
    """The error for status 401: a password that was changed at one side is known at the other some time later."""
    return Unavailable("the backend answered 401: it does not accept the user and the password")


def header(settings: BackendSettings) -> dict[str, str]:
    """The header that says who calls, in UTF-8; none without a user."""
    if not settings.user:
        return {}
    [password] = settings.secrets
    return {"authorization": "Basic " + base64.b64encode(f"{settings.user}:{password}".encode()).decode()}
