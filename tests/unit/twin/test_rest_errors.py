"""What the REST API refuses, with Twilio's codes."""

from collections.abc import Callable

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, TOKEN, TwinOperator

OTHER_ACCOUNT = "AC00000000000000000000000000000002"
OTHER_NUMBER = "+15550003333"
KEY, SECRET = "SK00000000000000000000000000000001", "secret-of-the-key"
ACCOUNTS = "/2010-04-01/Accounts"


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")
    tokens = {"auth_token": TOKEN, "secondary_auth_token": "token-to-come", "rest_keys": {KEY: SECRET}}
    operator.api.put(f"/accounts/{ACCOUNT}", json=tokens)
    operator.api.put(f"/accounts/{OTHER_ACCOUNT}", json={"auth_token": "token-of-the-other"})
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": OTHER_ACCOUNT})


def refused(action: Callable[[], object]) -> tuple[int, int]:
    """The HTTP status and Twilio's code with which something is refused."""
    with pytest.raises(TwilioRestException) as error:
        action()
    return error.value.status, error.value.code


@pytest.mark.parametrize(
    ("user", "password"), [(ACCOUNT, TOKEN), (ACCOUNT, "token-to-come"), (KEY, SECRET)], ids=["token", "next", "key"]
)
def test_accepts_both_tokens_and_an_api_key(rest: Rest, user: str, password: str) -> None:
    assert rest.client(user, password).messages.create(from_=NUMBER, to=PERSON, body="Hello").status == "queued"


@pytest.mark.parametrize(
    ("user", "password", "account"),
    [
        (ACCOUNT, "wrong", ACCOUNT),
        (ACCOUNT, SECRET, ACCOUNT),
        (KEY, "wrong", ACCOUNT),
        (KEY, TOKEN, ACCOUNT),
        ("SK9", SECRET, ACCOUNT),
        (KEY, SECRET, OTHER_ACCOUNT),
        (ACCOUNT, TOKEN, OTHER_ACCOUNT),
        (ACCOUNT, TOKEN, "AC9"),
    ],
)
def test_accepts_no_other_credentials(
    rest: Rest, operator: TwinOperator, user: str, password: str, account: str
) -> None:
    client = rest.client(user, password, account)
    assert refused(lambda: client.messages.create(from_=NUMBER, to=PERSON, body="Hello")) == (401, 20003)
    assert refused(lambda: client.messages("SM1").fetch()) == (401, 20003)
    assert refused(lambda: client.incoming_phone_numbers("PN1").update(sms_url="https://h/")) == (401, 20003)
    assert operator.api.get("/messages").get_json() == []


def test_an_account_without_a_second_token_does_not_accept_an_empty_one(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")
    assert refused(rest.client(ACCOUNT, "").messages("SM1").fetch) == (401, 20003)


def test_an_error_has_twilios_shape(twin_url: str) -> None:
    answer = httpx.get(f"{twin_url}{ACCOUNTS}/{ACCOUNT}/Messages.json", trust_env=False)
    assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "hello"}, 21211),
        ({"to": "15550002222"}, 21211),
        ({"to": "+0"}, 21211),
        ({"to": "12345"}, 21265),
        ({"to": "whatsapp:+0"}, 21211),
        ({"to": ""}, 21604),
        ({"to": NUMBER}, 21266),
        ({"to": "whatsapp:+15550002222"}, 21910),
        ({"to": "messenger:12345"}, 21910),
        ({"from_": ""}, 21603),
        ({"from_": "+15550009999"}, 21659),
        ({"from_": OTHER_NUMBER}, 21660),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"media_url": ["ftp://h/a.png"]}, 21620),
        ({"media_url": ["https://h/a.png"] * 11}, 21623),
        ({"status_callback": "nowhere"}, 21609),
        ({"messaging_service_sid": "MG1"}, 20001),
        ({"content_sid": "HX1"}, 20001),
    ],
)
def test_refuses_what_twilio_would_not_send(
    rest: Rest, operator: TwinOperator, changes: dict[str, object], code: int
) -> None:
    assert refused(lambda: rest.send(**changes)) == (400, code)
    assert operator.api.get("/messages").get_json() == []


def test_a_body_may_have_1600_characters_of_any_kind_and_ten_files(rest: Rest) -> None:
    assert rest.send(body="\N{PILE OF POO}" * 1600, media_url=["https://h/a.png"] * 10).num_media == "10"


def test_a_message_without_a_body_needs_media(rest: Rest) -> None:
    assert rest.send(body=None, media_url=["https://h/a.png"]).sid.startswith("MM")


def test_knows_no_message_but_the_accounts_own(rest: Rest, operator: TwinOperator) -> None:
    sid = rest.send().sid
    stranger = rest.client(OTHER_ACCOUNT, "token-of-the-other", OTHER_ACCOUNT)
    assert refused(lambda: stranger.messages(sid).fetch()) == (404, 20404)
    assert refused(lambda: rest.client().messages("SM9").fetch()) == (404, 20404)
    assert until(lambda: operator.ended(sid))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{ACCOUNTS}/{ACCOUNT}/Calls.json", 404, 20404),
        ("PUT", f"{ACCOUNTS}/{ACCOUNT}/Messages.json", 405, 20004),
        ("GET", f"{ACCOUNTS}/{ACCOUNT}/IncomingPhoneNumbers/PN9.json", 404, 20404),
        ("GET", f"{ACCOUNTS}/{ACCOUNT}/Messages/SM9/Media.json", 404, 20404),
    ],
)
def test_every_error_has_twilios_shape(twin_url: str, method: str, path: str, status: int, code: int) -> None:
    answer = httpx.request(method, f"{twin_url}{path}", auth=(ACCOUNT, TOKEN), trust_env=False)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)


def test_no_response_contains_a_secret_of_the_rest_api(operator: TwinOperator, rest: Rest) -> None:
    sid = rest.send(status_callback="http://user:open-sesame@127.0.0.1:1/").sid
    until(lambda: operator.message(sid)["callbacks"])
    output = " ".join(
        operator.api.get(path).text for path in ("/messages", "/debugger", "/numbers", f"/phones/{PERSON}")
    )
    assert "user:***@127.0.0.1" in output
    for secret in (SECRET, TOKEN, "token-to-come", "open-sesame"):
        assert secret not in output
