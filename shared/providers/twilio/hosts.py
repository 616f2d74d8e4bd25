"""Which hosts Twilio's APIs have for an account.

Sources: Twilio docs, "Using the Twilio REST API in a non-US Region" (`{product}.{edge}.{region}.twilio.com`; without
these two it is the region us1), and "Manage Regional API Credentials": auth tokens and API keys are of one region.
"""

from shared.errors import Configuration

OWN_URL = "https://api.twilio.com"
"""The setting that means Twilio's own hosts, of which each region has some. Any other URL stands in for all of them."""

USUAL_REGION = "us1"
"""The region of an account that names none."""

EDGES = {"ie1": "dublin", "au1": "sydney"}
"""The edge location in each other region."""

REGIONS = (USUAL_REGION, *EDGES)
"""All regions that an account may be in."""


def stand_in(twilio_url: str) -> str | None:
    """The URL that stands in for Twilio's hosts; None for Twilio's own."""
    return None if twilio_url.rstrip("/") == OWN_URL else twilio_url


def edge(region: str) -> str | None:
    """The edge location of an account's region; None for the usual one. Raises Configuration for an unknown region."""
    if not region:
        return None
    if region not in EDGES:
        message = f"this deployment knows no region {region!r} of Twilio's; it knows {', '.join(REGIONS)}"
        raise Configuration(message)
    return EDGES[region]
