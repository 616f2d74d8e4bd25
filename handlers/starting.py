"""Makes what every request needs while Lambda starts an environment, so that no request waits for it.

Each handler ends with `ready`. Elsewhere, in a test or in a tool, importing a handler makes nothing.
"""

import gc
import os
from collections.abc import Callable
from contextlib import suppress

from shared.errors import Configuration

ON_LAMBDA = "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ
"""AWS docs, "Defined runtime environment variables"."""


def ready(make: Callable[[], object]) -> None:
    """Makes what every request needs. A wrong setting is reported by the first request instead."""
    if not ON_LAMBDA:
        return
    with suppress(Configuration):
        make()
    gc.freeze()  # none of it will ever be garbage, so no collection needs to look at it
    gc.enable()
