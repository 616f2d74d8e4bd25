"""Which tenant a command works on when none is named.

AWS's list of tenants "might not reflect changes from the last five minutes" (Secrets Manager API, ListSecrets): one
that was just made may be missing from it. So what it shows is good enough to look at, and not to change. The local
stack's list is always up to date.
"""

from collections.abc import Sequence

from shared.errors import CommandDeclined, NotFound

_NONE = "there is no tenant yet; make one with: ./sms setup"
_NONE_LISTED = (
    "AWS lists no tenant, and its list may be five minutes old. If there is one, name it: ./sms --tenant NAME …; "
    "else make one with: ./sms setup"
)


def to_read(listed: Sequence[str], *, local: bool) -> str:
    """The only tenant that is listed. Raises NotFound when there is none, CommandDeclined when there are several."""
    if not listed:
        raise NotFound(_NONE if local else _NONE_LISTED)
    if len(listed) > 1:
        message = f"there are several tenants; choose one with --tenant: {', '.join(listed)}"
        raise CommandDeclined(message)
    return listed[0]


def to_change(listed: Sequence[str], *, local: bool) -> str:
    """The only tenant of the local stack.

    Raises NotFound when there is none, CommandDeclined when it is not certain.
    """
    if len(listed) == 1 and not local:
        message = (
            f"name the tenant that this changes: ./sms --tenant {listed[0]} …; it is the only one that AWS lists, but "
            "the list may be five minutes old"
        )
        raise CommandDeclined(message)
    if len(listed) > 1:
        message = f"name the tenant that this changes: ./sms --tenant NAME …, where NAME is one of {', '.join(listed)}"
        raise CommandDeclined(message)
    return to_read(listed, local=local)
