"""Long lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from operations.ports import Page as CursorPage

T = TypeVar("T")

SIZE = 50


@dataclass(frozen=True)
class Paged(Generic[T]):
    """Some of a long list.

    Attributes:
        items: these.
        before: the URL of those before them; None at the beginning, and where it is not known.
        after: the URL of those behind them; None at the end.
        words: which these are, such as `51 to 100 of 320`; empty where it is not known.
    """

    items: Sequence[T]
    before: str | None = None
    after: str | None = None
    words: str = ""


def by_number(items: Sequence[T], size: int = SIZE) -> Paged[T]:
    """The page of a whole list that the request names with `page`, the first by default."""
    pages = max(1, -(-len(items) // size))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    begin = (number - 1) * size
    chosen = items[begin : begin + size]
    return Paged(
        chosen,
        before=here(page=number - 1) if number > 1 else None,
        after=here(page=number + 1) if number < pages else None,
        words=f"{begin + 1} to {begin + len(chosen)} of {len(items)}" if pages > 1 else "",
    )


def by_cursor(page: CursorPage[T]) -> Paged[T]:
    """A page of a list that is read page by page, by the `after` that the request names; `cursor()` is that."""
    return Paged(
        page.items, before=here(after=None) if cursor() else None, after=here(after=page.next) if page.next else None
    )


def cursor() -> str | None:
    """Where the page begins that the request names with `after`; None for the first."""
    return request.args.get("after") or None


def here(**changes: object) -> str:
    """The URL of this page with other values in its query; None takes a name out."""
    query = MultiDict(request.args)
    query.pop("done", None)
    for name, value in changes.items():
        query.poplist(name)
        if value is not None:
            query[name] = str(value)
    return f"{request.path}?{urlencode(list(query.items(multi=True)))}" if query else request.path
