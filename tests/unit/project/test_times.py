"""Production's waits, delays and lives against each other: what must outlast what, and why."""

import pytest

from operations.stage.deployed_stack import START_LIFE_SECONDS
from shared.aws.delayed_queue import DELAY_SECONDS_MAX, POSTPONE_SECONDS_MAX
from shared.errors import InProgress
from shared.forwarding.session_timeouts import WAITS_MAX
from shared.retry import CRASHES_MAX, retry_always
from shared.tenants.agent import ANSWER_WITHIN_SECONDS_MAX, SESSION_SECONDS_MAX, TIMEOUT_SECONDS_MAX
from tests.unit.docs.test_docs import SERVERLESS, template

DAY, MINUTE = 24 * 3600, 60
AWS_SECONDS = 20  # what the calls of AWS may take besides
P = SERVERLESS["params"]["default"]
QUEUES = template("infra/queues.yml")["Resources"]
REMINDED = QUEUES["ReminderQueue"]["Properties"]["MessageRetentionPeriod"]
RETENTION = QUEUES["InboundQueue"]["Properties"]["MessageRetentionPeriod"]
QUEUED = ("InboundQueue", "OutboundQueue")
WORKERS = ("forwarder", "sender")
NEW_ACCOUNT = 10  # Lambdas at once in a new account (AWS docs, "Lambda quotas")
POSTPONE_MAX = 12 * 3600  # AWS docs, SQS API, ChangeMessageVisibility
TIMEOUT_MAX = 900  # AWS docs, "Lambda quotas"


def seconds(name: str) -> float:
    return float(P[name])


def delays(name: str) -> list[float]:
    return [float(part) for part in P[name].split(",")]


def test_an_agents_two_backends_may_take_all_their_time_within_one_run_of_the_forwarder() -> None:
    assert seconds("forwarderTimeoutSeconds") >= 2 * TIMEOUT_SECONDS_MAX + AWS_SECONDS


def test_a_reply_may_be_read_looked_for_and_sent_within_one_run_of_the_sender() -> None:
    questions = 3 * 2  # reading what failed, looking, sending, each once more when the keys turn out to be old ones
    assert questions * seconds("providerTimeoutSeconds") + AWS_SECONDS <= seconds("senderTimeoutSeconds")


@pytest.mark.parametrize("worker", WORKERS)
def test_no_message_comes_again_while_somebody_may_still_be_at_it(worker: str) -> None:
    assert seconds(f"{worker}VisibilitySeconds") == seconds(f"{worker}TimeoutSeconds") + 15
    assert seconds(f"{worker}TimeoutSeconds") <= TIMEOUT_MAX


def test_a_claim_outlives_all_that_can_still_bring_its_message_back() -> None:
    waiting_then_parked = RETENTION + seconds("parkedLifeSeconds")
    assert waiting_then_parked < seconds("claimLifeSeconds")


def test_a_claim_outlives_every_wait_that_there_is() -> None:
    waits = [value for name, value in P.items() if name.endswith("Seconds") and name != "claimLifeSeconds"]
    longest = max(float(part) for value in waits for part in str(value).split(","))
    assert max(longest, SESSION_SECONDS_MAX) < seconds("claimLifeSeconds")


def test_a_reminder_can_wait_as_long_as_an_agent_may_take_and_through_an_outage() -> None:
    assert ANSWER_WITHIN_SECONDS_MAX <= DELAY_SECONDS_MAX + POSTPONE_SECONDS_MAX
    assert POSTPONE_SECONDS_MAX < POSTPONE_MAX
    assert DELAY_SECONDS_MAX + WAITS_MAX * POSTPONE_SECONDS_MAX < REMINDED
    assert WAITS_MAX < CRASHES_MAX
    assert ANSWER_WITHIN_SECONDS_MAX + DAY < REMINDED < seconds("claimLifeSeconds")


def test_what_is_parked_waits_for_people_on_holiday() -> None:
    assert seconds("parkedLifeSeconds") >= 14 * DAY


