import pytest
from hypothesis import settings

_LONG = 30

# How quick something is belongs into bench/: on a busy computer every example takes its time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Long strings are no names: keys are new in every process, and several processes must name a test alike."""
    return argname if isinstance(val, str) and len(val) > _LONG else None
