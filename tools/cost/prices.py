"""AWS's list prices in us-east-1, in dollars, without free tiers and volume discounts; each with its page."""

from dataclasses import dataclass

WRITTEN_DOWN = "2026-11-25"
MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """A price: dollars for an amount of a unit.

    Attributes:
        dollars: the price of the amount.
        amount: how many units that is.
        unit: the unit as a table shows it.
        page: the title of AWS's page with the price.
    """

    dollars: float
    amount: float
    unit: str
    page: str

    def of(self, count: float) -> float:
        """The dollars for so many units."""
        return self.dollars * count / self.amount

    def __str__(self) -> str:
        """The price as a table shows it."""
        if self.amount in {1, MILLION}:
            return f"${self.dollars:.6g} a {'million ' if self.amount == MILLION else ''}{self.unit}"
        return f"${self.dollars:.6g} for {self.amount:,.0f} {self.unit}"


_GATEWAY, _LAMBDA, _SQS = "Amazon API Gateway pricing", "AWS Lambda pricing", "Amazon SQS pricing"
_DYNAMODB, _CLOUDWATCH, _XRAY = (
    "Amazon DynamoDB pricing for on-demand capacity",
    "Amazon CloudWatch pricing",
    "AWS X-Ray pricing",
)
_SECRETS, _TRANSFER = "AWS Secrets Manager pricing", "Amazon EC2 on-demand pricing, Data transfer"

REQUESTS = Price(3.50, MILLION, "requests", _GATEWAY)
RUNS = Price(0.20, MILLION, "runs", _LAMBDA)
ARM_SECONDS = Price(13.3334, MILLION, "GB-seconds on arm64", _LAMBDA)
X86_SECONDS = Price(16.6667, MILLION, "GB-seconds on x86", _LAMBDA)
QUEUE_REQUESTS = Price(0.50, MILLION, "FIFO requests", _SQS)
WRITES = Price(0.625, MILLION, "write units", _DYNAMODB)
READS = Price(0.125, MILLION, "read units", _DYNAMODB)
ITEM_READS = Price(0.0625, MILLION, "eventually consistent reads, half a unit each", _DYNAMODB)
STORED = Price(0.25, 1, "GB and month", _DYNAMODB)
RESTORABLE = Price(0.20, 1, "GB and month", _DYNAMODB)
LOGGED = Price(0.50, 1, "GB", _CLOUDWATCH)
KEPT = Price(0.03, 1, "GB and month", _CLOUDWATCH)
SEARCHED = Price(0.005, 1, "GB searched", _CLOUDWATCH)
METRICS = Price(0.30, 1, "metric and month", _CLOUDWATCH)
ALARMS = Price(0.10, 1, "metric and month, watched", _CLOUDWATCH)
DASHBOARDS = Price(3.00, 1, "dashboard and month", _CLOUDWATCH)
TRACES = Price(5.00, MILLION, "traces", _XRAY)
SECRETS = Price(0.40, 1, "secret and month", _SECRETS)
READINGS = Price(0.05, 10_000, "readings", _SECRETS)
SENT_OUT = Price(0.09, 1, "GB", _TRANSFER)

PAGES = tuple(dict.fromkeys(price.page for price in list(vars().values()) if isinstance(price, Price)))
