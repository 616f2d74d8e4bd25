import pytest

_LONG = 30


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Long strings are no names: keys are new in every process, and several processes must name a test alike."""
    return argname if isinstance(val, str) and len(val) > _LONG else None
