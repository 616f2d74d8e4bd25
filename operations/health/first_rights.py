"""Checks of rights, as AWS itself decides them (IAM API, SimulatePrincipalPolicy)."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.stage.names import FUNCTIONS
from shared.aws.tenant_secrets import secret_name
from shared.tenants import directory_items
from shared.tenants.record import SecretPart

POLICIES = ("deploy-policy.json", "operate-policy.json")
_DOCS = Path(__file__).parents[2] / "docs"

READS: Mapping[str, tuple[AbstractSet[SecretPart], AbstractSet[str]]] = {
    "authorizer": ({SecretPart.ACCESS}, {"tenant#"}),
    "receiver": ({SecretPart.ACCESS, SecretPart.ACCOUNTS}, {"tenant#"}),
    "statuses": ({SecretPart.ACCOUNTS}, {"tenant#", "number#"}),
    "api": ({SecretPart.ACCESS}, {"tenant#", "number#"}),
    "forwarder": ({SecretPart.SIGNING}, {"tenant#", "number#"}),
    "sender": ({SecretPart.ACCOUNTS}, {"tenant#", "number#"}),
}
"""The parts of tenants' secrets and the partitions of the directory that each function reads: docs/tenants.md."""
_READ_SECRET, _READ_ITEM = "secretsmanager:GetSecretValue", "dynamodb:GetItem"
_EXAMPLE = "example"  # a tenant; a policy decides alike for all
_PARTITION_KEYS = {
    "tenant#": f"tenant#{_EXAMPLE}",
    "number#": "number#+12025550100",
    "operators#": f"operators#{_EXAMPLE}",
    "tenants": "tenants",
}
"""A partition key of each kind of item in the directory."""


def functions(checked: CheckedStage) -> Iterator[Finding]:
    """Each function may read its part of the secrets and the directory, and nothing else."""
    settings, region = checked.operator.target.settings, checked.operator.target.region
    for function in FUNCTIONS:
        role = settings.role(function)
        partition, account = role.split(":")[1], role.split(":")[4]
        secrets = f"arn:{partition}:secretsmanager:{region}:{account}:secret"
        table = f"arn:{partition}:dynamodb:{region}:{account}:table/{directory_items.TABLE}"
        parts = {
            part
            for part in SecretPart
            if not settings.denied(role, [_READ_SECRET], f"{secrets}:{secret_name(_EXAMPLE, part)}-AbCdEf")
        }
        keys = {
            kind
            for kind, key in _PARTITION_KEYS.items()
            if not settings.denied(role, [_READ_ITEM], table, leading_key=key)
        }
        wanted_parts, wanted_keys = READS[function]
        seen = f"{function} may read secrets: {_listed(parts)}; items: {_listed(keys)}"
        if (parts, keys) == (wanted_parts, wanted_keys):
            yield good("rights", seen)
        else:
            do = f"it should be {_listed(wanted_parts)}; {_listed(wanted_keys)}: docs/tenants.md#who-may-read-what"
            yield wrong("rights", seen, do)


def policies(checked: CheckedStage) -> Iterator[Finding]:
    """Nothing above these credentials, such as an organisation's policy, forbids what our policies allow."""
    settings = checked.operator.target.settings
    if not _DOCS.is_dir():
        yield warning(
            "policies", "not checked, because only a clone has the policies", "use the command that is in a clone"
        )
        return
    caller = settings.caller()
    if caller is None:
        do = "run this once as a user or role: an organisation's policies are simulated for those alone"
        yield warning("policies", "not checked, because these are the account's root credentials", do)
        return
    for name in POLICIES:
        denied, count = _denied(checked, caller, json.loads((_DOCS / name).read_text(encoding="utf-8")))
        if denied:
            do = (
                "if these credentials should be able to do it, ask who runs your AWS organisation: a service control "
                "policy or a permissions boundary may forbid it to everybody"
            )
            yield warning("policies", f"{name}: AWS would deny {_listed(denied)}", do)
        else:
            yield good("policies", f"{name}: these credentials may do all {count} actions that can be simulated")


def _denied(checked: CheckedStage, caller: str, policy: Mapping[str, Any]) -> tuple[set[str], int]:
    """The actions of a policy that the caller may not do, and how many were simulated.

    Actions with a wildcard cannot be simulated, and what has a condition only with what it asks for.
    """
    target, account = checked.operator.target, caller.split(":")[4]
    denied: set[str] = set()
    count = 0
    for statement in policy["Statement"]:
        actions = [action for action in _several(statement["Action"]) if "*" not in action]
        if "Condition" in statement or not actions:
            continue
        count += len(actions)
        for resource in _several(statement["Resource"]):
            denied |= target.settings.denied(caller, actions, _concrete(resource, target.region, account))
    return denied, count


def _concrete(resource: str, region: str, account: str) -> str:
    """A resource that a pattern of a policy covers; IAM simulates no patterns."""
    parts = resource.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - the parts of an ARN; it is `*`
        return resource
    head, own = parts[:3], [region if parts[3] == "*" else parts[3], account if parts[4] == "*" else parts[4]]
    return ":".join([*head, *own, parts[5].replace("*", "x")])


def _several(value: Any) -> list[str]:  # noqa: ANN401 - of JSON
    return [value] if isinstance(value, str) else list(value)


def _listed(names: AbstractSet[str]) -> str:
    return ", ".join(sorted(names)) or "none"
