"""Who calls the local AWS: the account itself, with which tests look behind the weaknesses, or somebody else."""

from collections.abc import Mapping

_ACCOUNT = "Credential=test/"  # the key `devstack.aws.ADMINISTRATOR`


def is_account(headers: Mapping[str, str]) -> bool:
    """Whether a request is the account's own. The headers' names are in lower case."""
    return _ACCOUNT in headers.get("authorization", "")
