"""Checks of what AWS knows of the stage: stack, queues, parked events, alarms and limits."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from operations import durations
from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.stage.inspection import Listeners, method_name
from operations.stage.names import CONSUMERS, JOURNAL, QUEUES, REMINDERS, part_name
from shared.errors import NotFound

_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
_OLD = timedelta(minutes=10)  # all attempts for a text take four minutes
_LEFT_FOR_WEBHOOKS = 3  # Lambdas at once: authorizer, receiver, and the API or statuses


def stack(checked: CheckedStage) -> Iterator[Finding]:
    """The stack was deployed, completely and without errors."""
    stage = checked.operator.stage
    status = checked.operator.target.inspected.stack_status()
    if status is None:
        yield wrong("stack", f"stage {stage} is not deployed", f"make deploy STAGE={stage}")
    elif status in _COMPLETE:
        yield good("stack", status)
    elif status.endswith("_IN_PROGRESS"):
        yield warning("stack", status, "wait until the deployment is complete, and run the doctor again")
    else:
        do = f"the reason is in CloudFormation's events; then: make deploy STAGE={stage}"
        yield wrong("stack", status, do)


def queues(checked: CheckedStage) -> Iterator[Finding]:
    """Each queue exists, has a dead-letter queue, and is not stuck."""
    inspected = checked.operator.target.inspected
    for name in QUEUES:
        url = checked.outputs.get(f"{name.capitalize()}QueueUrl", "")
        check = f"queue {name}"
        try:
            queue = inspected.queue(url)
        except NotFound:
            yield wrong(check, "does not exist", f"make deploy STAGE={checked.operator.stage}")
            continue
        is_empty = not queue.waiting + queue.in_flight
        oldest = 0.0 if is_empty else inspected.oldest_seconds(url, checked.operator.world.now())
        if not queue.redrives:
            do = f"what crashes is received again for ever; deploy again: make deploy STAGE={checked.operator.stage}"
            yield wrong(check, "has no dead-letter queue", do)
        elif oldest is None:  # of a queue that nobody called for six hours (SQS guide, "Monitoring queues")
            seen = f"{queue.waiting} wait, {queue.in_flight} are being processed; for how long, CloudWatch does not say"
            yield good(check, f"{seen} yet")
        elif oldest > _OLD.total_seconds():
            seen = f"{queue.waiting} wait, the oldest for {durations.shown(timedelta(seconds=oldest))}"
            yield wrong(
                check,
                seen,
                "see what fails: ./sms tail --since 10m --once; and whether its function is throttled",
            )
        else:
            yield good(check, f"{queue.waiting} wait, {queue.in_flight} are being processed")


def set_aside(checked: CheckedStage) -> Iterator[Finding]:
    """Nothing crashed, and nothing is parked."""
    for name in QUEUES:
        count = checked.operator.target.crashed(name)
        if count:
            do = "find out why in the function's log, deploy the fix, then: ./sms parked redrive"
            yield wrong("crashed", f"{count} of queue {name}", do)
        else:
            yield good("crashed", f"none of queue {name}")
    if checked.tenant is None:
        return
    reasons = Counter(parked.reason for parked in checked.operator.target.parking.parked(checked.tenant.id))
    if reasons:
        summary = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        yield warning("parked", summary, "./sms parked list; docs/parking.md says what each reason means")
    else:
        yield good("parked", "nothing")


def alarms(checked: CheckedStage) -> Iterator[Finding]:
    """Every alarm exists, and none rings."""
    inspected = checked.operator.target.inspected
    expected = inspected.alarm_names()
    alarms = [alarm for alarm in inspected.alarms() if alarm.name in expected]
    missing = sorted(expected - {alarm.name for alarm in alarms})
    if missing or not expected:
        do = f"deploy again: make deploy STAGE={checked.operator.stage}"
        yield wrong("alarms", f"missing: {', '.join(missing) or 'all of them'}", do)
    ringing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
    for name in ringing:
        yield wrong("alarms", f"{name} rings", "docs/operations.md says what it means and what to do")
    if alarms and not (missing or ringing):
        yield good("alarms", f"{len(alarms)}, all quiet")


def listeners(checked: CheckedStage) -> Iterator[Finding]:
    """Somebody is subscribed to the alarms."""
    topic = checked.outputs.get("AlarmTopicArn", "")
    listeners = checked.operator.target.inspected.listeners(topic) if topic else Listeners(0, 0)
    if listeners.pending:
        do = f"open the e-mail that AWS sent, and confirm; or deploy again: make deploy STAGE={checked.operator.stage}"
        yield warning("listeners", f"{listeners.pending} did not confirm the subscription yet, and hear nothing", do)
    if listeners.confirmed:
        yield good("listeners", f"{listeners.confirmed} hear the alarms")
    elif not listeners.pending:
        do = (
            f"SMS_RECEIVER_ALARM_EMAIL=… make deploy STAGE={checked.operator.stage}, and confirm the e-mail that AWS "
            f"sends; or subscribe to the topic {part_name(checked.operator.stage, 'alarms')}"
        )
        yield warning("listeners", "nobody hears the alarms", do)


def concurrency(checked: CheckedStage) -> Iterator[Finding]:
    """Each queue triggers its function, and the functions leave some of the account's concurrency to the webhooks."""
    inspected = checked.operator.target.inspected
    reserved = 0
    lists_journals = checked.outputs.get("JournalTargets", "none") != "none"
    has_journals = checked.tenant is not None and any(agent.journal for agent in checked.tenant.agents)
    further = [REMINDERS, JOURNAL] if lists_journals or has_journals else [REMINDERS]
    for function, queue in (*CONSUMERS.items(), *(("forwarder", queue) for queue in further)):
        consumer = inspected.trigger(function, queue)
        if consumer is None or not consumer.enabled:
            do = f"deploy again: make deploy STAGE={checked.operator.stage}"
            if queue == JOURNAL and not lists_journals:
                do = f"entries are lost after 14 days; list their targets (SMS_RECEIVER_JOURNAL_TARGETS), and {do}"
            yield wrong("triggers", f"nothing brings queue {queue} to the {function}", do)
        else:
            yield good("triggers", f"queue {queue} goes to the {function}")
            reserved += consumer.most_at_once or 0
    limit = inspected.concurrency()
    seen = f"{limit} Lambdas at once in this region, of which the queues may take {reserved}"
    do = "ask AWS for more (Service Quotas, AWS Lambda, Concurrent executions), or lower forwarderConcurrency"
    if limit - reserved < _LEFT_FOR_WEBHOOKS:
        yield wrong("concurrency", f"{seen}: too few are left for webhooks", do)
    else:
        yield good("concurrency", seen)


