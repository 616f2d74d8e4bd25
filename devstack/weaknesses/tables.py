"""A DynamoDB that is away, and an index that has an item later than its table; see `Weaknesses`."""

import json
import time
from http.client import OK
from typing import Any

from ministack.services import dynamodb

from devstack.weaknesses.callers import is_account
from devstack.weaknesses.switches import Switches

_handle = dynamodb.handle_request
_query = dynamodb._query  # noqa: SLF001 - ministack has no other place for it, here and below
_update = dynamodb._update_item  # noqa: SLF001


def install(switches: Switches) -> None:
    """Makes the local DynamoDB do the same. What is indexed here is written by UpdateItem alone."""
    indexed_at: dict[tuple[str, str], float] = {}

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:  # noqa: ANN401
        if "dynamodb" in switches.read().away and not is_account(headers):
            answer = {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}
            return 500, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(answer).encode()
        return await _handle(method, path, headers, body, query)

    def update(request: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack has no types
        answer = _update(request)
        if answer[0] == OK and _indexed(request["TableName"]) & set(
            request.get("ExpressionAttributeNames", {}).values()
        ):
            indexed_at.setdefault((request["TableName"], _key(request["Key"])), time.monotonic())
        return answer

    def query(request: dict[str, Any]) -> Any:  # noqa: ANN401
        answer = _query(request)
        if "IndexName" not in request or answer[0] != OK:
            return answer
        status, headers, body = answer
        document = json.loads(body)
        table = request["TableName"]
        names = _names(dynamodb._tables[table]["KeySchema"])  # noqa: SLF001
        since = time.monotonic() - switches.read().index_seconds
        document["Items"] = [
            item
            for item in document.get("Items", [])
            if indexed_at.get((table, _key({name: item[name] for name in names})), 0) <= since
        ]
        document["Count"] = len(document["Items"])
        return status, headers, json.dumps(document).encode()

    dynamodb.handle_request = handle
    dynamodb._update_item = update  # noqa: SLF001
    dynamodb._query = query  # noqa: SLF001


def _indexed(table: str) -> set[str]:
    """The attributes by which a table's indexes find items."""
    indexes = dynamodb._tables[table].get("GlobalSecondaryIndexes") or []  # noqa: SLF001
    return {name for index in indexes for name in _names(index["KeySchema"])}


def _names(key_schema: list[dict[str, str]]) -> list[str]:
    return [part["AttributeName"] for part in key_schema]


def _key(attributes: dict[str, Any]) -> str:
    return json.dumps(attributes, sort_keys=True)
