"""What the command needs of the local stack. Only a clone has it, and its requirements must be installed."""

from typing import TYPE_CHECKING

from shared.errors import CommandDeclined

if TYPE_CHECKING:
    from devstack.phones import Phones
    from operations.stage.names import Stage
    from operations.stage.target import Target

NEEDS_CLONE = "the local stack needs a clone of sms-receiver: run `make setup` in it, and use its ./sms"


def check_rig() -> None:
    """Returns when the local stack can be used. Raises CommandDeclined when the command was installed without it."""
    try:
        import devstack.state  # noqa: F401, PLC0415 - to see whether it and its requirements are installed
    except ModuleNotFoundError as error:
        raise CommandDeclined(NEEDS_CLONE) from error


def open_local_target(stage: "Stage") -> "Target":
    """A stage on the local stack. Raises CommandDeclined when it is not up."""
    check_rig()
    from devstack.target import LocalTarget  # noqa: PLC0415 - only with --local

    return LocalTarget(stage)


def open_local_phones() -> "Phones":
    """Phones that text through the twin of Twilio. Raises CommandDeclined when the local stack is not up."""
    check_rig()
    from devstack.phones import open_phones  # noqa: PLC0415 - only with --local

    return open_phones()
