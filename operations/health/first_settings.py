"""Checks of what a deployment set: the gateway, the queues' mappings, the directory's protection, saved queries."""

from collections.abc import Iterator

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.stage.deployed_settings import GatewaySettings
from operations.stage.names import CONSUMERS, access_log_group

_COMPLETE = "Complete"
_ENABLED = {"Enabled", "Enabling", "Updating"}


def gateway(checked: CheckedStage) -> Iterator[Finding]:
    """API Gateway limits and traces requests, and logs of each the outcome alone."""
    stage = checked.operator.stage
    settings = checked.operator.target.settings.gateway(checked.outputs.get("RestApiId", ""))
    again = f"deploy again from a clean checkout, and run this again: make deploy STAGE={stage}"
    if settings.data_trace:
        seen = "dataTraceEnabled is true: whoever sets a log level also logs whole requests, with keys, numbers, texts"
        yield wrong("gateway", seen, f"let no text come before it is false: {again}")
    missing = list(_missing(settings, access_log_group(stage)))
    if missing:
        yield wrong("gateway", ", ".join(missing), again)
    if not missing and not settings.data_trace:
        limits = f"{settings.rate:g} requests a second, {settings.burst} at once"
        yield good("gateway", f"dataTraceEnabled is false; traced, with metrics and an access log; {limits}")


def mappings(checked: CheckedStage) -> Iterator[Finding]:
    """Messages come to a function one at a time, and it reports those that must come again."""
    for function, queue in CONSUMERS.items():
        triggers = checked.operator.target.settings.triggers(function)
        check = f"mapping {queue}"
        wanted = [
            trigger
            for trigger in triggers
            if trigger.state in _ENABLED and trigger.batch_size == 1 and trigger.reports_failures
        ]
        limits = [trigger.most_at_once for trigger in triggers if trigger.most_at_once]
        if not triggers or len(wanted) < len(triggers) or not limits:
            seen = "; ".join(str(trigger) for trigger in triggers) or "there is none"
            must = "they must be enabled, of batch size 1, with ReportBatchItemFailures and a maximum"
            do = f"{must}; deploy again: make deploy STAGE={checked.operator.stage}"
            yield wrong(check, seen, do)
        else:
            yield good(check, f"Enabled, batches of 1, ReportBatchItemFailures, at most {max(limits)} at once")


def directory_protection(checked: CheckedStage) -> Iterator[Finding]:
    """In each region the directory can neither be deleted by mistake nor lost beyond its backups."""
    target = checked.operator.target
    for region in target.inspected.regions:
        protection = target.settings.protection(region)
        lacking = [
            name
            for name, is_there in {
                "deletion protection": protection.from_deletion,
                "point-in-time recovery": protection.restorable,
            }.items()
            if not is_there
        ]
        if lacking:
            do = "docs/deploying.md#the-directory-exists-already has the commands that give it both"
            yield wrong("directory protection", f"{region} lacks {' and '.join(lacking)}", do)
        else:
            yield good("directory protection", f"{region}: protected from deletion, restorable to any second")


def saved_queries(checked: CheckedStage) -> Iterator[Finding]:
    """Each saved query can be run."""
    operator = checked.operator
    queries = operator.target.settings.saved_queries()
    failed = {}
    for query in queries:
        status = operator.target.settings.run_query(query, operator.world.now(), sleep=operator.world.sleep)
        if status != _COMPLETE:
            failed[query.name] = status
    for name, status in failed.items():
        yield wrong("saved queries", f"{name!r} ended with {status}", "run it in Logs Insights, which names the fault")
    if not queries:
        yield warning("saved queries", "there are none", f"deploy again: make deploy STAGE={operator.stage}")
    elif not failed:
        yield good("saved queries", f"all {len(queries)} run")


def _missing(settings: GatewaySettings, access_log: str) -> Iterator[str]:
    if settings.log_level != "OFF":
        yield f"the log level is {settings.log_level}, not OFF"
    if settings.rate is None or settings.burst is None:
        yield "the stage has no throttle of its own"
    if not settings.tracing:
        yield "tracing is off"
    if not settings.metrics:
        yield "metrics are off"
    if settings.access_log != access_log:
        yield "there is no access log of this stage"
