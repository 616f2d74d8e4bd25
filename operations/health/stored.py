"""Checks of what is stored of tenants: the directory in each region, the tenant's copies, and its secrets' limits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from operations.health.finding import CheckedStage, Finding, good, unchecked, warning, wrong
from operations.stage.inspection import DirectoryTable
from operations.stage.tenant_copy import TenantCopy
from shared.aws.tenant_secrets import secret_name
from shared.errors import Configuration, Unavailable
from shared.tenants.record import SecretPart
from shared.tenants.secret_documents import BYTES_MAX

VERSIONS_MAX = 100
"""How many versions of a secret may be written in a day (AWS docs, "AWS Secrets Manager quotas")."""
VERSIONS_WARNING = 80

_ACTIVE = "ACTIVE"
_PASSING = {"CREATING", "UPDATING"}
_DAY = timedelta(days=1)
_HOME = "deploy the home stage, which makes it in every stage's region (docs/deploying.md)"
_COPIED_BY_AWS = (
    "AWS copies it by itself, mostly in seconds: run the doctor again; if it stays, see its check `directory`"
)


def directory(checked: CheckedStage) -> Iterator[Finding]:
    """Each stage's region has the directory, and the home region's is replicated to the others."""
    target = checked.operator.target
    directories: dict[str, DirectoryTable | None] = {}
    unread = []
    for region in target.inspected.regions:
        try:
            directories[region] = target.inspected.directory(region)
        except Unavailable as error:
            unread.append(unchecked("directory", error))
    yield from unread
    problems = [
        problem
        for region, table in directories.items()
        for problem in _problems(region, table, directories, target.home_region)
    ]
    yield from problems
    if directories and not problems:
        yield good("directory", f"can be used in {', '.join(directories)}; it is written in {target.home_region}")


def unreadable(checked: CheckedStage, error: Unavailable | Configuration) -> Iterator[Finding]:
    """The tenant cannot be read in the home region. If the stage is in another, that one's copy is what it works with.

    Args:
        checked: the stage.
        error: why the tenant cannot be read.
    """
    target, tenant_id = checked.operator.target, checked.operator.tenant
    region, home = target.region, target.home_region
    if region == home or isinstance(error, Configuration):
        do = "no text can be accepted either: check Secrets Manager and your permissions"
        yield wrong("tenant", str(error), do)
        return
    do = f"check your permissions; if region {home} does not answer, see docs/tenants.md#two-regions for what works"
    yield wrong("tenant", f"it cannot be read in the home region {home}, nor changed: {error}", do)
    if tenant_id is None:
        yield warning("tenant", "which one is the only one is not known without the home region", "name it: --tenant")
    elif target.inspected.copy(tenant_id, region).is_complete:
        yield good("tenant", f"region {region} has all of {tenant_id}, which is what this stage goes on with")
    else:
        do = f"its texts may be refused or parked until region {home} answers"
        yield wrong("tenant", f"region {region} does not have all of {tenant_id}", do)


def copies(checked: CheckedStage) -> Iterator[Finding]:
    """Each region has the whole tenant, the same as the home region, whose directory names the secrets' versions.

    What a change that was interrupted left is settled, unless nothing may change.
    """
    if checked.tenant is None:
        yield warning("tenant", "there is none yet", "./sms setup")
        return
    target, tenant_id = checked.operator.target, checked.tenant.id
    copies = checked.copies
    missing = list(_missing(tenant_id, copies, target.home_region))
    if missing:
        yield from missing
        return
    yield _compared(tenant_id, copies, target.home_region)
    unsettled = _unsettled(copies[target.home_region])
    seen = f"a change of the {' and the '.join(unsettled)} secret was interrupted"
    if unsettled and checked.look_only:
        yield warning("tenant", f"{seen}, so the secret is read more often than it must be", "./sms doctor repairs it")
    elif unsettled:
        replace(checked.operator, tenant=tenant_id).editing().change(tenant_id, lambda tenant: tenant)
        yield good("tenant", f"{seen}; the directory names its current version again")


def secrets(checked: CheckedStage) -> Iterator[Finding]:
    """The tenant's secrets have room, and may be changed again today (AWS docs, "AWS Secrets Manager quotas")."""
    stored = checked.copies[checked.operator.target.home_region].secrets if checked.tenant else {}
    if not stored:
        return
    sizes = {part: copy.size for part, copy in stored.items()}
    counts = {part: versions_in_a_day(checked, part) for part in sizes}
    for part, size in sizes.items():
        if size > BYTES_MAX // 2:
            do = "revoke and delete what is no longer used, or make a second tenant"
            yield warning("secrets", f"{part}: {size} of the {BYTES_MAX} bytes of a secret", do)
        if counts[part] >= VERSIONS_WARNING:
            do = "at the limit AWS refuses changes until others are a day old; who makes them? ./sms audit --since 1d"
            yield warning("secrets", f"{part}: {counts[part]} of {VERSIONS_MAX} changes in a day", do)
    if max(sizes.values()) <= BYTES_MAX // 2 and max(counts.values()) < VERSIONS_WARNING:
        summary = ", ".join(f"{part} {size}" for part, size in sizes.items())
        changes = f"at most {max(counts.values())} of {VERSIONS_MAX} changes in a day"
        yield good("secrets", f"{summary} of {BYTES_MAX} bytes; {changes}")