def log_role(checked: CheckedStage) -> Iterator[Finding]:
    """API Gateway may write access logs."""
    if checked.operator.target.inspected.log_role():
        yield good("log role", "API Gateway may write access logs")
    else:
        do = f"deploy again, without SMS_RECEIVER_GATEWAY_ACCOUNT: make deploy STAGE={checked.operator.stage}"
        yield warning("log role", "API Gateway has no role in this region, and writes no access logs", do)


def throttles(checked: CheckedStage) -> Iterator[Finding]:
    """The gateway lets as many requests pass as the stack says, and the throttle of statuses is one of its own.

    The deployment sets the throttles after the stack, and anybody may change them in the console.
    """
    redeploy = f"deploy again: make deploy STAGE={checked.operator.stage}"
    output, rest_api_id = checked.outputs.get("Throttles"), checked.outputs.get("RestApiId")
    if not output or not rest_api_id:
        yield wrong("throttles", "this stage was deployed before the stack named its throttles", redeploy)
        return
    expected = {method_name(method): tuple(limits) for method, limits in json.loads(output).items()}
    actual = checked.operator.target.inspected.throttles(rest_api_id)
    for method, limits in expected.items():
        if actual.get(method) != limits:
            seen = f"{method}: {_limits(actual.get(method))} instead of {_limits(limits)}"
            yield wrong("throttles", seen, redeploy)
    for method in sorted(actual.keys() - expected.keys()):
        yield warning("throttles", f"{method} has settings that are not ours", "remove them in API Gateway's console")
    if actual == expected:
        yield good("throttles", "; ".join(f"{method}: {_limits(limits)}" for method, limits in expected.items()))


def _limits(limits: tuple[float, int] | None) -> str:
    return f"{limits[0]:g} a second, {limits[1]} at once" if limits else "none"
