"""Claims in DynamoDB, by the idempotency utility of Powertools (Powertools for AWS Lambda docs, "Idempotency").

The utility needs the Lambda context of each invocation. With it, a claim that a crash leaves in progress is free when
that invocation's time is over; without it, only at the end of the claim's life. A claim in progress means: try later.
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
    """Implements `shared.ports.Claims` with the table of this stage.

    Args:
        dynamodb: boto3's client.
        table: the table's name; its key is `id`.
        life_seconds: how long a claim and its result are kept.
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
        """Must be called at the start of each invocation, so that a crash leaves no claim in progress for long."""
        self._config.register_lambda_context(context)

    def once(
        self, effect: str, key: str, action: Callable[[], Json], *, stage: str, payload: Json | None = None
    ) -> Json:
        """The result of `action`, from now or from the first time.

        Raises what `action` raises, InProgress, Mismatch, Unavailable.
        """
        del stage  # all claims are in this stage's own table so far

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
            message = f"another invocation is doing this {effect} right now"
            raise InProgress(message) from None
        except IdempotencyValidationError:
            message = f"this {effect} was requested before, with other contents"
            raise Mismatch(message) from None
        except IdempotencyPersistenceLayerError as error:
            message = f"the claim to {effect} could not be stored"
            raise Unavailable(message) from error
        return result or {}  # Powertools returns None for a stored result that is empty
