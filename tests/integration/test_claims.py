"""Claims on a real DynamoDB, and the fake of the unit tests: an effect happens once.

A crash blocks it only for the invocation's time.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.claims import DynamoClaims
from shared.errors import InProgress, Mismatch, Unavailable, UpstreamRefused
from shared.ports import Claims, Json
from shared.reasons import Reason
from tests.fakes import Crash, FakeClaims
from tests.integration.tables import Tables, client

LIFE = 30 * 24 * 3600
WAIT_SECONDS = 20


class Context:
    """The context of an invocation with this much time left, as far as claims need it."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._until - time.monotonic()) * 1000))


def context(seconds: float) -> LambdaContext:
    return cast("LambdaContext", Context(seconds))


@dataclass
class Action:
    """Counts its calls, and returns something else each time."""

    fails: list[BaseException] = field(default_factory=list)
    done: int = 0

    def __call__(self) -> Json:
        self.done += 1
        if self.fails:
            raise self.fails.pop(0)
        return {"answer": self.done, "messages": [{"text": "Grüße 🌍", "media_urls": []}], "none": None}


def claims_of(tables: Tables, *, seconds: float = 60, life_seconds: float = LIFE) -> DynamoClaims:
    """The claims of one Lambda in one invocation."""
    claims = DynamoClaims(tables.another(), tables.claims, life_seconds=life_seconds)
    claims.begin(context(seconds))
    return claims


def once(claims: Claims, act: Callable[[], Json], key: str = "acme.SM1", **more: Any) -> Json:  # noqa: ANN401
    return claims.once(more.pop("effect", "ask"), key, act, stage="east", **more)


@dataclass(frozen=True)
class Rig:
    """Claims.

    Attributes:
        claims: those of one more invocation.
        end_crashed: lets the time of the invocations that crashed be over.
    """

    claims: Callable[[], Claims]
    end_crashed: Callable[[], None]


@pytest.fixture(params=["the adapter", "the fake"])
def rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "the fake":
        fake = FakeClaims()
        return Rig(lambda: fake, fake.expire)
    tables: Tables = request.getfixturevalue("tables")

    def end_crashed() -> None:
        for item in tables.items(tables.claims):
            if item["status"] == {"S": "INPROGRESS"}:
                past = {**item, "in_progress_expiration": {"N": "1"}}
                tables.dynamodb.put_item(TableName=tables.claims, Item=past)

    return Rig(lambda: claims_of(tables), end_crashed)


@pytest.fixture
def claims(tables: Tables) -> DynamoClaims:
    return claims_of(tables)


def test_what_was_done_is_not_done_again_and_its_result_is_kept(rig: Rig) -> None:
    act = Action()
    claims = rig.claims()
    first = once(claims, act)
    assert first == {"answer": 1, "messages": [{"text": "Grüße 🌍", "media_urls": []}], "none": None}
    assert once(claims, act) == once(rig.claims(), act) == first
    assert act.done == 1


def test_a_result_is_kept_as_it_was(rig: Rig) -> None:
    once(rig.claims(), Action())["answer"] = "changed"
    once(rig.claims(), Action())["answer"] = "changed"
    assert once(rig.claims(), Action())["answer"] == 1


def test_another_key_or_another_effect_is_another_claim(rig: Rig) -> None:
    act = Action()
    once(rig.claims(), act)
    once(rig.claims(), act, "acme.SM2")
    once(rig.claims(), act, effect="send")
    once(rig.claims(), act, effect="send")
    assert act.done == 3


def test_an_empty_result_is_returned_too(rig: Rig) -> None:
    assert [once(rig.claims(), dict), once(rig.claims(), dict)] == [{}, {}]


def test_while_one_acts_the_other_gets_an_error_and_does_nothing(rig: Rig) -> None:
    begun, may_end, other = threading.Event(), threading.Event(), Action()

    def slow() -> Json:
        begun.set()
        assert may_end.wait(WAIT_SECONDS)
        return {"answer": "slow"}

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(once, rig.claims(), slow)
        assert begun.wait(WAIT_SECONDS)
        with pytest.raises(InProgress, match=r"^another invocation is doing this ask right now$"):
            once(rig.claims(), other)
        may_end.set()
        assert first.result() == {"answer": "slow"}
    assert once(rig.claims(), other) == {"answer": "slow"}
    assert other.done == 0


def test_only_one_of_many_at_once_acts(tables: Tables) -> None:
    lambdas, act = [claims_of(tables) for _ in range(6)], Action()
    start = threading.Barrier(6)

    def attempt(claims: DynamoClaims) -> Json | None:
        start.wait(WAIT_SECONDS)
        try:
            return once(claims, act)
        except InProgress:
            return None

    with ThreadPoolExecutor(6) as pool:
        results = [result for result in pool.map(attempt, lambdas) if result]
    assert act.done == 1
    assert results
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize(
    "error", [UpstreamRefused(Reason.BACKEND_REFUSED, "404"), Unavailable("503"), KeyError("a mistake of ours")]
)
def test_an_action_that_raises_releases_the_claim_at_once(rig: Rig, error: Exception) -> None:
    act = Action(fails=[error])
    with pytest.raises(type(error)) as failed:
        once(rig.claims(), act, payload={"text": "Hello."})
    assert failed.value is error
    assert once(rig.claims(), act, payload={"text": "Goodbye."})["answer"] == 2


