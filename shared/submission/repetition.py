"""Requests that are repeated with an idempotency key: the same ids and the same result, and nothing is done twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from shared.defects import catching_defects
from shared.errors import Defect, Unavailable
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.ports import Claims, Json


@dataclass(frozen=True)
class Repetition:
    """What a request and its repetitions have in common.

    Attributes:
        tenant: whose request it is.
        effect: what it asks for; the same key for something else is another request.
        key: its idempotency key; None when it has none, and so no repetitions.
        values: its contents.
    """

    tenant: Tenant
    effect: str
    key: str | None = field(repr=False)
    values: Sequence[object] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits, the same for all repetitions; random without a key.

        The contents are in it, so that another request with the same key cannot continue one that was carried out in
        part.
        """
        return secrets.token_hex(32) if self.key is None else self._digest(f"{self._prefixed_key}\n{self._content}")

    def once(self, claims: Claims, act: Callable[[], Json], *, stage: str) -> Json:
        """The result of `act`, from now or from the first of the repetitions.

        Raises what `act` raises; Mismatch when the same key came with other contents, InProgress, Unavailable.
        """
        if self.key is None:
            return act()
        claim = f"{self.tenant.id}.{self._digest(self._prefixed_key)}"
        return claims.once(self.effect, claim, act, stage=stage, payload={"content": self._digest(self._content)})

    def tell(self, tell: Callable[[], None]) -> Unavailable | Defect | None:
        """Tells the journal what was done; why it could not, if so, for the log.

        With a key it raises Unavailable: a repeated request does nothing again, and tells it. Without one it is too
        late to refuse: the caller would ask again, and the person would get the message twice.
        """
        try:
            with catching_defects(Unavailable):
                tell()
        except Unavailable as error:
            if self.key is not None:
                raise
            return error
        except Defect as error:
            return error
        return None

    @property
    def _prefixed_key(self) -> str:
        """The key with its length, so that key and contents cannot be split differently."""
        return f"{len(self.key or '')}\n{self.key}"

    @property
    def _content(self) -> str:
        """The contents in a canonical form."""
        return json.dumps(self.values, separators=(",", ":"), sort_keys=True)

    def _digest(self, text: str) -> str:
        """The digest of a text, which nobody can compute without the tenant's salt."""
        message = f"{self.effect}\n{self.tenant.id}\n{text}".encode()
        return hmac.new(bytes.fromhex(self.tenant.salt), message, hashlib.sha256).hexdigest()
