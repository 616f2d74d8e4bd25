import base64
import json
from urllib.parse import urlencode

from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.phones import Phones
from operations.stage.names import REGIONS
from shared.tenants.account import Account
from shared.tenants.tenant import SignatureMode
from tests.e2e.lines import PATH, PERSON, Line, Lines, sign


def test_a_text_reaches_the_agents_queue_through_twilios_challenge(
    line: Line, phones: Phones, arrivals: Arrivals
) -> None:
    done = phones.text(sender=PERSON, to=line.number, body="Grüße, 你好 👋")

    assert [(attempt["credentials"], attempt["status"]) for attempt in done["attempts"]] == [(False, 401), (True, 200)]
    assert done["outcome"] == "delivered"
    assert done["reply"] == []
    event = arrivals.arrived(line.stage, done["message_sid"])
    assert event
    assert event["type"] == "sms.message.received.v1"
    assert event["source"] == f"/sms-receiver/{line.stage}/twilio"
    assert event["tenant"] == line.tenant
    assert (event["data"]["from"], event["data"]["to"]) == (PERSON, line.number)
    assert event["data"]["text"] == "Grüße, 你好 👋"


def test_every_field_arrives_blank_and_unknown_ones_too(line: Line, phones: Phones, arrivals: Arrivals) -> None:
    extra = {
        "FromCity": "",
        "ToZip": "",
        "AddOns": '{"status":"successful"}',
        "NeverHeardOf": " two  words ",
        "Body": "",
    }

    done = phones.text(sender=PERSON, to=line.number, body="", fields=extra)

    event = arrivals.arrived(line.stage, done["message_sid"])
    assert event
    fields = event["data"]["fields"]
    assert {name: fields[name] for name in extra} == {name: [value] for name, value in extra.items()}
    assert fields["MessageSid"] == fields["SmsSid"] == fields["SmsMessageSid"] == [done["message_sid"]]
    assert fields["SmsStatus"] == ["received"]
    assert fields["ApiVersion"] == ["2010-04-01"]


def test_pictures_arrive_as_links(line: Line, phones: Phones, arrivals: Arrivals) -> None:
    media = [
        {"url": "https://media.example/1", "content_type": "image/jpeg"},
        {"url": "https://media.example/2", "content_type": "text/vcard"},
    ]

    done = phones.text(sender=PERSON, to=line.number, body="look", media=media)

    event = arrivals.arrived(line.stage, done["message_sid"])
    assert event
    assert event["data"]["media"] == media


def test_senders_need_not_be_phone_numbers(line: Line, phones: Phones, arrivals: Arrivals) -> None:
    for sender in (f"whatsapp:{PERSON}", f"rcs:{PERSON}", "12345", "ACME"):
        done = phones.text(sender=sender, to=line.number, body="hi")
        event = arrivals.arrived(line.stage, done["message_sid"])
        assert event
        assert event["data"]["from"] == sender


def test_a_text_to_a_number_that_no_agent_holds_is_accepted_and_parked(line: Line, lines: Lines) -> None:
    form = line.form(To="+12025550199")

    assert line.post(form).status_code == 200
    parked = lines.parked(line, form["MessageSid"])
    assert (parked.reason, parked.number) == ("no_agent", "+12025550199")


def test_the_acknowledgement_is_empty_twiml(line: Line) -> None:
    answer = line.post(line.form())

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def test_a_signature_with_the_standard_port_or_without_the_port_holds(line: Line, arrivals: Arrivals) -> None:
    host = line.base_url.split("/")[2]
    for other in (host.partition(":")[0], host.partition(":")[0] + ":443"):
        form = line.form()
        signature = sign(line.token, line.url.replace(host, other), form)
        assert line.post(form, signature=signature).status_code == 200
        assert arrivals.arrived(line.stage, form["MessageSid"])


