"""The receiver's handler with webhooks that are no texts: Twilio's 200, an empty queue, a line that says what came."""

import json
from collections.abc import Callable

import pytest

from handlers.receiver import lambda_handler
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, TOKEN, credential, managed_tenant, status
from tests.integration.aws_stub import AwsStub
from tests.integration.events import as_described, webhook_event

WRITER, KEY = credential()
CALL = {"CallSid": "CA" + "0" * 32, "AccountSid": ACCOUNT, "From": PERSON, "To": OUR_NUMBER, "CallStatus": "ringing"}
EVENT = {"EventType": "onMessageAdded", "AccountSid": ACCOUNT, "ConversationSid": "CH0", "Body": "Hello"}


@pytest.mark.parametrize(
    ("form", "reason", "message"),
    [
        (status(), "status_webhook", "SM" + "5" * 32),
        (list(CALL.items()), "voice_webhook", None),
        (list(EVENT.items()), "not_a_message", None),
    ],
)
def test_what_is_no_text_gets_the_acknowledgement_and_a_line_of_its_own(
    form: list[tuple[str, str]], reason: str, message: str | None, aws: AwsStub, logged: Callable[[], str]
) -> None:
    aws.keep(managed_tenant(WRITER))
    answer = as_described(lambda_handler(webhook_event(KEY, form), None), "/sms.receiver/SmsRecv")
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/xml")
    assert aws.queued == []
    written = logged()
    [line] = map(json.loads, written.splitlines())
    assert (line["message"], line["reason"], line["level"], line["Misdirected"]) == ("Misdirected", reason, "WARN", 1)
    assert (line["tenant"], line["credential"], line.get("correlation_id")) == ("acme", WRITER.id, message)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage"], ["stage", "reason"]]
    for secret in (KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], "Hello"):
        assert secret not in written
