"""Making credentials."""

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
