"""Settings: typed, checked once, all problems in one error; and tied to serverless.yml, both ways."""

import importlib
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration
from shared.settings import AuthorizerSettings, read
from shared.wiring.api import ApiSettings
from shared.wiring.forwarder import ForwarderSettings
from shared.wiring.receiver import ReceiverSettings
from shared.wiring.sender import SenderSettings
from shared.wiring.statuses import StatusesSettings

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "STAGE": "east",
    "HOME_REGION": "us-east-1",
    "TENANT_CACHE_SECONDS": "60",
    "TENANT_REREAD_SECONDS": "0.5",
    "METRICS_AGENTS": "none",
    "INBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo",
    "OUTBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/outbound.fifo",
    "PUBLIC_BASE_URL": "https://sms-east.example.com",
    "STATE_TABLE": "state",
    "CLAIM_LIFE_SECONDS": "2592000",
    "USAGE_LIFE_DAYS": "400",
}
FORWARDER = {
    **ENVIRONMENT,
    "CLAIMS_TABLE": "claims",
    "PARKED_LIFE_SECONDS": "1209600",
    "RETRY_DELAYS_SECONDS": "5,20,80,120",
    "STATUS_RETRY_DELAYS_SECONDS": "5, 20",
    "OUTAGE_DELAYS_SECONDS": "15,600",
    "FAILURE_REPLY_SECONDS": "3600",
    "LIMIT_TEXTS": "40",
    "LIMIT_SECONDS": "600",
    "BACKEND_ADDRESSES": "public",
    "ANSWER_MESSAGES_MAX": "10",
    "SEND_LIMIT_CREDENTIAL": "300",
    "SEND_LIMIT_TENANT": "600",
    "SEND_LIMIT_SECONDS": "60",
    "REMINDER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/reminders",
    "JOURNAL_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/journal",
}
KINDS: dict[str, type[AuthorizerSettings]] = {
    "authorizer": AuthorizerSettings,
    "receiver": ReceiverSettings,
    "statuses": StatusesSettings,
    "api": ApiSettings,
    "forwarder": ForwarderSettings,
    "sender": SenderSettings,
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
    settings = read(StatusesSettings, ENVIRONMENT | {"PATH": "/bin"})
    assert settings == StatusesSettings(
        stage="east",
        home_region="us-east-1",
        tenant_cache_seconds=60.0,
        tenant_reread_seconds=0.5,
        metrics_agents="none",
        inbound_queue_url=ENVIRONMENT["INBOUND_QUEUE_URL"],
        outbound_queue_url=ENVIRONMENT["OUTBOUND_QUEUE_URL"],
        public_base_url="https://sms-east.example.com",
        state_table="state",
        claim_life_seconds=2592000.0,
        usage_life_days=400,
    )


def test_reads_lists_and_counts_too() -> None:
    settings = read(ForwarderSettings, FORWARDER)
    assert settings.retry_delays_seconds == (5.0, 20.0, 80.0, 120.0)
    assert settings.status_retry_delays_seconds == (5.0, 20.0)
    assert settings.limit_texts == 40


def test_the_authorizer_needs_less() -> None:
    needed = {name: ENVIRONMENT[name] for name in variables(AuthorizerSettings)}
    assert read(AuthorizerSettings, needed).stage == "east"


POSTPONED = """
from __future__ import annotations

from dataclasses import dataclass

from shared.settings import AuthorizerSettings

@dataclass(frozen=True)
class PostponedSettings(AuthorizerSettings):
    retry_delays_seconds: tuple[float, ...]
    limit_texts: int
"""


def test_reads_settings_of_a_module_with_postponed_annotations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "postponed_settings.py").write_text(POSTPONED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    kind = importlib.import_module("postponed_settings").PostponedSettings
    settings = read(kind, FORWARDER)
    assert settings == kind("east", "us-east-1", 60.0, 0.5, "none", (5.0, 20.0, 80.0, 120.0), 40)


@pytest.mark.parametrize("variable", sorted(ENVIRONMENT))
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_names_the_variable_that_is_not_set(variable: str, how: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != variable}
    with pytest.raises(Configuration, match=f"^{variable} is not set$"):
        read(StatusesSettings, environment | ({variable: ""} if how == "empty" else {}))


@pytest.mark.parametrize("text", ["-1", "soon", "nan", "inf", "-inf", "60s", "1e999", " ", "0x10"])
def test_refuses_what_is_not_a_duration(text: str) -> None:
    with pytest.raises(Configuration, match=r"^TENANT_CACHE_SECONDS must be a number of seconds, zero or more$"):
        read(ReceiverSettings, ENVIRONMENT | {"TENANT_CACHE_SECONDS": text})


@pytest.mark.parametrize("text", ["0", "0.25", "60", "1e3"])
def test_accepts_durations(text: str) -> None:
    settings = read(ReceiverSettings, ENVIRONMENT | {"TENANT_CACHE_SECONDS": text})
    assert settings.tenant_cache_seconds == float(text)


@pytest.mark.parametrize("text", [",", "5,", "5,,20", "5;20", "5 20", "-5", "5,soon", "5,inf", "[5]"])
def test_refuses_what_is_not_a_list_of_durations(text: str) -> None:
    sentence = r"^RETRY_DELAYS_SECONDS must be numbers of seconds, zero or more, with commas between them$"
    with pytest.raises(Configuration, match=sentence):
        read(ForwarderSettings, FORWARDER | {"RETRY_DELAYS_SECONDS": text})


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "inf", "1e3", "0x10"])
def test_refuses_what_is_not_a_count(text: str) -> None:
    with pytest.raises(Configuration, match=r"^LIMIT_TEXTS must be a whole number, one or more$"):
        read(ForwarderSettings, FORWARDER | {"LIMIT_TEXTS": text})


