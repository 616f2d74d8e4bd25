"""Lambda starts an environment before its first request: what is made then, nobody waits for.

So each handler ends with `ready`. Elsewhere, in a test or in a tool, importing a handler makes nothing.
"""

import gc
import os
from collections.abc import Callable
from contextlib import suppress

from shared.errors import Configuration

ON_LAMBDA = "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ
"""AWS docs, "Defined runtime environment variables"."""


def ready(make: Callable[[], object]) -> None:
    """Makes what every request needs. What is wrong with the settings, the first request will say."""
    if not ON_LAMBDA:
        return
    with suppress(Configuration):
        make()
    gc.freeze()  # none of it will ever be garbage: or the first collection would look through it all
    gc.enable()
