"""The debugger as Twilio's own library lists it."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException

from tests.unit.twin.rest_client import Rest
from tests.unit.twin.webhook_receiver import ACCOUNT, TOKEN, TwinOperator

NOWHERE = "http://apikey:secret@127.0.0.1:1/sms"
OTHER, OTHER_TOKEN = "AC" + "9" * 32, "9" * 32


def test_a_webhook_that_failed_is_listed_with_its_text_and_without_the_password(
    rest: Rest, operator: TwinOperator
) -> None:
    operator.set_up(NOWHERE)
    failed = operator.text()
    [alert] = rest.client().monitor.v1.alerts.list()
    assert (alert.resource_sid, alert.error_code, alert.account_sid) == (
        failed["message_sid"],
        str(failed["error_code"]),
        ACCOUNT,
    )
    assert (alert.request_url, alert.request_method) == ("http://127.0.0.1:1/sms", "POST")
    assert alert.sid.startswith("NO")
    assert "secret" not in str(vars(alert))


def test_the_newest_alert_is_the_first_and_all_pages_are_listed(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    sids = [operator.text()["message_sid"] for _ in range(3)]
    listed = rest.client().monitor.v1.alerts.list(page_size=2)
    assert [alert.resource_sid for alert in listed] == sids[::-1]


def test_lists_only_the_alerts_of_a_time(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    operator.text()
    alerts, now = rest.client().monitor.v1.alerts, datetime.now(UTC)
    assert len(alerts.list(start_date=now - timedelta(minutes=1), end_date=now + timedelta(minutes=1))) == 1
    assert alerts.list(start_date=now + timedelta(minutes=1)) == []
    assert alerts.list(end_date=now - timedelta(minutes=1)) == []


def test_a_level_that_nothing_has_is_an_empty_list(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    operator.text()
    assert rest.client().monitor.v1.alerts.list(log_level="warning") == []
    assert len(rest.client().monitor.v1.alerts.list(log_level="error")) == 1


def test_an_account_sees_its_own_alerts_only(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    operator.text()
    assert operator.api.put(f"/accounts/{OTHER}", json={"auth_token": OTHER_TOKEN}).status_code == 200
    assert rest.client(OTHER, OTHER_TOKEN, OTHER).monitor.v1.alerts.list() == []


@pytest.mark.parametrize(("user", "password"), [(ACCOUNT, "wrong"), (OTHER, TOKEN), ("", "")])
def test_nobody_else_may_list_them(user: str, password: str, rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    client = rest.client(user or "nobody", password or "nothing", ACCOUNT)
    with pytest.raises(TwilioException, match="HTTP 401"):
        client.monitor.v1.alerts.list()


def test_a_date_that_is_none_is_refused(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up(NOWHERE)
    with pytest.raises(TwilioException, match="HTTP 400"):
        rest.client().monitor.v1.alerts.list(start_date="yesterday")