@pytest.mark.parametrize("name", ["retryDelaysSeconds", "statusRetryDelaysSeconds"])
def test_the_tries_are_over_long_before_the_queue_forgets_the_message(name: str) -> None:
    longest_run = max(seconds(f"{worker}TimeoutSeconds") for worker in WORKERS)
    assert sum(delays(name)) + (len(delays(name)) + 1) * longest_run < DAY < RETENTION
    assert delays(name) == sorted(delays(name))
    assert max(delays(name)) <= POSTPONE_MAX


@pytest.mark.parametrize("queue", QUEUED)
def test_a_message_is_parked_long_before_the_queue_sets_it_aside_as_crashed(queue: str) -> None:
    tries = len(delays("retryDelaysSeconds")) + 1
    assert QUEUES[queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"] >= 3 * tries


def outage_waits() -> list[float]:
    """How long a message waits after each receive until the queue would set it aside, in an outage from the start."""
    growing = delays("outageDelaysSeconds")
    receives = min(QUEUES[queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"] for queue in QUEUED)
    return [growing[min(number, len(growing)) - 1] for number in range(1, receives)]


def test_twelve_hours_without_a_table_to_park_in_are_waited_out() -> None:
    assert sum(outage_waits()[20:]) >= 12 * 3600, "with twenty receives to spare, for throttled and ordinary ones"


def test_an_outage_is_waited_out_with_growing_delays_and_over_minutes_after_its_end() -> None:
    growing = delays("outageDelaysSeconds")
    assert growing == sorted(growing)
    assert max(growing) <= 10 * MINUTE <= POSTPONE_MAX
    assert growing[0] <= MINUTE, "a short one is over soon"


@pytest.mark.parametrize("worker", WORKERS)
def test_what_ends_the_function_each_time_is_parked_within_the_hour_and_before_it_is_set_aside(worker: str) -> None:
    tries = len(delays("retryDelaysSeconds")) + 1
    assert 2 * tries <= CRASHES_MAX, "whatever is merely tried is parked before"
    assert CRASHES_MAX * seconds(f"{worker}VisibilitySeconds") < 60 * MINUTE
    assert len(outage_waits()) > CRASHES_MAX


@pytest.mark.parametrize("worker", WORKERS)
def test_what_is_in_progress_elsewhere_is_over_before_it_could_be_taken_for_a_crash(worker: str) -> None:
    waits = [retry_always(InProgress(), tries, delays("retryDelaysSeconds")) for tries in range(1, CRASHES_MAX)]
    assert sum(wait.after_seconds for wait in waits) > 5 * seconds(f"{worker}TimeoutSeconds")


def test_a_crashed_forwarders_claim_is_free_before_the_tries_are_used_up() -> None:
    assert sum(delays("retryDelaysSeconds")[1:]) > seconds("forwarderTimeoutSeconds")


def test_what_waits_behind_a_message_that_is_sent_again_rings_no_alarm() -> None:
    assert delays("resendDelaysSeconds") == sorted(delays("resendDelaysSeconds"))
    assert max(delays("resendDelaysSeconds")) + sum(delays("retryDelaysSeconds")) < 10 * MINUTE, "the alarm reply-late"


def test_a_status_is_tried_less_often_than_a_text() -> None:
    texts, statuses = delays("retryDelaysSeconds"), delays("statusRetryDelaysSeconds")
    assert len(statuses) < len(texts)
    assert sum(statuses) < sum(texts)


def test_texts_are_tried_as_the_documents_say() -> None:
    assert delays("retryDelaysSeconds") == [5, 20, 80, 120]
    assert seconds("failureReplySeconds") == 3600


def test_the_queues_leave_lambdas_to_the_webhooks_in_a_new_account() -> None:
    concurrency = [int(P[f"{worker}Concurrency"]) for worker in (*WORKERS, "reminder")]
    assert all(each >= 2 for each in concurrency)  # AWS takes no less (AWS docs, "Maximum concurrency")
    assert sum(concurrency) <= NEW_ACCOUNT - 3  # the authorizer, the receiver, and the API or statuses


@pytest.mark.parametrize("function", ["authorizer", "receiver", "statuses", "api"])
def test_what_the_provider_waits_for_is_over_before_it_gives_up(function: str) -> None:
    assert SERVERLESS["functions"][function]["timeout"] < 15


def test_an_operators_start_is_kept_as_long_as_a_persons() -> None:
    assert seconds("claimLifeSeconds") == START_LIFE_SECONDS
