"""Checks that several kinds of backends share."""

from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require


def declines_statuses(settings: BackendSettings) -> None:
    """Raises InvalidValue when statuses are requested."""
    require(not settings.statuses, f"backend: {settings.kind} does not support statuses; leave them out")


def takes_no_target(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a target."""
    require(not settings.target, f"backend: {settings.kind} does not use a URL or an ARN; leave it out")


def takes_no_secrets(settings: BackendSettings) -> None:
    """Raises InvalidValue when requests are to be signed."""
    require(not settings.signed, f"backend: {settings.kind} does not sign its requests; leave the secret out")
    takes_no_user(settings)


def takes_no_user(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a user with a password."""
    require(not settings.user, f"backend: {settings.kind} does not use a user and a password; leave them out")


def takes_no_locale(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a language."""
    require(not settings.locale, f"backend: {settings.kind} does not use a locale; leave it out")
