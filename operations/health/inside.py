"""The stage as AWS knows it: the stack, its queues, what is parked, alarms, limits, and the tenants' copies."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from operations import durations
from operations.health.finding import Finding, Patient, good, warning, wrong
from operations.stage.stack import QUEUES
from shared.errors import NotFound
from shared.tenants import document as tenant_document

_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
_OLD = timedelta(minutes=10)  # all of a text's tries take four minutes
_CONSUMERS = {"forwarder": "inbound", "sender": "outbound"}
_LEFT_FOR_WEBHOOKS = 3  # Lambdas at once: authorizer, receiver, API


def stack(patient: Patient) -> Iterator[Finding]:
    """CloudFormation is done with it, and well."""
    stage = patient.operator.stage
    status = patient.operator.target.inspected.stack_status()
    if status is None:
        yield wrong("stack", f"stage {stage} is not deployed", f"make deploy STAGE={stage}")
    elif status in _COMPLETE:
        yield good("stack", status)
    elif status.endswith("_IN_PROGRESS"):
        yield warning("stack", status, "wait until the deployment is done, and call the doctor again")
    else:
        do = f"CloudFormation's events say why; then: make deploy STAGE={stage}"
        yield wrong("stack", status, do)


def copies(patient: Patient) -> Iterator[Finding]:
    """Every region can read the tenant, and all read the same."""
    tenant = patient.tenant
    if tenant is None:
        yield warning("tenant", "there is none yet", "./sms setup")
        return
    copies = patient.operator.target.inspected.copies(tenant.id)
    missing = [region for region, copy in copies.items() if copy is None]
    for region in missing:
        do = (
            f"aws secretsmanager replicate-secret-to-regions --region {tenant.primary_region} "
            f"--secret-id sms-receiver/{tenant.id} --add-replica-regions Region={region}"
        )
        yield wrong("tenant", f"region {region} has no copy of {tenant.id}", do)
    if missing:
        return
    if len(set(copies.values())) > 1:
        do = "just after a change this passes in seconds; if it stays, see the secret's replication in its console"
        yield warning("tenant", f"the copies of {tenant.id} differ between {', '.join(copies)}", do)
    else:
        yield good("tenant", f"{tenant.id} can be read, and is the same in {', '.join(copies)}")


def document(patient: Patient) -> Iterator[Finding]:
    """The tenant's document has room in its secret (AWS docs, "AWS Secrets Manager quotas")."""
    if patient.tenant is None:
        return
    size = len(tenant_document.dumps(patient.tenant).encode())
    seen = f"{size} of the {tenant_document.BYTES_MAX} bytes of a secret"
    if size > tenant_document.BYTES_MAX // 2:
        do = "revoke and delete what is not used any more, or let another tenant have some of the agents"
        yield warning("document", seen, do)
    else:
        yield good("document", seen)


def queues(patient: Patient) -> Iterator[Finding]:
    """Each queue is there, sets aside what crashes, and is not stuck."""
    inspected = patient.operator.target.inspected
    for name in QUEUES:
        url = patient.outputs.get(f"{name.capitalize()}QueueUrl", "")
        check = f"queue {name}"
        try:
            queue = inspected.queue(url)
        except NotFound:
            yield wrong(check, "does not exist", f"make deploy STAGE={patient.operator.stage}")
            continue
        oldest = (
            inspected.oldest_seconds(url, patient.operator.world.now()) or 0 if queue.waiting + queue.in_flight else 0
        )
        if not queue.redrives:
            do = f"what crashes comes again for ever; deploy again: make deploy STAGE={patient.operator.stage}"
            yield wrong(check, "has no dead-letter queue", do)
        elif oldest > _OLD.total_seconds():
            seen = f"{queue.waiting} wait, the oldest for {durations.shown(timedelta(seconds=oldest))}"
            yield wrong(
                check, seen, "see what fails: ./sms tail --since 10m --once; and whether its function is throttled"
            )
        else:
            yield good(check, f"{queue.waiting} wait, {queue.in_flight} are worked on")


def set_aside(patient: Patient) -> Iterator[Finding]:
    """Nothing crashed, and nothing is parked."""
    for name in QUEUES:
        count = patient.operator.target.crashed(name)
        if count:
            do = "find out why in the function's log, deploy the cure, then: ./sms parked redrive"
            yield wrong("crashed", f"{count} of queue {name}", do)
        else:
            yield good("crashed", f"none of queue {name}")
    if patient.tenant is None:
        return
    reasons = Counter(parked.reason for parked in patient.operator.target.parking.parked(patient.tenant.id))
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        yield warning("parked", told, "./sms parked list; what each reason means is in docs/parking.md")
    else:
        yield good("parked", "nothing")


def alarms(patient: Patient) -> Iterator[Finding]:
    """Every alarm is there, and is quiet."""
    inspected = patient.operator.target.inspected
    made = inspected.alarm_names()
    alarms = [alarm for alarm in inspected.alarms() if alarm.name in made]
    missing = sorted(made - {alarm.name for alarm in alarms})
    if missing or not made:
        do = f"deploy again: make deploy STAGE={patient.operator.stage}"
        yield wrong("alarms", f"missing: {', '.join(missing) or 'all of them'}", do)
    ringing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
    for name in ringing:
        yield wrong("alarms", f"{name} rings", "what it means and what to do is in docs/operations.md")
    if alarms and not (missing or ringing):
        yield good("alarms", f"{len(alarms)}, all quiet")


def listeners(patient: Patient) -> Iterator[Finding]:
    """Somebody hears the alarms."""
    topic = patient.outputs.get("AlarmTopicArn", "")
    count = patient.operator.target.inspected.listeners(topic) if topic else 0
    if count:
        yield good("listeners", f"{count} hear the alarms")
    else:
        do = (
            f"SMS_RECEIVER_ALARM_EMAIL=… make deploy STAGE={patient.operator.stage}, and confirm the e-mail that AWS "
            f"sends; or subscribe to the topic sms-receiver-{patient.operator.stage}-alarms"
        )
        yield warning("listeners", "nobody hears the alarms", do)


def concurrency(patient: Patient) -> Iterator[Finding]:
    """The queues have their functions, and these leave some of the account's Lambdas to the webhooks."""
    inspected = patient.operator.target.inspected
    taken = 0
    for function, queue in _CONSUMERS.items():
        consumer = inspected.trigger(function)
        if consumer is None or not consumer.enabled:
            do = f"deploy again: make deploy STAGE={patient.operator.stage}"
            yield wrong("triggers", f"nothing brings queue {queue} to the {function}", do)
        else:
            yield good("triggers", f"queue {queue} goes to the {function}")
            taken += consumer.most_at_once or 0
    limit = inspected.concurrency()
    seen = f"{limit} Lambdas at once in this region, of which the queues may take {taken}"
    do = "ask AWS for more (Service Quotas, AWS Lambda, Concurrent executions), or lower forwarderConcurrency"
    if limit - taken < _LEFT_FOR_WEBHOOKS:
        yield wrong("concurrency", f"{seen}: too few are left for webhooks", do)
    else:
        yield good("concurrency", seen)


def log_role(patient: Patient) -> Iterator[Finding]:
    """API Gateway may write access logs."""
    if patient.operator.target.inspected.log_role():
        yield good("log role", "API Gateway may write access logs")
    else:
        do = f"deploy again, without SMS_RECEIVER_GATEWAY_ACCOUNT: make deploy STAGE={patient.operator.stage}"
        yield warning("log role", "API Gateway has no role in this region, and writes no access logs", do)