def test_all_problems_are_in_one_error() -> None:
    with pytest.raises(Configuration) as failed:
        read(StatusesSettings, {"TENANT_CACHE_SECONDS": "soon", "TENANT_REREAD_SECONDS": "5", "STAGE": "east"})
    assert str(failed.value) == (
        "HOME_REGION is not set; TENANT_CACHE_SECONDS must be a number of seconds, zero or more; "
        "METRICS_AGENTS is not set; INBOUND_QUEUE_URL is not set; OUTBOUND_QUEUE_URL is not set; "
        "PUBLIC_BASE_URL is not set; STATE_TABLE is not set; CLAIM_LIFE_SECONDS is not set; "
        "USAGE_LIFE_DAYS is not set"
    )


@given(st.dictionaries(st.sampled_from(sorted(ENVIRONMENT)), st.text()))
def test_either_reads_all_or_raises_configuration(environment: dict[str, str]) -> None:
    readable = all(environment.values()) and environment.keys() == ENVIRONMENT.keys()
    with suppress(Configuration):
        settings = read(StatusesSettings, environment)
        assert readable
        assert settings.stage == environment["STAGE"]


@pytest.mark.parametrize(("function", "kind"), KINDS.items())
def test_serverless_yml_gives_each_function_exactly_its_settings(function: str, kind: type[AuthorizerSettings]) -> None:
    deployment = serverless()
    given_ = set(deployment["provider"]["environment"])
    given_ |= set(deployment["functions"][function].get("environment", {}))
    assert given_ == variables(kind)


def test_every_function_has_settings_here() -> None:
    assert set(serverless()["functions"]) == set(KINDS)


ALL = {setting.name: setting for kind in KINDS.values() for setting in fields(kind)}


@pytest.mark.parametrize("setting", ALL.values(), ids=ALL)
def test_a_duration_says_its_unit(setting: Any) -> None:  # noqa: ANN401 - dataclasses.Field of anything
    assert (setting.type in {float, tuple[float, ...]}) == setting.name.endswith("_seconds")


def test_no_setting_is_a_secret() -> None:
    for kind in KINDS.values():
        for name in variables(kind):
            assert not any(word in name for word in ("TOKEN", "SECRET", "KEY", "PASSWORD", "SALT"))
