"""AWS as the Lambdas' look-ups see it, inside this process: it answers from estates, and counts what it is asked."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from shared.aws.tenant_secrets import PREFIX
from shared.tenants import directory_items as items
from shared.wiring import aws
from tests.integration import stored_tenants
from tests.scale.estate import FIRST_NUMBER, Estate

READ_SECRET, READ_ITEM = "GetSecretValue", "GetItem"


class AnsweringAws:
    """Answers the clients that the Lambdas' wiring makes from now on.

    Args:
        estates: all tenants, in the order of their places, and all of the same size.
    """

    def __init__(self, estates: list[Estate]) -> None:
        self.calls: Counter[str] = Counter()
        self._estates = {estate.tenant_id: estate for estate in estates}
        self._by_place = estates
        for event, answer in (
            (f"before-call.secrets-manager.{READ_SECRET}", self._secret),
            (f"before-call.dynamodb.{READ_ITEM}", self._item),
        ):
            aws.session().register(event, answer)  # type: ignore[arg-type] # what it returns replaces the answer

    def _secret(self, params: Mapping[str, Any], **_: object) -> tuple[AWSResponse, dict[str, object]]:
        name = json.loads(params["body"])["SecretId"]
        text = _stored(self._estates[name.removeprefix(PREFIX).partition("/")[0]])[0][name]
        return self._answer(READ_SECRET, {"SecretString": text, "VersionId": stored_tenants.version(text)})

    def _item(self, params: Mapping[str, Any], **_: object) -> tuple[AWSResponse, dict[str, object]]:
        key = json.loads(params["body"])["Key"]
        kind, _, name = key["pk"]["S"].partition("#")
        return self._answer(READ_ITEM, {"Item": self._number(name) if kind == items.NUMBER else self._of(name, key)})

    def _number(self, number: str) -> dict[str, Any]:
        size = self._by_place[0].agents * self._by_place[0].numbers
        estate = self._by_place[(int(number.removeprefix("+1")) - FIRST_NUMBER) // size]
        return {"tenant": {"S": estate.tenant_id}, "agent_id": {"S": estate.agent_of(number)}}

    def _of(self, tenant_id: str, key: dict[str, Any]) -> dict[str, Any]:
        by_key = _stored(self._estates[tenant_id])[1]
        return by_key[key["pk"]["S"], key["sk"]["S"]]

    def _answer(self, operation: str, answer: dict[str, object]) -> tuple[AWSResponse, dict[str, object]]:
        self.calls[operation] += 1
        return AWSResponse("", 200, HTTPHeaders(), None), answer


@lru_cache(maxsize=128)
def _stored(estate: Estate) -> tuple[dict[str, str], dict[tuple[str, str], dict[str, Any]]]:
    """The texts of the tenant's secrets by name, and its items by key."""
    by_key = {(item["pk"]["S"], item["sk"]["S"]): item for item in stored_tenants.directory(estate.managed, numbers={})}
    return stored_tenants.secrets(estate.managed), by_key
