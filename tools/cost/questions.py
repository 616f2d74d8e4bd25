"""How long the question why nobody answered takes, and what it costs, by the number of texts a day.

Sources: CloudWatch Logs docs, "CloudWatch Logs quotas" (FilterLogEvents: five requests a second in most regions, a
megabyte each) and "Amazon CloudWatch pricing". AWS does not say how fast Logs Insights scans: see SCANNED_GB_A_SECOND.
"""

from dataclasses import dataclass

from operations.stage.log_search import WAIT_SECONDS
from operations.tracing.why import TEXTS_MAX
from tools.cost import prices
from tools.cost.model import GB, Use, line_bytes

SCANNED_GB_A_SECOND = 1.0
"""An assumption. When it is wrong, a search ends after WAIT_SECONDS with what it has found."""
_STARTED_SECONDS = 0.5
"""An assumption: to start a query, and to get its result."""
_RECORD_SECONDS, _PROVIDER_SECONDS = 0.02, 0.3
"""Assumptions: a request to DynamoDB from an operator's computer, and one to Twilio."""
_STAGES = 2
_RECORD_REQUESTS = 2  # a query and a batch
_PAGE_BYTES, _PAGES_A_SECOND = 1e6, 5


@dataclass(frozen=True)
class Question:
    """A kind of question, on a stage with so many texts a day.

    Attributes:
        texts_a_day: how many texts the stage gets.
        searches: how many searches of a day's logs it makes, one after the other, in both regions at once.
        texts: how many texts it reads the records of.
        provider_requests: how many requests it makes to Twilio.
    """

    texts_a_day: int
    searches: int
    texts: int
    provider_requests: int

    def gigabytes(self, use: Use) -> float:
        """What one search scans in each region; the other stage is taken to be as busy."""
        return self.texts_a_day * line_bytes(use) / GB

    def seconds(self, use: Use) -> float:
        """How long the answer takes."""
        search = min(WAIT_SECONDS, _STARTED_SECONDS + self.gigabytes(use) / SCANNED_GB_A_SECOND)
        records = self.texts * _STAGES * _RECORD_REQUESTS * _RECORD_SECONDS
        return self.searches * search + records + self.provider_requests * _PROVIDER_SECONDS

    def dollars(self, use: Use) -> float:
        """What it costs, almost all of it for the scanned logs."""
        return prices.SEARCHED.of(self.searches * _STAGES * self.gigabytes(use))

    def seconds_by_reading(self, use: Use) -> float:
        """How long it would take to read the same logs with FilterLogEvents."""
        return self.searches * self.gigabytes(use) * GB / _PAGE_BYTES / _PAGES_A_SECOND


def about_text(texts_a_day: int) -> Question:
    """`./sms why SM…`."""
    return Question(texts_a_day, searches=1, texts=1, provider_requests=1)


def about_person(texts_a_day: int) -> Question:
    """`./sms why NUMBER`, at most: with as many texts as it looks at, and one that did not reach us."""
    return Question(texts_a_day, searches=2, texts=TEXTS_MAX, provider_requests=3 + 2)
