"""Fixtures of the twin's tests."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.unit.twin.rest_client import Rest
from tests.unit.twin.webhook_receiver import RecordingReceiver, TwinOperator
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio


@pytest.fixture
def receiver() -> Iterator[RecordingReceiver]:
    receiver = RecordingReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def other_receiver() -> Iterator[RecordingReceiver]:
    receiver = RecordingReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def app() -> Flask:
    """A twin whose waits are forty times shorter than Twilio's."""
    return create_app(OfflineTwilio(time_scale=0.025))


@pytest.fixture
def operator(app: Flask) -> TwinOperator:
    return TwinOperator(app.test_client())


@pytest.fixture
def twin_url(app: Flask) -> Iterator[str]:
    """The same twin over the loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def rest(twin_url: str) -> Iterator[Rest]:
    """Twilio's own library, talking to the twin."""
    rest = Rest(twin_url)
    yield rest
    rest.close()