def test_a_crash_releases_it_only_when_its_invocation_is_over(rig: Rig) -> None:
    act = Action(fails=[Crash()])
    with pytest.raises(Crash):
        once(rig.claims(), act, payload={"text": "Hello."})
    with pytest.raises(InProgress):
        once(rig.claims(), act, payload={"text": "Hello."})
    rig.end_crashed()
    assert once(rig.claims(), act, payload={"text": "Goodbye."})["answer"] == 2
    assert act.done == 2


def test_a_crash_releases_it_only_when_the_invocations_time_is_over(tables: Tables) -> None:
    act, seconds, started = Action(fails=[Crash()]), 1.5, time.monotonic()
    with pytest.raises(Crash):
        once(claims_of(tables, seconds=seconds), act)
    assert _first_result(tables, act)["answer"] == 2
    assert time.monotonic() - started >= seconds - 0.01  # its clock counts whole milliseconds


def test_without_the_invocations_context_a_crash_holds_it_for_its_whole_life(tables: Tables) -> None:
    """Why `begin` must be called (Powertools' own documentation)."""
    unaware = DynamoClaims(tables.another(), tables.claims, life_seconds=LIFE)
    with pytest.warns(UserWarning, match="Couldn't determine the remaining time left"):
        once(unaware, Action())


def test_each_invocation_counts_its_own_time(tables: Tables) -> None:
    lambda_, act = claims_of(tables, seconds=0), Action(fails=[Crash()])
    lambda_.begin(context(60))
    with pytest.raises(Crash):
        once(lambda_, act)
    with pytest.raises(InProgress):
        once(claims_of(tables), act)


def test_when_its_life_is_over_the_effect_may_happen_again(tables: Tables) -> None:
    short, act = claims_of(tables, life_seconds=1), Action()
    once(short, act)
    deadline = time.monotonic() + WAIT_SECONDS
    while once(short, act)["answer"] == 1:
        assert time.monotonic() < deadline
    assert act.done == 2


def test_the_table_tells_dynamodb_when_to_delete_it(claims: DynamoClaims, tables: Tables) -> None:
    once(claims, Action())
    (item,) = tables.items(tables.claims)
    assert item["status"] == {"S": "COMPLETED"}
    assert abs(int(item["expiration"]["N"]) - (time.time() + LIFE)) < 60


def test_the_record_names_the_effect_but_no_key(claims: DynamoClaims, tables: Tables) -> None:
    once(claims, Action(), "acme.SM1")
    (item,) = tables.items(tables.claims)
    effect, _, digest = item["id"]["S"].partition("#")
    assert effect == "ask"
    assert len(digest) == 64
    assert "SM1" not in str(item)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("other", [{"text": "Goodbye.", "to": "+12025550123"}, {}, None])
def test_other_contents_under_the_same_key_are_a_mismatch(
    rig: Rig,
    other: Json | None,
    done: bool,  # noqa: FBT001 - a case
) -> None:
    act = Action() if done else Action(fails=[Crash()])
    try:
        once(rig.claims(), act, payload={"text": "Hello.", "to": "+12025550123"})
    except Crash:
        assert not done
    with pytest.raises(Mismatch) as failed:
        once(rig.claims(), act, payload=other)
    assert str(failed.value) == "this ask was requested before, with other contents"
    assert act.done == 1


def test_the_same_contents_in_another_order_are_not_a_mismatch(rig: Rig) -> None:
    act = Action()
    once(rig.claims(), act, payload={"text": "Hello.", "to": "+12025550123"})
    once(rig.claims(), act, payload={"to": "+12025550123", "text": "Hello."})
    assert act.done == 1


@pytest.mark.parametrize("which", ["nowhere", "no table"])
def test_without_a_claim_nothing_is_done(which: str, tables: Tables) -> None:
    failing, act = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb, Action()
    claims = DynamoClaims(failing, "missing", life_seconds=LIFE)
    claims.begin(context(60))
    with pytest.raises(Unavailable, match=r"^the claim to ask could not be stored$"):
        once(claims, act)
    assert act.done == 0


def test_a_result_that_could_not_be_stored_is_unavailable_not_a_success(tables: Tables) -> None:
    dynamodb, act = tables.another(), Action()

    def fail(**_: object) -> None:
        raise ConnectionError

    dynamodb.meta.events.register("before-call.dynamodb.UpdateItem", fail)
    claims = DynamoClaims(dynamodb, tables.claims, life_seconds=LIFE)
    claims.begin(context(0.2))
    with pytest.raises(Unavailable):
        once(claims, act)
    assert _first_result(tables, act)["answer"] == 2


def _first_result(tables: Tables, act: Action) -> Json:
    """The result of the first to get the claim, after as many attempts as it takes."""
    claims, deadline = claims_of(tables), time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return once(claims, act)
        except InProgress:
            assert time.monotonic() < deadline
