"""What a cache reads: copies of stored values, and where they come from."""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Copy(Generic[V]):
    """A value as it was read.

    Attributes:
        value: None when nothing is stored under the key.
        version: the id of its version; None where the store has no versions.
        is_current: false when the store has announced another version.
        is_deleted: whether its owner was deleted: then there is no value, whatever a region may still have.
    """

    value: V | None = field(repr=False)
    version: str | None = None
    is_current: bool = True
    is_deleted: bool = False


class Source(Protocol[K_contra, V]):
    """Where a cache reads. Each method raises Unavailable, Configuration."""

    def read(self, key: K_contra) -> Copy[V]:
        """The copy in the Lambda's own AWS region."""

    def read_home(self, key: K_contra) -> Copy[V] | None:
        """The value in the home region; None when that cannot be reached, or is the Lambda's own."""

    def refresh(self, key: K_contra, copy: Copy[V]) -> Copy[V]:
        """The copy to use instead of one whose life is over; that very object when it is still current."""
