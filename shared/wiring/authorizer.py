"""The authorizer's wiring."""

import os
from functools import cache

from shared.settings import AuthorizerSettings, read
from shared.tenants.lookup import TenantLookup
from shared.wiring import tenants as wiring


@cache
def tenants() -> TenantLookup:
    """The tenants whose keys the authorizer checks. Raises Configuration."""
    return wiring.tenants(read(AuthorizerSettings, os.environ))
