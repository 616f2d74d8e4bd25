"""What can be wrong with the URL that was signed.

Source: Twilio docs, "Security" ("A few notes"): the URL as configured, without user and fragment, with its query.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from operations.signature.case import Case, Causes, Named
from operations.signature.url_parts import Url, endpoint, expected, read_url
from shared.providers.twilio.signature import signed_urls
from shared.tenants.agent import STAGES

_OTHER_PORTS = (":80", ":8080", ":8443", ":3000", ":5000", ":8000")

Wrong = Iterator[tuple[Named, Url]]
"""URLs with one mistake more, each with its name."""


@dataclass(frozen=True)
class Address:
    """A URL that may have been signed, in each way that its port may be written."""

    causes: Causes
    texts: tuple[bytes, ...] = field(repr=False)


def addresses(case: Case, given: Url) -> Iterator[Address]:
    """Every URL that may have been signed: the right one first, then with one mistake, then with two."""
    right, mistakes = expected(case, given), _Mistakes(case, given)
    once = [((named,), url) for named, url in mistakes.all(right)]
    twice = [
        ((first, second), url)
        for (first,), wrong in once
        for second, url in mistakes.all(wrong)
        if first.cause != second.cause
    ]
    verbatim = ((Named("other_url", str(right)),), replace(given, userinfo="", fragment=""))
    seen: set[bytes] = set()
    for causes, url in [((), right), *once, *twice, verbatim]:
        texts = tuple(text for text in _written(url) if text not in seen)
        seen.update(texts)
        if texts:
            yield Address(causes, texts)


def _written(url: Url) -> list[bytes]:
    """Each way to write the URL that the receiver accepts; with its user and fragment, which the receiver drops."""
    bare = replace(url, userinfo="", fragment="")
    before = f"{url.scheme}://"
    texts = (text.removeprefix(before) for text in signed_urls(bare.text()))
    return [f"{before}{url.userinfo}{text}{url.fragment}".encode("utf-8", "surrogatepass") for text in texts]


@dataclass(frozen=True)
class _Mistakes:
    """The mistakes, each from a URL to wrong ones, with what the request tells of them."""

    case: Case
    given: Url

    def all(self, url: Url) -> Wrong:
        """With each of the mistakes."""
        for mistake in (
            self._scheme,
            self._stage_path,
            self._our_hosts,
            self._given_host,
            self._port,
            self._userinfo,
            self._fragment,
            self._path,
            self._query,
        ):
            yield from mistake(url)

    def _scheme(self, url: Url) -> Wrong:
        yield Named("http_for_https"), replace(url, scheme="http" if url.scheme == "https" else "https")

    def _stage_path(self, url: Url) -> Wrong:
        behind = endpoint(url)
        if url.path != behind:
            yield Named("stage_path_missing", url.path.removesuffix(behind)), replace(url, path=behind)
            return
        for stage in STAGES:
            yield Named("stage_path_added", f"/{stage}"), replace(url, path=f"/{stage}{behind}")

    def _our_hosts(self, url: Url) -> Wrong:
        bases = [(stage, read_url(base)) for stage, of_stage in self.case.base_urls.items() for base in of_stage]
        home = next((stage for stage, base in bases if base and base.host == url.host), self.case.stage)
        for stage, base in bases:
            if base and base.host != url.host:
                moved = replace(base, path=base.path.rstrip("/") + endpoint(url), query=url.query)
                yield Named("other_host" if stage == home else "other_stage", str(moved)), moved
                yield Named("other_host", base.host), replace(url, host=base.host, port=base.port)

    def _given_host(self, url: Url) -> Wrong:
        if self.given.host != url.host:
            there = replace(url, host=self.given.host, port=self.given.port)
            yield Named("other_host", self.given.host), there
            yield Named("other_host", self.given.host), replace(there, path=self.given.path)

    def _port(self, url: Url) -> Wrong:
        for port in dict.fromkeys((self.given.port, *_OTHER_PORTS)):
            if port not in {"", url.port}:
                yield Named("port_signed", port[1:]), replace(url, port=port)

    def _userinfo(self, url: Url) -> Wrong:
        keys = [f"apikey:{pasted.secret}@" for pasted in self.case.pasted if pasted.kind == "api-key"]
        for userinfo in dict.fromkeys((self.given.userinfo, *keys, "apikey@", "apikey:@")):
            if userinfo:
                yield Named("userinfo_signed"), replace(url, userinfo=userinfo)

    def _fragment(self, url: Url) -> Wrong:
        for fragment in dict.fromkeys((self.given.fragment, *self.case.fragments)):
            if fragment:
                yield Named("fragment_signed"), replace(url, fragment=fragment)

    def _path(self, url: Url) -> Wrong:
        yield Named("trailing_slash"), replace(url, path=url.path[:-1] if url.path.endswith("/") else url.path + "/")
        yield Named("path_case"), replace(url, path=url.path.lower())
        behind = endpoint(url)
        before = url.path.removesuffix(behind)
        likely = (f"{before}/{behind}", f"{before}/{behind.rpartition('/')[2]}", before, f"{before}/")
        for path in (self.given.path, *likely) if self.given.host == url.host else likely:
            cause = "path_case" if path.lower() == url.path.lower() else "other_path"
            yield Named(cause, path), replace(url, path=path)

    def _query(self, url: Url) -> Wrong:
        if url.query:
            yield Named("query_dropped"), replace(url, query="")
        pairs = _pairs(self.given.query)
        for ordered in (pairs, sorted(pairs)) if pairs else ():
            written = (urlencode(ordered), urlencode(ordered, quote_via=quote), urlencode(ordered, safe="/:@,+"))
            for query in (self.given.query, *(f"?{one}" for one in written), unquote_plus(self.given.query)):
                same_order = _pairs(query) == _pairs(url.query)
                yield Named("query_reencoded" if same_order else "query_order"), replace(url, query=query)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query[1:], keep_blank_values=True)
