"""Changing agents' signing secrets around a change of the agents: what they need before it, and the rest after it."""

from collections.abc import Callable

from operations.tenants.secret_parts import SecretParts
from shared.errors import Conflict
from shared.tenants import secret_documents
from shared.tenants.record import SecretPart
from shared.tenants.secret_documents import SigningSecrets, SigningSecretsByAgent


class SigningChanges:
    """The difference between two states of a tenant's signing secrets.

    Only the secrets of agents that differ are changed. Secrets of agents that do not exist stay: somebody may be adding
    such an agent at this moment.

    Args:
        secrets: where they are stored.
        tenant_id: the tenant.
        before: the secrets by agent before the change.
        after: the secrets by agent after it.
    """

    def __init__(
        self, secrets: SecretParts, tenant_id: str, before: SigningSecretsByAgent, after: SigningSecretsByAgent
    ) -> None:
        self._secrets = secrets
        self._tenant_id = tenant_id
        differing = [agent_id for agent_id in {**before, **after} if before.get(agent_id) != after.get(agent_id)]
        none = SigningSecrets()
        self._before = {agent_id: before.get(agent_id, none) for agent_id in differing}
        self._after = {agent_id: after.get(agent_id, none) for agent_id in differing}

    def add(self, *, instead_of: str) -> list[str]:
        """Stores secrets that are new, or changed, if this version is still current. Keeps those that are dropped.

        Returns what must not be overlooked. Raises Conflict, NotFound, Unavailable, Configuration.
        """
        first = {agent_id: _both(self._before[agent_id], after) for agent_id, after in self._after.items()}
        if first == self._before:
            return []
        current = self._secrets.read(self._tenant_id, SecretPart.SIGNING)
        if current.version != instead_of:
            message = f"tenant {self._tenant_id!r} was changed by somebody else meanwhile"
            raise Conflict(message)
        text = self._edit(lambda agent_id, _: first[agent_id])(current.text)
        return self._secrets.change(self._tenant_id, SecretPart.SIGNING, text, instead_of=instead_of)

    def drop(self) -> list[str]:
        """Drops the secrets of backends that do not need any now, but none that somebody has set since.

        Returns and raises as `add` does.
        """
        if all(_both(self._before[agent_id], after) == after for agent_id, after in self._after.items()):
            return []

        def remaining(agent_id: str, current: SigningSecrets) -> SigningSecrets:
            before, after = self._before[agent_id], self._after[agent_id]
            return SigningSecrets(
                _without(current.backend, () if after.backend else before.backend),
                _without(current.second_backend, () if after.second_backend else before.second_backend),
            )

        return self._secrets.transform(self._tenant_id, SecretPart.SIGNING, self._edit(remaining))

    def _edit(self, change: Callable[[str, SigningSecrets], SigningSecrets]) -> Callable[[str], str]:
        def edit(text: str) -> str:
            stored = secret_documents.load_signing(self._tenant_id, text)
            changed = {agent_id: change(agent_id, stored.get(agent_id, SigningSecrets())) for agent_id in self._after}
            return secret_documents.dump_signing(self._tenant_id, {**stored, **changed})

        return edit


def _both(before: SigningSecrets, after: SigningSecrets) -> SigningSecrets:
    """The secrets after a change, and those that it would leave an agent without."""
    return SigningSecrets(after.backend or before.backend, after.second_backend or before.second_backend)


def _without(secrets: tuple[str, ...], dropped: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if secret not in dropped)
