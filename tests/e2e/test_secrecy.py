import base64
import re

from cli.local.arrivals import Arrivals
from cli.local.aws import LocalAws
from cli.local.phones import Phones
from cli.local.state import FOLDER, REGIONS
from tests.e2e.lines import PERSON, Lines

PRIVATE = "a most private text"
PHONE_NUMBER = re.compile(r"(?<![\w.-])\+[1-9]\d{7,14}(?!\d)")


def test_no_log_of_this_whole_run_holds_a_key_a_token_a_text_or_a_number(
    lines: Lines, aws: LocalAws, phones: Phones, arrivals: Arrivals
) -> None:
    """Runs last, after every acceptance, refusal and outage of the other tests."""
    for stage in REGIONS:
        line = lines.open(stage)
        done = phones.text(sender=PERSON, to=line.number, body=PRIVATE)
        assert arrivals.arrived(stage, done["message_sid"])
        line.post(line.form(Body=PRIVATE), signature="forged")
        line.post(line.form(Body=PRIVATE), key=line.key[:-1])
        lines.secret.update({PRIVATE, base64.b64encode(f"apikey:{line.key}".encode()).decode()})

    messages = [
        event["message"]
        for region in REGIONS.values()
        for group in aws.logs(region).describe_log_groups()["logGroups"]
        for page in aws.logs(region).get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in page["events"]
    ]
    messages += (FOLDER / "twin.log").read_text().splitlines()

    assert sum('"outcome":"Accepted"' in message for message in messages) > 2
    assert sum('"outcome":"Refused"' in message for message in messages) > 2
    shown = {secret for secret in lines.secret for message in messages if secret in message}
    assert not shown
    assert not [message for message in messages if "Authorization" in message or PHONE_NUMBER.search(message)]
