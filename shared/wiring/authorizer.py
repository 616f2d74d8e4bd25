"""The authorizer's wiring."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from shared.settings import AuthorizerSettings, read
from shared.wiring import tenants as wiring

if TYPE_CHECKING:
    from shared.tenants.lookup import TenantLookup


@cache
def tenants() -> TenantLookup:
    """The tenants whose keys the authorizer checks. Raises Configuration."""
    return wiring.tenants(read(AuthorizerSettings, os.environ))
