"""Usage figures in the state table, exact although everything may come twice or crash.

A thing that is counted has a mark, and both are written in one transaction: the mark, which may not be there yet, and
the counter. So whoever counts may do so again and again (decision 0046). A counter is an item for each day, agent and
number; those of a tenant and a month share the partition key. When two functions count the same at the same moment,
DynamoDB cancels one of them; it then takes another one of the spare counters, and readers add them up.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Any

from shared.aws.transactions import Transactions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from shared.messages.usage import Counted

Item = dict[str, Any]

_SPARE_COUNTERS = 15
"""Of one day, agent and number. With them, as many functions as there may be count a busy number at the same time."""
_MARK = "mark"


class DynamoUsage:
    """Implements `shared.usage.Usage`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_days: how long a figure is kept.
        mark_life_seconds: how long it is kept that something was counted: as long as claims.
        clock: returns the seconds since the epoch. Expired marks are ignored, because DynamoDB deletes them late.
        sleep: waits for a number of seconds.
    """

    def __init__(  # noqa: PLR0913 - where and how long it counts
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        *,
        life_days: int,
        mark_life_seconds: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transactions = Transactions(dynamodb, sleep)
        self._table = table
        self._life_days = life_days
        self._mark_life_seconds = mark_life_seconds
        self._clock = clock

    def count(self, counted: "Counted", along: "Sequence[TransactWriteItemTypeDef]" = ()) -> bool:
        """Counts it; False, and then nothing is written, when it was counted before.

        Args:
            counted: what is counted.
            along: writes without a condition that are made in the same transaction.

        Raises Unavailable.
        """

        def writes(conflicts: int) -> "Sequence[TransactWriteItemTypeDef]":
            counter = random.randint(1, _SPARE_COUNTERS) if conflicts else 0  # noqa: S311 - nobody may guess it
            return [self._mark(counted), self._addition(counted, counter), *along]

        return not self._transactions.write_anew(writes, "the usage could not be counted")

    def _mark(self, counted: "Counted") -> "TransactWriteItemTypeDef":
        now = self._clock()
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"pk": {"S": f"counted#{counted.owner.tenant}#{counted.key}"}, "sk": {"S": _MARK}},
                "UpdateExpression": "SET #ttl = :ttl",
                "ConditionExpression": "attribute_not_exists(#ttl) OR #ttl <= :now",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": {
                    ":ttl": {"N": str(int(now + self._mark_life_seconds))},
                    ":now": {"N": str(int(now))},
                },
            }
        }

    def _addition(self, counted: "Counted", counter: int) -> "TransactWriteItemTypeDef":
        owner, figures = counted.owner, counted.figures
        places = {f":figure{number}": name for number, name in enumerate(figures)}
        end = datetime.combine(counted.day + timedelta(days=1 + self._life_days), time_of_day(), UTC)
        set_to: Item = {
            "agent_id": {"S": owner.agent_id},
            "agent": {"S": owner.agent},
            "number": {"S": owner.number},
            "day": {"S": counted.day.isoformat()},
            "ttl": {"N": str(int(end.timestamp()))},
        }
        names = {**{f"#{name}": name for name in set_to}, **{f"#{place[1:]}": name for place, name in places.items()}}
        return {
            "Update": {
                "TableName": self._table,
                "Key": {
                    "pk": {"S": partition(owner.tenant, counted.day)},
                    "sk": {"S": f"{counted.day:%d}#{owner.agent_id}#{owner.number}#{counter}"},
                },
                "UpdateExpression": (
                    f"ADD {', '.join(f'#{place[1:]} {place}' for place in places)} "
                    f"SET {', '.join(f'#{name} = :{name}' for name in set_to)}"
                ),
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {
                    **{f":{name}": value for name, value in set_to.items()},
                    **{place: {"N": str(figures[name])} for place, name in places.items()},
                },
            }
        }


def figures_of(item: Item) -> dict[str, int]:
    """The figures in a counter's item."""
    return {name: int(value["N"]) for name, value in item.items() if "N" in value and name != "ttl"}


def partition(tenant_id: str, day: date) -> str:
    """The partition key of a tenant's figures of the month of this day; their sort keys begin with the day's number."""
    return f"usage#{tenant_id}#{day:%Y-%m}"
