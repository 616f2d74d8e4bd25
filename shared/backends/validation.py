"""What the kinds of backends check alike."""

from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require


def declines_statuses(settings: BackendSettings) -> None:
    """Raises InvalidValue when a kind that has no use for statuses is to get them."""
    require(not settings.statuses, f"backend: {settings.kind} takes no statuses; leave them out")


def takes_no_target(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a target."""
    require(not settings.target, f"backend: {settings.kind} needs no URL and no ARN; leave it out")


def takes_no_secrets(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a secret to sign with."""
    require(not settings.secrets, f"backend: {settings.kind} signs nothing; leave the secret out")


def takes_no_locale(settings: BackendSettings) -> None:
    """Raises InvalidValue when there is a language."""
    require(not settings.locale, f"backend: {settings.kind} has no language; leave the locale out")
