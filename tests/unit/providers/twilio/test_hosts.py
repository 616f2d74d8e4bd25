"""Twilio's regions, written out once more from its documentation."""

import pytest

from shared.errors import Configuration
from shared.providers.twilio.hosts import REGIONS, edge, stand_in
from tests.unit.docs.test_docs import SERVERLESS


def test_each_region_has_its_edge_and_the_usual_one_needs_none() -> None:
    assert {region: edge(region) for region in ("", "ie1", "au1")} == {"": None, "ie1": "dublin", "au1": "sydney"}
    assert REGIONS == ("us1", "ie1", "au1")


@pytest.mark.parametrize("region", ["us1", "xx9", "dublin", " "])
def test_an_unknown_region_is_for_an_operator_to_correct(region: str) -> None:
    with pytest.raises(Configuration, match="us1, ie1, au1"):
        edge(region)


def test_what_is_deployed_has_twilios_own_hosts() -> None:
    deployed = SERVERLESS["params"]["default"]["twilioUrl"]
    assert stand_in(deployed) is stand_in(f"{deployed}/") is None
    assert stand_in("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
