"""Faults for the local stack: an AWS service or region that is away, a crash, a function that takes no messages."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import psutil

from devstack.aws import LocalAws
from devstack.aws_proxy import AwsProxy
from operations.stage.names import FUNCTIONS, REGIONS, part_name

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Faults:
    """Faults in a stage's functions, each for the time of a block.

    Args:
        stage: the stage.
        aws: the local AWS.
    """

    def __init__(self, stage: str, aws: LocalAws) -> None:
        self._stage = stage
        self._lambdas: LambdaClient = aws.lambdas(REGIONS[stage])

    @contextmanager
    def outage(self, function: str, service: str) -> Iterator[None]:
        """Makes an AWS service (`SQS`, `SECRETS_MANAGER`, `DYNAMODB`) unreachable for a function."""
        with socket.socket() as closed:  # bound and not listening: every connection is refused
            closed.bind(("127.0.0.1", 0))
            with self._endpoints(function, {service: _url(closed)}):
                yield

    @contextmanager
    def behind(self, proxy: AwsProxy) -> Iterator[None]:
        """Lets all functions read and write tenants through a proxy. It starts them anew, so they know no tenant."""
        with ExitStack() as functions:
            for function in FUNCTIONS:
                endpoints = dict.fromkeys(("DYNAMODB", "SECRETS_MANAGER"), proxy.url)
                functions.enter_context(self._endpoints(function, endpoints))
            yield

    @contextmanager
    def crash_when_calling(self, function: str, service: str) -> Iterator[threading.Event]:
        """Kills a function's process when it first calls a service, before the answer.

        Yields an event that is set when the process was killed.
        """
        died = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as trap:

            def kill_caller() -> None:
                connection, (_, port) = trap.accept()
                with connection:
                    _process_at(port).kill()
                    died.set()

            with self._endpoints(function, {service: _url(trap)}):
                threading.Thread(target=kill_caller, daemon=True).start()
                yield died

    @contextmanager
    def stopped(self, function: str) -> Iterator[None]:
        """Stops a function from taking messages of its queue; it finishes those that it has."""
        name = part_name(self._stage, function)
        mappings = self._lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        for mapping in mappings:
            self._lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            for mapping in mappings:
                self._lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def _endpoints(self, function: str, urls: Mapping[str, str]) -> Iterator[None]:
        """Lets a function find services elsewhere; its process is a new one then, and again after the block."""
        name = part_name(self._stage, function)
        before = self._lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        changed = {f"AWS_ENDPOINT_URL_{service}": url for service, url in urls.items()}
        self._lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": {**before, **changed}})
        try:
            yield
        finally:
            self._lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _process_at(port: int) -> psutil.Process:
    """The process on this computer that has the port for its end of a connection."""
    [pid] = {
        connection.pid
        for connection in psutil.net_connections(kind="tcp")
        if connection.laddr and connection.laddr.port == port and connection.pid
    }
    return psutil.Process(pid)
