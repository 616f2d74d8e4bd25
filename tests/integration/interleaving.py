"""Two Lambdas at one claim, one DynamoDB call at a time, in whatever order somebody chooses, with crashes between."""

import threading
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.claims import DynamoClaims
from shared.errors import InProgress
from shared.ports import Json
from tests.fakes import Crash
from tests.integration.tables import Tables

_SECONDS = 20
_CALLS = ("PutItem", "GetItem", "UpdateItem", "DeleteItem")


class Patient(LambdaContext):
    """An invocation whose time is not over before its test is."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 3_600_000


class Mistake(Exception):
    """What goes wrong within the action; elsewhere it means nothing."""


@dataclass
class Worker:
    """A Lambda that stops before and after each call to DynamoDB, and within its action, until it is told to go on.

    Attributes:
        holds: whether the claim is its own, as far as DynamoDB was heard.
        acting: whether it is within its action right now.
        log: what every worker adds to when it acts.
        results: what its claims gave it.
        completed: how often it recorded that the effect is done.
    """

    tables: Tables
    key: str
    log: list[object]
    holds: bool = False
    acting: bool = False
    busy: bool = False
    results: list[Json] = field(default_factory=list)
    in_progress: int = 0
    completed: int = 0
    _turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _fate: BaseException | None = None
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._dynamodb = self.tables.another()
        for call in _CALLS:
            self._dynamodb.meta.events.register(f"before-call.dynamodb.{call}", self._gate)
            self._dynamodb.meta.events.register(f"after-call.dynamodb.{call}", self._answered)

    def step(self, fate: BaseException | None = None) -> None:
        """Goes on to its next stop, or to its end; `fate` is what hits it first."""
        self._fate = fate
        if self._thread is None:
            self.busy = True
            self._thread = threading.Thread(target=self._invocation, daemon=True)
            self._thread.start()
        else:
            self._turn.release()
        assert self._stopped.acquire(timeout=_SECONDS)
        if not self.busy:
            self._thread.join()
            self._thread = None

    def _invocation(self) -> None:
        claims = DynamoClaims(self._dynamodb, self.tables.claims, life_seconds=3600)
        claims.begin(Patient())
        try:
            self.results.append(claims.once("ask", self.key, self._action, stage="east"))
        except InProgress:
            self.in_progress += 1
        except Mistake:
            pass
        except Crash:
            self._time_is_over()
        finally:
            self.busy = self.holds = self.acting = False
            self._stopped.release()

    def _action(self) -> Json:
        self.acting = True
        result = {"answer": len(self.log)}
        self.log.append(self)
        try:
            self._gate()
        finally:
            self.acting = False
        return result

    def _gate(self, **_: Any) -> None:  # noqa: ANN401 - whatever botocore says
        self._stopped.release()
        assert self._turn.acquire(timeout=_SECONDS)
        if self._fate and (self.acting or isinstance(self._fate, Crash)):
            raise self._fate

    def _answered(self, http_response: Any, model: Any, **_: Any) -> None:  # noqa: ANN401 - botocore's own
        if http_response.status_code == 200:
            self.holds = model.name == "PutItem" or self.holds
            self.completed += model.name == "UpdateItem"
            if model.name in {"UpdateItem", "DeleteItem"}:
                self.holds = False
        self._gate()

    def _time_is_over(self) -> None:
        """What the clock does to a crashed Lambda's claim."""
        if not self.holds:
            return
        for item in self.tables.items(self.tables.claims):
            if item["status"] == {"S": "INPROGRESS"}:
                past = {**item, "in_progress_expiration": {"N": "1"}}
                self.tables.dynamodb.put_item(TableName=self.tables.claims, Item=past)
