"""Making and revoking credentials."""

from operations.numbers.pages import connections_of
from operations.operator import Operator
from operations.tenants.edits import add_credential
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Role


def create_credential(operator: Operator, name: str, role: Role) -> tuple[Credential, str]:
    """A new credential of the tenant, which must be certain, and its API key, which is stored nowhere.

    Raises CommandDeclined when the name is taken or the role is not active; Unavailable, Configuration.
    """
    credential, key = api_keys.issue(operator.tenant_id, name, role, operator.world.now())
    operator.change(add_credential(credential))
    return credential, key


def count_numbers(operator: Operator, credential: Credential) -> int:
    """How many numbers were connected with the credential's key, which would get no texts without it.

    Raises Unavailable, Configuration.
    """
    connections = connections_of(operator.target.numbers_directory, operator.tenant_id, credential_id=credential.id)
    return sum(1 for _ in connections)
