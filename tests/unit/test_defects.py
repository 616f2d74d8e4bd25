"""What nobody foresaw becomes an error of ours that names type and place, and nothing of what it says."""

import ast
from typing import Any

import pytest

from shared.defects import catching_defects
from shared.errors import Defect, Malformed, NotFound, OptedOut, SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.submission import request
from tests.fakes import Crash
from tests.unit.project.test_architecture import NET, TREES

HUSH = "Where is my order?"


@pytest.mark.parametrize(
    "error", [ValueError(HUSH), KeyError(HUSH), RecursionError(HUSH), MemoryError(), OSError(HUSH)]
)
def test_names_the_type_and_not_what_it_says(error: Exception) -> None:
    with pytest.raises(Defect) as caught, catching_defects():
        raise error
    assert str(caught.value).startswith(f"{type(error).__name__} in ")
    assert HUSH not in str(caught.value)
    assert caught.value.reason == "defect"
    assert caught.value.__suppress_context__, "a chained error would be logged with what it says"


def test_names_the_innermost_place_that_is_ours() -> None:
    nothing: Any = None
    with (
        pytest.raises(Defect, match=r"^AttributeError in shared\.submission\.body, line [0-9]+, fields_of$"),
        catching_defects(),
    ):
        request.read(nothing)


@pytest.mark.parametrize("error", [Unavailable("later"), Malformed("nonsense"), Defect("known already")])
def test_expected_errors_pass(error: SmsReceiverError) -> None:
    with pytest.raises(type(error)) as passed, catching_defects(Unavailable, Malformed):
        raise error
    assert passed.value is error


@pytest.mark.parametrize("error", [UpstreamRefused(Reason.PROVIDER_REFUSED, HUSH), NotFound(HUSH), OptedOut()])
def test_an_error_of_ours_that_nobody_expects_is_a_defect(error: SmsReceiverError) -> None:
    with pytest.raises(Defect) as caught, catching_defects(Unavailable, Malformed):
        raise error
    assert str(caught.value).startswith(f"{type(error).__name__} in ")
    assert HUSH not in str(caught.value)


@pytest.mark.parametrize("end", [Crash, KeyboardInterrupt, SystemExit])
def test_the_end_of_the_lambda_passes(end: type[BaseException]) -> None:
    with pytest.raises(end), catching_defects():
        raise end


def test_the_net_is_one_place_that_raises_instead() -> None:
    handlers = [node for node in ast.walk(TREES[NET]) if isinstance(node, ast.ExceptHandler)]
    (catching,) = (handler for handler in handlers if getattr(handler.type, "id", "") == "Exception")
    assert isinstance(catching.body[-1], ast.Raise)
