"""What can be wrong with the URL that was signed.

Source: Twilio docs, "Security" ("A few notes"): Twilio signs the URL as configured, with its query, without user and
fragment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from operations.signature.case import Case, Mistake, Mistakes
from operations.signature.url_parts import Url, endpoint_path, expected_url, read_url
from operations.stage.names import STAGES
from shared.providers.twilio.signature import signed_urls

_OTHER_PORTS = (":80", ":8080", ":8443", ":3000", ":5000", ":8000")

WrongUrls = Iterator[tuple[Mistake, Url]]
"""URLs with one more mistake each, and that mistake."""


@dataclass(frozen=True)
class UrlVariant:
    """A URL that may have been signed, in each way that its port may be written."""

    mistakes: Mistakes
    texts: tuple[bytes, ...] = field(repr=False)


def url_variants(case: Case, called: Url) -> Iterator[UrlVariant]:
    """Every URL that may have been signed: the right one first, then with one mistake, then with two."""
    right, url_mistakes = expected_url(case, called), _UrlMistakes(case, called)
    once = [((mistake,), url) for mistake, url in url_mistakes.of(right)]
    twice = [
        ((first, second), url)
        for (first,), wrong_url in once
        for second, url in url_mistakes.of(wrong_url)
        if first.cause != second.cause
    ]
    as_called = ((Mistake("other_url", str(right)),), replace(called, userinfo="", fragment=""))
    seen: set[bytes] = set()
    for mistakes, url in [((), right), *once, *twice, as_called]:
        texts = tuple(text for text in _written(url) if text not in seen)
        seen.update(texts)
        if texts:
            yield UrlVariant(mistakes, texts)


def _written(url: Url) -> list[bytes]:
    """Each way to write the URL that the receiver accepts, with the user and fragment that the receiver leaves out."""
    bare = replace(url, userinfo="", fragment="")
    before = f"{url.scheme}://"
    texts = (text.removeprefix(before) for text in signed_urls(bare.text()))
    return [f"{before}{url.userinfo}{text}{url.fragment}".encode("utf-8", "surrogatepass") for text in texts]


@dataclass(frozen=True)
class _UrlMistakes:
    """The mistakes that are made with a URL; some depend on the URL that was called."""

    case: Case
    called: Url

    def of(self, url: Url) -> WrongUrls:
        """The URL with each of the mistakes in turn."""
        for mistake in (
            self._scheme,
            self._stage_path,
            self._our_hosts,
            self._called_host,
            self._port,
            self._userinfo,
            self._fragment,
            self._path,
            self._query,
        ):
            yield from mistake(url)

    def _scheme(self, url: Url) -> WrongUrls:
        yield Mistake("http_for_https"), replace(url, scheme="http" if url.scheme == "https" else "https")

    def _stage_path(self, url: Url) -> WrongUrls:
        endpoint = endpoint_path(url)
        if url.path != endpoint:
            yield Mistake("stage_path_missing", url.path.removesuffix(endpoint)), replace(url, path=endpoint)
            return
        for stage in STAGES:
            yield Mistake("stage_path_added", f"/{stage}"), replace(url, path=f"/{stage}{endpoint}")

    def _our_hosts(self, url: Url) -> WrongUrls:
        bases = [(stage, read_url(base)) for stage, base_urls in self.case.base_urls.items() for base in base_urls]
        url_stage = next((stage for stage, base in bases if base and base.host == url.host), self.case.stage)
        for stage, base in bases:
            if base and base.host != url.host:
                moved = replace(base, path=base.path.rstrip("/") + endpoint_path(url), query=url.query)
                yield Mistake("other_host" if stage == url_stage else "other_stage", str(moved)), moved
                yield Mistake("other_host", base.host), replace(url, host=base.host, port=base.port)

    def _called_host(self, url: Url) -> WrongUrls:
        if self.called.host != url.host:
            moved = replace(url, host=self.called.host, port=self.called.port)
            yield Mistake("other_host", self.called.host), moved
            yield Mistake("other_host", self.called.host), replace(moved, path=self.called.path)

    def _port(self, url: Url) -> WrongUrls:
        for port in dict.fromkeys((self.called.port, *_OTHER_PORTS)):
            if port not in {"", url.port}:
                yield Mistake("port_signed", port[1:]), replace(url, port=port)

    def _userinfo(self, url: Url) -> WrongUrls:
        with_key = [f"apikey:{pasted.secret}@" for pasted in self.case.pasted if pasted.kind == "api-key"]
        for userinfo in dict.fromkeys((self.called.userinfo, *with_key, "apikey@", "apikey:@")):
            if userinfo:
                yield Mistake("userinfo_signed"), replace(url, userinfo=userinfo)

    def _fragment(self, url: Url) -> WrongUrls:
        for fragment in dict.fromkeys((self.called.fragment, *self.case.fragments)):
            if fragment:
                yield Mistake("fragment_signed"), replace(url, fragment=fragment)

    def _path(self, url: Url) -> WrongUrls:
        toggled_slash = url.path[:-1] if url.path.endswith("/") else url.path + "/"
        yield Mistake("trailing_slash"), replace(url, path=toggled_slash)
        yield Mistake("path_case"), replace(url, path=url.path.lower())
        endpoint = endpoint_path(url)
        stage_path = url.path.removesuffix(endpoint)
        last_segment = endpoint.rpartition("/")[2]
        likely = (f"{stage_path}/{endpoint}", f"{stage_path}/{last_segment}", stage_path, f"{stage_path}/")
        for path in (self.called.path, *likely) if self.called.host == url.host else likely:
            cause = "path_case" if path.lower() == url.path.lower() else "other_path"
            yield Mistake(cause, path), replace(url, path=path)

    def _query(self, url: Url) -> WrongUrls:
        if url.query:
            yield Mistake("query_dropped"), replace(url, query="")
        called_pairs = _pairs(self.called.query)
        for pairs in (called_pairs, sorted(called_pairs)) if called_pairs else ():
            rewritten = (urlencode(pairs), urlencode(pairs, quote_via=quote), urlencode(pairs, safe="/:@,+"))
            queries = (self.called.query, *(f"?{query}" for query in rewritten), unquote_plus(self.called.query))
            for query in queries:
                same_order = _pairs(query) == _pairs(url.query)
                yield Mistake("query_reencoded" if same_order else "query_order"), replace(url, query=query)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query[1:], keep_blank_values=True)
