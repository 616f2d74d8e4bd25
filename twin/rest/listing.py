"""Lists: filtering messages, and returning a page of them.

The envelope is that of the page "Twilio's Response", section "Paging". The newest message is the first. Twilio's page
tokens are opaque; here a token names the last resource of the page before, so that no resource comes twice when new
ones arrive.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from twin.record import Message
from twin.rest.errors import RestError
from twin.rest.shapes import Json

T = TypeVar("T")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def filtered(messages: Sequence[Message], query: MultiDict[str, str]) -> list[Message]:
    """The messages that match the filters `To`, `From`, `DateSent`, `DateSent<` and `DateSent>`, the newest first.

    A day means the whole day in GMT; `<` and `>` include it. A time of day counts for these two, not for `DateSent`.

    Raises:
        RestError: A date is not a date.
    """
    on, until, since = (_date(query, name) for name in ("DateSent", "DateSent<", "DateSent>"))
    matching = []
    for message in reversed(messages):
        sent = None if message.sent is None else message.sent.replace(microsecond=0)
        if (
            query.get("To") in {None, "", message.receiver}
            and query.get("From") in {None, "", message.sender}
            and (on is None or (sent is not None and sent.date() == on[0].date()))
            and (until is None or (sent is not None and sent <= until[1]))
            and (since is None or (sent is not None and sent >= since[0]))
        ):
            matching.append(message)
    return matching


def page(  # noqa: PLR0913 -- the list, its path, the query and the form of its items
    items: Sequence[T],
    name: str,
    path: str,
    query: MultiDict[str, str],
    *,
    sid: Callable[[T], str],
    shape: Callable[[T], Json],
) -> Json:
    """One page of a list in Twilio's envelope.

    Args:
        items: The whole list.
        name: The list's name in the envelope.
        path: The list's path.
        query: The request's query: page, page size and filters.
        sid: Returns an item's SID.
        shape: Returns an item's JSON.

    Raises:
        RestError: The page size is not a positive number.
    """
    size, number, token = _size(query), query.get("Page", "0"), query.get("PageToken", "")
    number = number if number.isdecimal() else "0"
    start = next((place for place, item in enumerate(items, 1) if f"PA{sid(item)}" == token), 0)
    page_items = items[start : start + size]
    filters = [(key, value) for key, value in query.items(multi=True) if key not in {"Page", "PageToken", "PageSize"}]

    def uri(*more: tuple[str, str]) -> str:
        return f"{path}?{urlencode([*filters, ('PageSize', str(size)), *more])}"

    next_uri = None
    if start + size < len(items):
        next_uri = uri(("Page", str(int(number) + 1)), ("PageToken", f"PA{sid(page_items[-1])}"))
    return {
        "first_page_uri": uri(("Page", "0")),
        "next_page_uri": next_uri,
        "previous_page_uri": None,
        "uri": uri(("Page", number), *([("PageToken", token)] if token else [])),
        "page": int(number),
        "page_size": size,
        "start": start,
        "end": max(start, start + len(page_items) - 1),
        name: [shape(item) for item in page_items],
    }


def page_with_meta(  # noqa: PLR0913 -- as above
    items: Sequence[T],
    key: str,
    host: str,
    path: str,
    query: MultiDict[str, str],
    *,
    sid: Callable[[T], str],
    shape: Callable[[T], Json],
) -> Json:
    """One page in the envelope of Twilio's newer APIs, whose URLs have a host (same page, same section).

    Args:
        items: The whole list.
        key: The list's name in the envelope.
        host: The beginning of Twilio's URLs.
        path: The list's path.
        query: The request's query: page, page size and filters.
        sid: Returns an item's SID.
        shape: Returns an item's JSON.

    Raises:
        RestError: The page size is not a positive number.
    """
    flat = page(items, key, path, query, sid=sid, shape=shape)
    next_uri = flat["next_page_uri"]
    meta = {
        "first_page_url": f"{host}{flat['first_page_uri']}",
        "key": key,
        "next_page_url": next_uri and f"{host}{next_uri}",
        "page": flat["page"],
        "page_size": flat["page_size"],
        "previous_page_url": None,
        "url": f"{host}{flat['uri']}",
    }
    return {"meta": meta, key: flat[key]}


def _size(query: MultiDict[str, str]) -> int:
    text = query.get("PageSize", "")
    if not text:
        return DEFAULT_PAGE_SIZE
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise RestError(20001, "PageSize")
    return min(int(text), MAX_PAGE_SIZE)


def _date(query: MultiDict[str, str], name: str) -> tuple[datetime, datetime] | None:
    """The first and the last second of the day or moment that a filter names; None without this filter."""
    text = query.get(name, "")
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=moment.tzinfo or UTC)
            return moment, moment
        first = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        raise RestError(20001, name) from None
    return first, first + timedelta(days=1, seconds=-1)
