"""Deleting tenants, restoring and erasing them, as an operator does it, with an entry in the audit log."""

from operations.audit.entries import Change
from operations.operator import Operator


def delete(operator: Operator) -> None:
    """Deletes the operator's tenant, for now; finishes a deletion that was interrupted.

    Raises NotFound, Conflict, Unavailable, Configuration.
    """
    operator.target.store.delete(operator.tenant_id)
    operator.record(Change("tenant.delete", operator.tenant_id))


def restore(operator: Operator) -> None:
    """Undoes the deletion of the operator's tenant.

    Raises NotFound; CommandDeclined when it is too late, or the tenant is not deleted; Conflict, Unavailable,
    Configuration.
    """
    operator.target.store.restore(operator.tenant_id)
    operator.record(Change("tenant.restore", operator.tenant_id))


def purge(operator: Operator) -> None:
    """Erases all that is left of the operator's tenant, which was deleted; finishes what was interrupted.

    Raises NotFound; CommandDeclined when the tenant is not deleted; Unavailable.
    """
    operator.target.store.purge(operator.tenant_id)
    operator.record(Change("tenant.purge", operator.tenant_id))
