"""Claims on DynamoDB, by Powertools' idempotency (Powertools for AWS Lambda docs, "Idempotency").

Two of its rules matter here. Without the Lambda context of this very invocation, a crash would leave a claim in
progress for its whole life; with it, only until the invocation's time is over. And "in progress" means: again, later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.errors import InProgress, Mismatch, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.ports import Json


class DynamoClaims:
    """Keeps `shared.ports.Claims`, all in this stage's table.

    Args:
        dynamodb: boto3's client.
        table: the table's name; its key is `id`.
        life_seconds: how long what was done is remembered.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, *, life_seconds: float) -> None:
        self._config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="payload",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=int(life_seconds),
            hash_function="sha256",
        )
        self._store = DynamoDBPersistenceLayer(table_name=table, boto3_client=dynamodb)

    def begin(self, context: LambdaContext) -> None:
        """To be called when an invocation begins: a claim that it leaves in a crash is free when its time is over."""
        self._config.register_lambda_context(context)

    def once(
        self, effect: str, key: str, action: Callable[[], Json], *, stage: str, payload: Json | None = None
    ) -> Json:
        """What `action` gave, now or the first time.

        Raises what `action` raises, InProgress, Mismatch, Unavailable.
        """
        del stage  # there is one place as yet

        def act(*, claim: Json) -> Json:  # noqa: ARG001 - Powertools reads it
            return action()

        claimed = idempotent_function(
            act,
            data_keyword_argument="claim",
            persistence_store=self._store,
            config=self._config,
            key_prefix=effect,
        )
        try:
            result: Json | None = claimed(claim={"key": key, "payload": payload})
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            message = f"another invocation is at this {effect} right now"
            raise InProgress(message) from None
        except IdempotencyValidationError:
            message = f"this {effect} was asked for before, with another content"
            raise Mismatch(message) from None
        except IdempotencyPersistenceLayerError as error:
            message = f"the claim to {effect} could not be kept"
            raise Unavailable(message) from error
        return result or {}  # Powertools gives None for a kept result that is empty
