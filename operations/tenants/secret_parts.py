"""Changing the parts of tenants' secrets in Secrets Manager: announce, swap, confirm.

A Lambda trusts its copy of a secret only while it is the version that the tenant's record announces. So a version is
announced before it is written. Nobody takes back an announcement, for its version may be written at this very moment:
one whose version never came, because of a crash or because somebody else was faster, is replaced by that of the next
version. Until then it costs Lambdas additional reads, and nothing else.
"""

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from operations.tenants.record_items import RecordItems, no_tenant
from shared.aws.botocore_errors import code, unavailable
from shared.aws.tenant_secrets import SecretVersion, read_secret, secret_name
from shared.errors import Configuration, Conflict
from shared.tenants import secret_documents
from shared.tenants.account import AccountName
from shared.tenants.record import SecretPart, TenantRecord

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

VERSIONS_MAX = 100
"""The most versions of a secret while none of them is older than a day (AWS docs, Secrets Manager quotas)."""
_VERSIONS_MANY = 80
_DAY = timedelta(days=1)
_TRIES = 10
_PAUSE_SECONDS = 0.2


class SecretParts:
    """Reads and changes the parts of tenants' secrets. All methods raise Unavailable.

    Args:
        secrets: a client for the home region.
        records: the tenants' records.
        sleep: waits for a number of seconds.
        now: the time.
    """

    def __init__(
        self,
        secrets: "SecretsManagerClient",
        records: RecordItems,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._secrets = secrets
        self._records = records
        self._sleep = sleep
        self._now = now

    def read(self, tenant_id: str, part: SecretPart) -> SecretVersion:
        """The current version. Raises Configuration when there is none."""
        current = read_secret(self._secrets, tenant_id, part)
        if current is None:
            message = f"the {part} secret of tenant {tenant_id!r} is missing; see: sms doctor"
            raise Configuration(message)
        return current

    def change(self, tenant_id: str, part: SecretPart, text: str, *, instead_of: str) -> list[str]:
        """Replaces the version `instead_of` of a part.

        Returns what must not be overlooked. Raises Conflict when another version is current meanwhile, NotFound when
        the tenant was deleted, Configuration.
        """
        version = str(uuid.uuid4())
        if self._records.change(tenant_id, lambda record: _announced(record, part, version, text)) is None:
            raise no_tenant(tenant_id)
        self.swap(tenant_id, part, text, version, instead_of=instead_of)
        self._confirm(tenant_id, part, version, text)
        return self._warnings(tenant_id, part)

    def settle(self, tenant_id: str) -> list[str]:
        """Makes the record say what the secrets say, after an interruption: by writing a secret once more.

        Returns what must not be overlooked. Raises NotFound, Configuration.
        """
        stored = self._records.find(tenant_id)
        if stored is None or stored.record.deleted_at:
            raise no_tenant(tenant_id)
        warnings = []
        for part in SecretPart:
            current = self.read(tenant_id, part)
            names = account_names(tenant_id, current.text) if part is SecretPart.ACCOUNTS else stored.record.accounts
            if (stored.record.versions.get(part), stored.record.accounts) != (current.version, names):
                with suppress(Conflict):  # somebody else has just written it
                    warnings += self.change(tenant_id, part, current.text, instead_of=current.version)
        return warnings

    def transform(self, tenant_id: str, part: SecretPart, edit: Callable[[str], str]) -> list[str]:
        """Applies an edit to the text, again whenever somebody else changes it meanwhile. Raises as `change` does."""
        for _ in range(_TRIES):
            current = self.read(tenant_id, part)
            text = edit(current.text)
            if text == current.text:
                return []
            with suppress(Conflict):
                return self.change(tenant_id, part, text, instead_of=current.version)
            self._sleep(_PAUSE_SECONDS)
        message = f"the {part} secret of tenant {tenant_id!r} is being changed by others all the time"
        raise Conflict(message)

    def swap(self, tenant_id: str, part: SecretPart, text: str, version: str, *, instead_of: str) -> None:
        """A compare-and-swap, without the record. Raises Conflict when another version than `instead_of` is current.

        The new version first gets a label of its own, so that it does not become current at once. Then AWSCURRENT moves
        to it from the version that was read, which Secrets Manager refuses when another version is current meanwhile
        (Secrets Manager API, PutSecretValue and UpdateSecretVersionStage).
        """
        name, label = secret_name(tenant_id, part), f"proposed-{version}"
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be changed"):
            try:
                self._secrets.put_secret_value(
                    SecretId=name, ClientRequestToken=version, SecretString=text, VersionStages=[label]
                )
                self._secrets.update_secret_version_stage(
                    SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=instead_of
                )
            except ClientError as error:
                current = self._current_after(error, tenant_id, part)
                if current == version:  # the answer to the swap was lost, and boto3 tried again
                    return
                message = f"tenant {tenant_id!r} was changed by somebody else meanwhile"
                raise Conflict(message) from error
            finally:
                with suppress(ClientError, BotoCoreError):  # a label that remains does no harm
                    self._secrets.update_secret_version_stage(
                        SecretId=name, VersionStage=label, RemoveFromVersionId=version
                    )

    def _current_after(self, error: ClientError, tenant_id: str, part: SecretPart) -> str | None:
        """The current version after a swap that was refused; None when the secret was deleted. Raises other errors."""
        current = read_secret(self._secrets, tenant_id, part)
        if code(error) == "InvalidParameterException":
            return current and current.version
        if code(error) in {"InvalidRequestException", "ResourceNotFoundException"} and current is None:
            return None
        raise error

    def _confirm(self, tenant_id: str, part: SecretPart, version: str, text: str) -> None:
        """Takes accounts that there are no more out of the record, unless somebody has announced others since."""
        if part is SecretPart.ACCOUNTS:
            names = account_names(tenant_id, text)
            self._records.change(
                tenant_id,
                lambda record: replace(record, accounts=names) if record.versions.get(part) == version else record,
            )

    def _warnings(self, tenant_id: str, part: SecretPart) -> list[str]:
        """A sentence when the part has almost as many versions of the last 24 hours as it can have."""
        try:
            count = self._count_versions(secret_name(tenant_id, part), since=self._now() - _DAY)
        except (ClientError, BotoCoreError) as error:
            reason = code(error) if isinstance(error, ClientError) else type(error).__name__
            return [f"How often the {part} secret of tenant {tenant_id!r} was changed could not be read: {reason}."]
        if count < _VERSIONS_MANY:
            return []
        sentence = (
            f"The {part} secret of tenant {tenant_id!r} has {count} versions of the last 24 hours. Secrets Manager "
            f"refuses further changes at {VERSIONS_MAX}; make the rest tomorrow."
        )
        return [sentence]

    def _count_versions(self, name: str, *, since: datetime) -> int:
        """How many versions of a secret are not older than this, those without a label included."""
        count, token = 0, ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = self._secrets.list_secret_version_ids(SecretId=name, IncludeDeprecated=True, **more)  # type: ignore[arg-type] # as botocore takes it
            count += sum(version["CreatedDate"] >= since for version in answer["Versions"])
            token = answer.get("NextToken", "")
            if not token:
                return count


def account_names(tenant_id: str, text: str) -> tuple[AccountName, ...]:
    """The names of the accounts in a document. Raises Configuration."""
    return tuple(account.name for account in secret_documents.load_accounts(tenant_id, text).accounts)


def _announced(record: TenantRecord, part: SecretPart, version: str, text: str) -> TenantRecord:
    """The record before a version is written. It has the accounts of both: so no crash can leave one out."""
    new = account_names(record.id, text) if part is SecretPart.ACCOUNTS else ()
    accounts = tuple(dict.fromkeys((*record.accounts, *new)))
    return replace(record, versions={**record.versions, part: version}, accounts=accounts)
