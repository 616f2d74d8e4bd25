"""Settings: typed, checked once, all problems in one error; and tied to serverless.yml, both ways."""

from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration
from shared.settings import AuthorizerSettings, ReceiverSettings, read

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "STAGE": "east",
    "TENANT_CACHE_SECONDS": "60",
    "TENANT_REREAD_SECONDS": "0.5",
    "INBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo",
    "PUBLIC_BASE_URL": "https://sms-east.example.com",
}


def serverless() -> dict[str, Any]:
    """serverless.yml, CloudFormation's own tags read as plain values."""

    class Loader(yaml.SafeLoader):
        """Knows !Ref and the like."""

    Loader.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))
    found: dict[str, Any] = yaml.load((ROOT / "serverless.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506 - safe
    return found


def variables(kind: type[AuthorizerSettings]) -> set[str]:
    return {setting.name.upper() for setting in fields(kind)}


def test_reads_every_setting_in_its_type() -> None:
    settings = read(ReceiverSettings, ENVIRONMENT | {"PATH": "/bin"})
    assert settings == ReceiverSettings(
        stage="east",
        tenant_cache_seconds=60.0,
        tenant_reread_seconds=0.5,
        inbound_queue_url=ENVIRONMENT["INBOUND_QUEUE_URL"],
        public_base_url="https://sms-east.example.com",
    )


def test_the_authorizer_needs_less() -> None:
    needed = {name: ENVIRONMENT[name] for name in variables(AuthorizerSettings)}
    assert read(AuthorizerSettings, needed).stage == "east"


@pytest.mark.parametrize("variable", sorted(ENVIRONMENT))
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_names_the_variable_that_is_not_set(variable: str, how: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != variable}
    with pytest.raises(Configuration, match=f"^{variable} is not set$"):
        read(ReceiverSettings, environment | ({variable: ""} if how == "empty" else {}))


@pytest.mark.parametrize("text", ["-1", "soon", "nan", "inf", "-inf", "60s", "1e999", " ", "0x10"])
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(Configuration, match=r"^TENANT_CACHE_SECONDS must be a number of seconds, zero or more$"):
        read(ReceiverSettings, ENVIRONMENT | {"TENANT_CACHE_SECONDS": text})


@pytest.mark.parametrize("text", ["0", "0.25", "60", "1e3"])
def test_takes_what_is_one(text: str) -> None:
    settings = read(ReceiverSettings, ENVIRONMENT | {"TENANT_CACHE_SECONDS": text})
    assert settings.tenant_cache_seconds == float(text)


def test_all_problems_are_in_one_error() -> None:
    with pytest.raises(Configuration) as failed:
        read(ReceiverSettings, {"TENANT_CACHE_SECONDS": "soon", "TENANT_REREAD_SECONDS": "5", "STAGE": "east"})
    assert str(failed.value) == (
        "TENANT_CACHE_SECONDS must be a number of seconds, zero or more; "
        "INBOUND_QUEUE_URL is not set; PUBLIC_BASE_URL is not set"
    )


@given(st.dictionaries(st.sampled_from(sorted(ENVIRONMENT)), st.text()))
def test_either_reads_all_or_raises_configuration(environment: dict[str, str]) -> None:
    readable = all(environment.values()) and environment.keys() == ENVIRONMENT.keys()
    with suppress(Configuration):
        settings = read(ReceiverSettings, environment)
        assert readable
        assert settings.stage == environment["STAGE"]


@pytest.mark.parametrize(("function", "kind"), [("authorizer", AuthorizerSettings), ("receiver", ReceiverSettings)])
def test_serverless_yml_gives_each_function_exactly_its_settings(function: str, kind: type[AuthorizerSettings]) -> None:
    deployment = serverless()
    given_ = set(deployment["provider"]["environment"])
    given_ |= set(deployment["functions"][function].get("environment", {}))
    assert given_ == variables(kind)


def test_every_function_has_settings_here() -> None:
    assert set(serverless()["functions"]) == {"authorizer", "receiver"}


@pytest.mark.parametrize("setting", fields(ReceiverSettings), ids=lambda setting: setting.name)
def test_a_number_says_its_unit(setting: Any) -> None:  # noqa: ANN401 - dataclasses.Field of anything
    assert (setting.type is float) == setting.name.endswith("_seconds")


def test_no_setting_is_a_secret() -> None:
    for name in variables(ReceiverSettings):
        assert not any(word in name for word in ("TOKEN", "SECRET", "KEY", "PASSWORD", "SALT"))
