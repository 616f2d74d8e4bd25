"""How a signature can be written: in base64 of a SHA-1, as Twilio does, or otherwise.

Source: Twilio docs, "Security" ("Validating signatures from Twilio").
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from operations.signature.case import Mistake, Mistakes

_ALGORITHMS = {20: "sha1", 32: "sha256"}  # by the length of their digests in bytes
_HEX = re.compile(r"(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")
_AROUND = " \t\r\n\"'"


@dataclass(frozen=True)
class SignatureEncoding:
    """One way to read a signature: the HMAC's algorithm and its digest."""

    mistakes: Mistakes
    algorithm: str
    digest: bytes = field(repr=False)

    def matches(self, secret: bytes, signed: bytes) -> bool:
        """Whether the secret makes this signature of these bytes."""
        return hmac.compare_digest(hmac.digest(secret, signed, self.algorithm), self.digest)


def encodings(signature: str) -> list[SignatureEncoding]:
    """Every way to read it, the right one first; empty when it is no signature at all."""
    readable = []
    for mistakes, digest in _digests(signature):
        algorithm = _ALGORITHMS.get(len(digest))
        if algorithm:
            wrong_algorithm = () if algorithm == "sha1" else (Mistake("sha256"),)
            readable.append(SignatureEncoding((*mistakes, *wrong_algorithm), algorithm, digest))
    return readable


def _digests(signature: str) -> Iterator[tuple[Mistakes, bytes]]:
    as_base64 = _decoded(signature)
    if as_base64 is not None:
        yield (), as_base64
    trimmed = signature.strip(_AROUND)
    if _HEX.fullmatch(trimmed):
        yield (Mistake("hex_signature"),), bytes.fromhex(trimmed)
    if as_base64 and _HEX.fullmatch(as_base64.decode("latin-1")):
        yield (Mistake("hex_signature"),), bytes.fromhex(as_base64.decode("latin-1"))
    repaired = trimmed.replace(" ", "+").replace("-", "+").replace("_", "/").replace("%2B", "+").replace("%2F", "/")
    repaired = repaired.replace("%3D", "=").rstrip("=")
    repaired += "=" * (-len(repaired) % 4)
    if repaired != signature and (digest := _decoded(repaired)) is not None:
        yield (Mistake("signature_mangled"),), digest


def _decoded(text: str) -> bytes | None:
    """The bytes, if this is their canonical base64."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None
