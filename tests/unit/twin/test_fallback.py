"""What happens when a number's webhook fails."""

from tests.unit.twin.webhook_receiver import CHALLENGE, NUMBER, TOKEN, CannedResponse, RecordingReceiver, TwinOperator
from twin.signing import signature


def test_a_webhook_that_works_leaves_the_fallback_alone(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.set_up(receiver.url, sms_fallback_url=other_receiver.url)
    assert operator.text()["outcome"] == "delivered"
    assert other_receiver.received == []


def test_the_fallback_gets_the_same_form_and_the_error(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(500))
    primary = f"http://user:open-sesame@127.0.0.1:{receiver.port}/east?x=1#rc=0"
    fallback = f"{other_receiver.url}/west"
    operator.set_up(primary, sms_fallback_url=fallback)
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["status"]) == ("delivered", None, 200)
    [first], [second] = receiver.received, other_receiver.received
    assert second.form == [*first.form, ("ErrorCode", "11200"), ("ErrorUrl", f"{receiver.url}/east?x=1")]
    assert second.headers["x-twilio-signature"] == signature(fallback, second.form, TOKEN)
    assert [attempt["kind"] for attempt in result["attempts"]] == ["primary", "fallback"]
    assert operator.codes() == [11200]


def test_the_fallback_has_its_own_challenge_and_overrides(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(503))
    other_receiver.answers(CannedResponse(503), CannedResponse(401, CHALLENGE), CannedResponse())
    fallback = f"http://other:secret@127.0.0.1:{other_receiver.port}/west#rc=1&rp=5xx"
    operator.set_up(f"http://user:password@127.0.0.1:{receiver.port}/", sms_fallback_url=fallback)
    assert operator.text()["outcome"] == "delivered"
    assert len(receiver.received) == 1
    assert len(other_receiver.received) == 3
    assert other_receiver.received[2].headers["authorization"] == "Basic b3RoZXI6c2VjcmV0"


def test_a_get_fallback_carries_the_error_in_its_query(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(500))
    operator.set_up(receiver.url, sms_fallback_url=other_receiver.url, sms_fallback_method="get")
    assert operator.text()["outcome"] == "delivered"
    [request] = other_receiver.received
    assert request.method == "GET"
    assert "&ErrorCode=11200&ErrorUrl=" in request.target


def test_drops_the_text_when_the_fallback_fails_too(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(500))
    other_receiver.answers(CannedResponse(429))
    operator.set_up(receiver.url, sms_fallback_url=other_receiver.url)
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["status"]) == ("failed", 11217, 429)
    first, second = operator.debugger()
    assert (first["error_code"], first["url"]) == (11200, receiver.url)
    assert (second["error_code"], second["url"]) == (11217, other_receiver.url)
    assert {alert["message_sid"] for alert in (first, second)} == {result["message_sid"]}
    assert {alert["number"] for alert in (first, second)} == {NUMBER}
    assert first["message"] == "HTTP retrieval failure"


def test_drops_the_text_without_a_fallback(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(500))
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "failed"
    assert operator.codes() == [11200]


def test_an_unreadable_document_goes_to_the_fallback(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(body=b"<Response>"))
    operator.set_up(receiver.url, sms_fallback_url=other_receiver.url)
    result = operator.text()
    assert result["outcome"] == "delivered"
    assert result["attempts"][0]["error"] == "not_xml"
    assert other_receiver.received[0].value("ErrorCode") == "12100"


def test_a_number_without_a_webhook_drops_texts_silently(operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")
    operator.api.put(f"/numbers/{NUMBER}", json={"account_sid": "AC00000000000000000000000000000001"})
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["attempts"]) == ("no_webhook", None, [])
    assert operator.codes() == []
