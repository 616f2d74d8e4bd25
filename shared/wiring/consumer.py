"""What the forwarder and the sender, which consume a queue each, are both built with."""

from dataclasses import dataclass

from shared.aws.claims import DynamoClaims
from shared.aws.fifo_queue import FifoQueue
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.promises import DynamoPromises
from shared.aws.tries import DynamoTries
from shared.aws.usage import DynamoUsage
from shared.settings import AuthorizerSettings
from shared.telemetry import Measurements
from shared.wiring import aws


@dataclass(frozen=True)
class ConsumerSettings(AuthorizerSettings):
    """The settings of both."""

    inbound_queue_url: str
    outbound_queue_url: str
    claims_table: str
    state_table: str
    claim_life_seconds: float
    parked_life_seconds: float
    usage_life_days: int
    retry_delays_seconds: tuple[float, ...]
    outage_delays_seconds: tuple[float, ...]


class ConsumerAdapters:
    """The objects that both have.

    Attributes:
        inbound: the queue that the forwarder consumes.
        outbound: the queue that the sender consumes.
        claims: the claims; call `begin` in each invocation.
        opt_outs: the opt-outs that the provider does not keep.
        usage: the usage figures.
        parking: the parked messages.
        promises: the texts that are answered later.
        tries: the number of tries of each message.
        measurements: the measurements for the log lines.
    """

    def __init__(self, settings: ConsumerSettings) -> None:
        sqs, dynamodb = aws.sqs(), aws.dynamodb()
        claim_life, parked_life = settings.claim_life_seconds, settings.parked_life_seconds
        self.inbound = FifoQueue(sqs, settings.inbound_queue_url)
        self.outbound = FifoQueue(sqs, settings.outbound_queue_url)
        self.claims = DynamoClaims(dynamodb, settings.claims_table, life_seconds=claim_life)
        self.opt_outs = DynamoOptOuts(dynamodb, settings.state_table, life_seconds=claim_life)
        self.usage = DynamoUsage(
            dynamodb, settings.state_table, life_days=settings.usage_life_days, mark_life_seconds=claim_life
        )
        self.parking = DynamoParking(dynamodb, settings.state_table, life_seconds=parked_life, usage=self.usage)
        self.promises = DynamoPromises(dynamodb, settings.state_table, life_seconds=claim_life)
        self.tries = DynamoTries(dynamodb, settings.state_table)
        self.measurements = Measurements()
