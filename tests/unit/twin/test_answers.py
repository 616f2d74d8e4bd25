"""What a receiver's answer means."""

import pytest

from tests.unit.twin.webhook_receiver import XML, CannedResponse, RecordingReceiver, TwinOperator

DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (DECLARED + b"<Response/>", []),
        (b"<Response></Response>", []),
        (b"<Response><Message>Hi &amp; bye</Message></Response>", ["Hi & bye"]),
        (b"<Response>\n <Message> one </Message><Message><Body>two</Body></Message></Response>", ["one", "two"]),
        (b"<Response><Message>\n<Body>text</Body>\n<Media>https://x</Media></Message></Response>", ["text"]),
        ("<Response><Message>\N{SNOWMAN}</Message></Response>".encode(), ["\N{SNOWMAN}"]),
        (b"<Response><Redirect>https://x</Redirect></Response>", []),
    ],
)
def test_reads_replies_from_twiml(
    receiver: RecordingReceiver, operator: TwinOperator, body: bytes, reply: list[str]
) -> None:
    receiver.answers(CannedResponse(body=body))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["reply"], result["status"]) == ("delivered", reply, 200)


@pytest.mark.parametrize("content_type", ["text/xml", "TEXT/XML; charset=utf-8", "application/xml", "text/html"])
def test_accepts_twiml_in_every_content_type_that_twilio_accepts(
    receiver: RecordingReceiver, operator: TwinOperator, content_type: str
) -> None:
    receiver.answers(CannedResponse(headers={"Content-Type": content_type}))
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"


@pytest.mark.parametrize(("body", "reply"), [(b"Thanks", ["Thanks"]), (b"", []), (b"<Response/>", ["<Response/>"])])
def test_plain_text_is_the_reply(
    receiver: RecordingReceiver, operator: TwinOperator, body: bytes, reply: list[str]
) -> None:
    receiver.answers(CannedResponse(201, {"Content-Type": "text/plain"}, body))
    operator.set_up(receiver.url)
    assert operator.text()["reply"] == reply


def test_a_response_without_content_means_no_reply(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(204, {}, b""))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["reply"]) == ("delivered", [])


@pytest.mark.parametrize(
    ("answer", "code", "error"),
    [
        (CannedResponse(200, {}, b"<Response/>"), 12300, "invalid_content_type"),
        (CannedResponse(200, {"Content-Type": ""}, b"<Response/>"), 12300, "invalid_content_type"),
        (CannedResponse(200, {"Content-Type": "application/json"}, b"{}"), 12300, "invalid_content_type"),
        (CannedResponse(200, {"Content-Type": "text/xmlish"}, b"<Response/>"), 12300, "invalid_content_type"),
        (CannedResponse(200, XML, b""), 12100, "not_xml"),
        (CannedResponse(200, XML, b"OK"), 12100, "not_xml"),
        (CannedResponse(200, XML, b"<Response>"), 12100, "not_xml"),
        (CannedResponse(200, XML, b" " + DECLARED + b"<Response/>"), 12100, "not_xml"),
        (CannedResponse(200, XML, b"<Response/><Response/>"), 12100, "not_xml"),
        (CannedResponse(200, XML, b'<!DOCTYPE x [<!ENTITY a "b">]><Response>&a;</Response>'), 12100, "not_xml"),
        (CannedResponse(200, XML, b"<response/>"), 12102, "not_a_response"),
        (CannedResponse(200, XML, b"<html><Response/></html>"), 12102, "not_a_response"),
        (CannedResponse(200, XML, b"<Response/>" + b" " * 65536), 11750, "too_large"),
    ],
)
def test_refuses_an_answer_that_twilio_could_not_use(
    receiver: RecordingReceiver, operator: TwinOperator, answer: CannedResponse, code: int, error: str
) -> None:
    receiver.answers(answer)
    operator.set_up(f"{receiver.url}#rp=all&rc=3")
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["status"]) == ("failed", code, 200)
    assert [attempt["error"] for attempt in result["attempts"]] == [error]
    assert operator.codes() == [code]


def test_an_answer_may_have_64_kilobytes_and_no_byte_more(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    exactly = b"<Response/>" + b" " * (65536 - len(b"<Response/>"))
    receiver.answers(CannedResponse(body=exactly), CannedResponse(body=exactly + b" "))
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"
    assert operator.text()["error_code"] == 11750


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 502, 503, 599])
def test_every_other_status_is_a_failure_even_with_twiml(
    receiver: RecordingReceiver, operator: TwinOperator, status: int
) -> None:
    receiver.answers(CannedResponse(status, body=b"<Response><Message>no</Message></Response>"))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["reply"], result["error_code"]) == ("failed", [], 11200)
