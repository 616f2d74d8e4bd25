"""What a region has of the tenants at one moment, as the answers to the reads of the functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from devstack.aws import LocalAws
from shared.tenants import directory_items

_GET_SECRET, _GET_ITEM = "secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem"
_SECRET = ("ARN", "Name", "VersionId", "SecretString", "VersionStages")


@dataclass(frozen=True)
class AwsAnswer:
    """An answer of AWS in its JSON protocol."""

    status: int
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Snapshot:
    """The directory's items by their keys, and the tenants' secrets by their names."""

    items: Mapping[str, Mapping[str, Any]] = field(repr=False)
    secrets: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @classmethod
    def take(cls, aws: LocalAws, region: str) -> Self:
        """What the region has now."""
        pages = aws.dynamodb(region).get_paginator("scan").paginate(TableName=directory_items.TABLE)
        items = [item for page in pages for item in page["Items"]]
        secrets = aws.secrets(region)
        listed = secrets.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": ["sms-receiver/"]}])
        names = [secret["Name"] for page in listed for secret in page["SecretList"]]
        values = [secrets.get_secret_value(SecretId=name) for name in names]
        return cls(
            items={_key({name: item[name] for name in ("pk", "sk")}): item for item in items},
            secrets={value["Name"]: {name: value[name] for name in _SECRET} for value in values},  # type: ignore[literal-required]
        )

    def answer(self, operation: str, body: bytes) -> AwsAnswer | None:
        """The answer to a read; None when the request is no read of tenants.

        Args:
            operation: the header X-Amz-Target, such as `secretsmanager.GetSecretValue`.
            body: the request's JSON.
        """
        if operation not in {_GET_SECRET, _GET_ITEM}:
            return None
        request = json.loads(body)
        if operation == _GET_SECRET:
            secret = self.secrets.get(request["SecretId"])
            return AwsAnswer(200, secret) if secret else AwsAnswer(400, {"__type": "ResourceNotFoundException"})
        if request["TableName"] != directory_items.TABLE:
            return None
        item = self.items.get(_key(request["Key"]))
        return AwsAnswer(200, {"Item": item} if item else {})


def _key(attributes: Mapping[str, Any]) -> str:
    return json.dumps(attributes, sort_keys=True)
