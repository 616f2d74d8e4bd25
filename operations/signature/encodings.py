"""How a signature can be written: as Twilio does, in base64 of a SHA-1, or otherwise.

Source: Twilio docs, "Security" ("Validating signatures from Twilio").
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from operations.signature.case import Causes, Named

_ALGORITHMS = {20: "sha1", 32: "sha256"}  # by the bytes of their digests
_HEX = re.compile(r"(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")
_AROUND = " \t\r\n\"'"


@dataclass(frozen=True)
class Spelling:
    """One way to understand a signature: which HMAC it is, and which digest it holds."""

    causes: Causes
    algorithm: str
    digest: bytes = field(repr=False)

    def fits(self, secret: bytes, signed: bytes) -> bool:
        """Whether the secret makes this signature of these bytes."""
        return hmac.compare_digest(hmac.digest(secret, signed, self.algorithm), self.digest)


def spellings(signature: str) -> list[Spelling]:
    """Every way to understand it, the right one first; none when it is no signature at all."""
    found = []
    for causes, digest in _digests(signature):
        algorithm = _ALGORITHMS.get(len(digest))
        if algorithm:
            other = () if algorithm == "sha1" else (Named("sha256"),)
            found.append(Spelling((*causes, *other), algorithm, digest))
    return found


def _digests(signature: str) -> Iterator[tuple[Causes, bytes]]:
    as_base64 = _unbase64(signature)
    if as_base64 is not None:
        yield (), as_base64
    trimmed = signature.strip(_AROUND)
    if _HEX.fullmatch(trimmed):
        yield (Named("hex_signature"),), bytes.fromhex(trimmed)
    if as_base64 and _HEX.fullmatch(as_base64.decode("latin-1")):
        yield (Named("hex_signature"),), bytes.fromhex(as_base64.decode("latin-1"))
    mended = trimmed.replace(" ", "+").replace("-", "+").replace("_", "/").replace("%2B", "+").replace("%2F", "/")
    mended = mended.replace("%3D", "=").rstrip("=")
    mended += "=" * (-len(mended) % 4)
    if mended != signature and (digest := _unbase64(mended)) is not None:
        yield (Named("signature_mangled"),), digest


def _unbase64(text: str) -> bytes | None:
    """The bytes, if this is the one way to write them."""
    try:
        found = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if base64.b64encode(found).decode() == text else None
