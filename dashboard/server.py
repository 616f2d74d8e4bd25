"""Serving the page on this computer: Werkzeug's own server, with a thread for each request.

It is for one person on loopback, so it needs no server of its own that withstands the internet (decisions/0044).
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard.app import create_app
from dashboard.desk import Desk, memory_of
from operations.operator import Operator
from shared.errors import CommandDeclined

_ADDRESS = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: the first URL has the key, and others have numbers."""

    timeout = 60  # seconds; of a connection on which nothing comes

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        """Logs nothing."""

    def version_string(self) -> str:
        """The header `Server`, without versions."""
        return "sms"


@dataclass(frozen=True)
class ServedPage:
    """A page that is served. `url` opens it: it has the key. `address` is the same without."""

    url: str = field(repr=False)
    address: str


@contextmanager
def serving(operator: Operator, port: int) -> Iterator[ServedPage]:
    """Serves the page on 127.0.0.1 until the block ends.

    Args:
        operator: whose page it is: it begins with this stage and tenant. Receives a warning about each defect, and of
            work that still runs when the block ends, for which it waits.
        port: the port; 0 for a free one.

    Raises CommandDeclined when the port is taken.
    """
    try:
        listening = socket.create_server((_ADDRESS, port))
    except OSError as error:
        message = f"port {port} of this computer cannot be used; choose another one with --port, or leave it out"
        raise CommandDeclined(message) from error
    key, bound = token_urlsafe(32), listening.getsockname()[1]
    hosts = frozenset({f"{_ADDRESS}:{bound}", f"localhost:{bound}"})
    app = create_app(
        Desk(
            operator.world,
            operator.stage,
            local=operator.local,
            tenant=operator.tenant,
            key=key,
            hosts=hosts,
            report=operator.progress.warning,
        )
    )
    with listening:
        server = make_server(_ADDRESS, bound, app, threaded=True, request_handler=_QuietHandler, fd=listening.fileno())
    thread = Thread(target=server.serve_forever, name="page", daemon=True)
    thread.start()
    address = f"http://{_ADDRESS}:{bound}"
    try:
        yield ServedPage(f"{address}/open?key={key}", address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        memory_of(app).jobs.finish(operator.progress.warning)
