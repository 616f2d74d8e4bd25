"""Fixtures of the twin's tests."""

from collections.abc import Iterator

import pytest

from tests.unit.twin.webhook_receiver import Operator, Receiver
from twin.app import create_app
from twin.state import Twilio


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def operator() -> Operator:
    """A twin whose waits are forty times shorter than Twilio's."""
    return Operator(create_app(Twilio(time_scale=0.025)).test_client())
