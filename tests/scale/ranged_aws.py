"""Starts the local AWS, with queries that read a range of sort keys, as DynamoDB does.

ministack evaluates the condition for every item of a partition, a tenth of a millisecond for each: a page of a list of
150,000 numbers would take longer than any client waits. It runs in .venv-local, and imports nothing of ours.
"""

import sys
from bisect import bisect_left, bisect_right
from typing import Any

from ministack.app import main
from ministack.services import dynamodb

_query = dynamodb._query  # noqa: SLF001 -- it has no other place to begin
_BEGINS_WITH = "pk = :pk AND begins_with(sk, :prefix)"


def query(data: dict[str, Any]) -> Any:  # noqa: ANN401 -- a response of ministack
    """What ministack answers when the partition has no other items than those that the query can return."""
    table = dynamodb._tables.get(data.get("TableName"))  # noqa: SLF001
    if table is None or data.get("KeyConditionExpression") != _BEGINS_WITH:
        return _query(data)
    values = data["ExpressionAttributeValues"]
    pk, prefix = values[":pk"]["S"], values[":prefix"]["S"]
    if pk not in table["items"]:
        return _query(data)
    partition = table["items"][pk]
    names = sorted(partition)
    begin = bisect_left(names, prefix)
    if after := data.get("ExclusiveStartKey"):
        begin = max(begin, bisect_right(names, after["sk"]["S"]))
    end = bisect_left(names, prefix + chr(sys.maxunicode), lo=begin)
    if limit := data.get("Limit"):
        end = min(end, begin + limit + 1)
    table["items"][pk] = {name: partition[name] for name in names[begin:end]}
    try:
        return _query(data)
    finally:
        table["items"][pk] = partition


if __name__ == "__main__":
    dynamodb._query = query  # noqa: SLF001
    main()
