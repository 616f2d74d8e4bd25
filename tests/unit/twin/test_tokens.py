"""An account's second auth token in the REST API: created, promoted, deleted."""

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.accounts.v1 import V1

from tests.unit.twin.rest_client import Rest
from tests.unit.twin.webhook_receiver import ACCOUNT, TOKEN, TwinOperator


@pytest.fixture(autouse=True)
def account(operator: TwinOperator) -> None:
    operator.api.put(f"/accounts/{ACCOUNT}", json={"auth_token": TOKEN, "rest_keys": {"SK1": "secret"}})


def tokens(rest: Rest, *credentials: str) -> V1:
    accounts: V1 = rest.client(*credentials).accounts.v1
    return accounts


def works(rest: Rest, token: str) -> bool:
    address = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    status = httpx.get(address, auth=(ACCOUNT, token), trust_env=False).status_code
    assert status in {200, 401}
    return status == 200


def refused(error: pytest.ExceptionInfo[TwilioRestException]) -> tuple[int, int]:
    return error.value.status, error.value.code


def test_a_second_token_works_beside_the_first_and_alone_once_it_is_promoted(rest: Rest) -> None:
    second = tokens(rest).secondary_auth_token().create().secondary_auth_token
    assert second != TOKEN
    assert works(rest, TOKEN)
    assert works(rest, second)
    promoted = tokens(rest, ACCOUNT, second).auth_token_promotion().update()
    assert (promoted.account_sid, promoted.auth_token) == (ACCOUNT, second)
    assert works(rest, second)
    assert not works(rest, TOKEN)


def test_a_deleted_second_token_no_longer_works(rest: Rest) -> None:
    second = tokens(rest).secondary_auth_token().create().secondary_auth_token
    assert tokens(rest).secondary_auth_token().delete()
    assert not works(rest, second)
    assert works(rest, TOKEN)


def test_there_is_one_second_token_at_a_time(rest: Rest) -> None:
    tokens(rest).secondary_auth_token().create()
    with pytest.raises(TwilioRestException) as error:
        tokens(rest).secondary_auth_token().create()
    assert refused(error) == (400, 20001)


def test_without_a_second_token_there_is_none_to_promote_or_to_delete(rest: Rest) -> None:
    with pytest.raises(TwilioRestException) as error:
        tokens(rest).auth_token_promotion().update()
    assert refused(error) == (404, 20404)
    with pytest.raises(TwilioRestException) as error:
        tokens(rest).secondary_auth_token().delete()
    assert refused(error) == (404, 20404)


@pytest.mark.parametrize("credentials", [(ACCOUNT, "wrong"), ("SK1", "secret"), ("AC2", TOKEN)])
def test_only_the_account_with_a_token_creates_one(rest: Rest, credentials: tuple[str, str]) -> None:
    with pytest.raises(TwilioRestException) as error:
        tokens(rest, *credentials).secondary_auth_token().create()
    assert refused(error) == (401, 20003)
