"""What the command needs of the local stack. Imported with --local alone: the rig has requirements of its own."""

from typing import TYPE_CHECKING

from devstack import NOT_UP

if TYPE_CHECKING:
    from devstack.phones import Phones
    from operations.stage.target import Stage, Target

__all__ = ["NOT_UP", "open_local_phones", "open_local_target"]


def open_local_target(stage: "Stage") -> "Target":
    """A stage on the local stack. Raises Declined when it is not up."""
    from devstack.target import LocalTarget  # noqa: PLC0415 - see above

    return LocalTarget(stage)


def open_local_phones() -> "Phones":
    """Phones that text through the twin of Twilio. Raises Declined when the local stack is not up."""
    from devstack.phones import open_phones  # noqa: PLC0415 - see above

    return open_phones()
