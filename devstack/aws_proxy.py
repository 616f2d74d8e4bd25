"""A proxy in front of the local AWS, in which an AWS region is away, or its copies of tenants lag."""

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from werkzeug import Request, Response
from werkzeug.serving import make_server

from devstack.aws import LocalAws
from devstack.snapshot import Snapshot

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/")
"""Where a request says its region and service (AWS docs, "Elements of an AWS API request signature")."""
_OF_ONE_CONNECTION = {"connection", "content-length", "transfer-encoding", "content-encoding"}
_SILENT_SECONDS = 30


class AwsProxy:
    """Passes on every request, unless a block says otherwise for its region.

    Args:
        aws_endpoint: the local AWS.

    Attributes:
        url: where it listens, on loopback.
    """

    def __init__(self, aws_endpoint: str) -> None:
        self.url = ""
        self._endpoint = aws_endpoint
        self._aws = httpx.Client(trust_env=False, timeout=_SILENT_SECONDS)
        self._away: set[str] = set()
        self._silent: dict[str, threading.Event] = {}
        self._copies: dict[tuple[str, str], Snapshot] = {}

    @contextmanager
    def without(self, region: str) -> Iterator[None]:
        """A region that is away: each connection for it ends without an answer."""
        self._away.add(region)
        try:
            yield
        finally:
            self._away.remove(region)

    @contextmanager
    def silent(self, region: str) -> Iterator[None]:
        """A region that takes requests and answers none, so that callers wait until their time is over."""
        over = self._silent[region] = threading.Event()
        try:
            yield
        finally:
            del self._silent[region]
            over.set()

    @contextmanager
    def lagging(self, region: str, *services: str) -> Iterator[None]:
        """A region that does not get what is written of tenants elsewhere, until the block ends.

        Args:
            region: the region.
            services: what lags, `dynamodb` or `secretsmanager`; both when none is named.
        """
        snapshot = Snapshot.take(LocalAws(self._endpoint), region)
        copies = {(region, service): snapshot for service in services or ("dynamodb", "secretsmanager")}
        self._copies |= copies
        try:
            yield
        finally:
            for copy in copies:
                del self._copies[copy]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens until the block ends."""
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        server = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        with self._aws:
            try:
                yield
            finally:
                server.shutdown()
                serving.join()
                server.server_close()

    def _answer(self, request: Request) -> Response:
        body = request.get_data()
        scope = _SCOPE.search(request.headers.get("Authorization", ""))
        region, service = scope.groups() if scope else ("", "")
        if over := self._silent.get(region):
            over.wait(_SILENT_SECONDS)
        if over or region in self._away:
            connection: socket.socket = request.environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            return Response()
        copies = self._copies.get((region, service))
        old = copies and copies.answer(request.headers.get("X-Amz-Target", ""), body)
        if old:
            return Response(json.dumps(old.document), old.status, content_type="application/x-amz-json-1.1")
        url = self._endpoint + request.full_path.removesuffix("?")
        answer = self._aws.request(request.method, url, headers=list(request.headers), content=body)
        headers = [(name, value) for name, value in answer.headers.items() if name not in _OF_ONE_CONNECTION]
        return Response(answer.content, answer.status_code, headers)
