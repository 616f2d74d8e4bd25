"""Run with botocore on its path: tells where each service is in the regions that are given as JSON."""

import json
import sys
from itertools import product

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

_SERVICES = ("dynamodb", "lexv2-runtime", "secretsmanager", "sqs")
_WAYS = {
    "usual": Config(),
    "fips": Config(use_fips_endpoint=True),
    "dualstack": Config(use_dualstack_endpoint=True),
}


def found(regions: list[str]) -> dict[str, list[str]]:
    """The endpoint with its region and partition, or the error, of each service in each region."""
    session = botocore.session.get_session()
    session.set_credentials("testing", "testing")
    places = {}
    for service, region, way in product(_SERVICES, regions, _WAYS):
        try:
            client = session.create_client(service, region, config=_WAYS[way])
        except BotoCoreError as error:
            places[f"{service} {region} {way}"] = [str(error)]
        else:
            meta = client.meta
            places[f"{service} {region} {way}"] = [meta.endpoint_url, meta.region_name, meta.partition]
    return places


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found(json.load(sys.stdin))))
