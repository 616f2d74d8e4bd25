"""The authorizer's wiring."""

import os
from functools import cache

from shared.settings import AuthorizerSettings, read
from shared.tenants.cache import TenantCache
from shared.wiring import aws


@cache
def tenants() -> TenantCache:
    """The tenants whose keys the authorizer checks. Raises Configuration."""
    return aws.tenants(read(AuthorizerSettings, os.environ))