def versions_in_a_day(checked: CheckedStage, part: SecretPart) -> int:
    """How many versions of a part of the tenant's secrets were written in the last day. Raises Unavailable."""
    if checked.tenant is None:
        return 0
    target = checked.operator.target
    since = checked.operator.world.now() - _DAY
    return target.inspected.versions_since(checked.tenant.id, part, since, region=target.home_region)


def _problems(
    region: str, table: DirectoryTable | None, directories: Mapping[str, DirectoryTable | None], home: str
) -> Iterator[Finding]:
    if table is None:
        yield wrong("directory", f"region {region} has none", _HOME)
        return
    if table.status != _ACTIVE:
        yield _not_active(f"is {table.status} in region {region}", table.status)
    if region != home:
        return
    for other in sorted(directories.keys() - {home}):
        status = table.replicas.get(other, "no replica")
        if status != _ACTIVE:
            yield _not_active(f"{other}, as region {home} knows it: {status}", status)


def _not_active(seen: str, status: str) -> Finding:
    if status in _PASSING:
        return warning("directory", seen, "wait until it is ACTIVE, and run the doctor again")
    do = "changes do not reach every stage; see the table sms-receiver-directory in DynamoDB's console, Global tables"
    return wrong("directory", seen, do)


def _missing(tenant_id: str, copies: Mapping[str, TenantCopy], home: str) -> Iterator[Finding]:
    for region, copy in copies.items():
        if copy.record is None:
            yield wrong("tenant", f"the directory in region {region} has no tenant {tenant_id}", _COPIED_BY_AWS)
        for part in [part for part in SecretPart if part not in copy.secrets]:
            secret = secret_name(tenant_id, part)
            replicate = (
                f"aws secretsmanager replicate-secret-to-regions --region {home} --secret-id {secret} "
                f"--add-replica-regions Region={region}"
            )
            restore = f"aws secretsmanager restore-secret --region {home} --secret-id {secret}"
            do = restore if region == home else replicate
            yield wrong("tenant", f"region {region} has no secret {secret}", do)


def _unsettled(copy: TenantCopy) -> list[SecretPart]:
    """The parts whose current version is not the one that the directory names."""
    announced = copy.record.versions if copy.record else {}
    return [part for part, secret in copy.secrets.items() if announced.get(part) != secret.version]


def _compared(tenant_id: str, copies: Mapping[str, TenantCopy], home: str) -> Finding:
    regions = ", ".join(copies)
    at_home = copies[home]
    different = [region for region, copy in copies.items() if copy.differs_from(at_home)]
    if different:
        do = f"right after a change that is usual. {_COPIED_BY_AWS}"
        return warning("tenant", f"{tenant_id} is not the same in {', '.join(different)} as in {home}", do)
    renamed = [region for region, copy in copies.items() if copy.secrets != at_home.secrets]
    if renamed:
        seen = f"{', '.join(renamed)} has the secrets of {tenant_id} under other version ids than {home}"
        return warning("tenant", seen, "texts are not affected, but the secrets are read in the home region: report it")
    return good("tenant", f"{tenant_id} can be read, and is the same in {regions}")