def test_the_same_message_twice_arrives_once(line: Line, phones: Phones, arrivals: Arrivals) -> None:
    done = phones.text(sender=PERSON, to=line.number, body="once")
    again = phones.deliver_again(done["message_sid"])
    last = phones.text(sender=PERSON, to=line.number, body="last")

    assert again["status"] == 200
    assert arrivals.arrived(line.stage, last["message_sid"])
    ids = [event["id"] for event in arrivals.everything(line.stage)]
    assert ids.count(done["message_sid"]) == 1


def test_ten_texts_of_one_conversation_keep_their_order(line: Line, phones: Phones, arrivals: Arrivals) -> None:
    sent = [phones.text(sender="+12025550111", to=line.number, body=str(n))["message_sid"] for n in range(10)]

    assert arrivals.arrived(line.stage, sent[-1])
    assert [event["id"] for event in arrivals.everything(line.stage) if event["id"] in sent] == sent


def test_a_subaccounts_own_token_signs_its_texts(stage: str, lines: Lines, arrivals: Arrivals) -> None:
    line = lines.open(stage)
    sub = Account(sid="AC" + "5" * 32, provider="twilio", auth_tokens=("the-subaccounts-own",))
    lines.change(line, accounts=(*lines.tenant(line).accounts, sub))
    form = line.form(AccountSid=sub.sid)

    assert line.post(form, signature=sign("the-subaccounts-own", line.url, form)).status_code == 200
    assert arrivals.arrived(stage, form["MessageSid"])
    form = line.form(AccountSid=sub.sid)
    assert line.post(form).status_code == 403


def test_during_a_rotation_both_tokens_sign(stage: str, lines: Lines, arrivals: Arrivals) -> None:
    line = lines.open(stage)
    assert line.post(line.form()).status_code == 200
    both = Account(sid=line.account, provider="twilio", auth_tokens=(line.token, "the-secondary"))
    lines.change(line, accounts=(both,))

    for token in (line.token, "the-secondary"):
        form = line.form()
        assert line.post(form, signature=sign(token, line.url, form)).status_code == 200
        assert arrivals.arrived(stage, form["MessageSid"])


def test_observe_accepts_what_enforce_would_refuse(stage: str, lines: Lines, arrivals: Arrivals) -> None:
    line = lines.open(stage, mode=SignatureMode.OBSERVE)

    for form, signature in ((line.form(), "forged"), (line.form(), ""), (line.form(AccountSid="AC" + "0" * 32), None)):
        assert line.post(form, signature=signature).status_code == 200
        assert arrivals.arrived(stage, form["MessageSid"])
    assert line.post(line.form(), key="wrong").status_code == 401


def test_a_status_at_the_url_for_texts_is_acknowledged_and_no_backend_gets_it(
    stage: str, lines: Lines, arrivals: Arrivals
) -> None:
    line = lines.open(stage)
    status = line.form(SmsStatus="delivered", MessageStatus="delivered", Body="")

    answer = line.post(status)

    assert answer.status_code == 200
    assert answer.text.endswith("<Response/>")
    text = line.form(From=status["From"])
    assert line.post(text).status_code == 200
    assert arrivals.arrived(stage, text["MessageSid"])
    assert not arrivals.arrived(stage, status["MessageSid"], within_seconds=0)


def test_a_base64_body_is_the_same_text(line: Line, aws: LocalAws, arrivals: Arrivals) -> None:
    """The gateway of the local AWS never encodes, so the deployed function gets the event that AWS documents."""
    form = line.form(Body="hé")
    body = urlencode(form)
    basic = base64.b64encode(f"apikey:{line.key}".encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}",
        "content-type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(line.token, line.url, form),
    }
    event = {
        "resource": PATH,
        "path": PATH,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "r", "stage": line.stage, "path": f"/{line.stage}{PATH}", "identity": {}},
        "body": base64.b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }

    answer = aws.lambdas(REGIONS[line.stage]).invoke(
        FunctionName=f"sms-receiver-{line.stage}-receiver", Payload=json.dumps(event)
    )

    assert json.loads(answer["Payload"].read())["statusCode"] == 200
    arrived = arrivals.arrived(line.stage, form["MessageSid"])
    assert arrived
    assert arrived["data"]["text"] == "hé"
