"""Who may see the page: whoever has this run's key, from the page itself. decisions/0044 has the reasons."""

from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request, url_for

from dashboard.desk import desk

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Not no-referrer: browsers would send forms with `Origin: null` then.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FORM_BYTES_MAX = 4 * 1024 * 1024
"""Of a request: a file of 100,000 numbers with short descriptions fits, twice: when it is sent, and confirmed."""

_SAFE = {"GET", "HEAD", "OPTIONS"}
_WITHOUT_KEY = {"static", "open_with_key"}


def protect(app: Flask) -> None:
    """Adds the checks before every request, the headers after it, and the URL that takes the key."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES_MAX
    app.before_request(_check)
    app.after_request(_add_headers)
    app.add_url_rule("/open", "open_with_key", _open_with_key)


def cookie_name() -> str:
    """The name of the cookie with the key. Cookies know no port, so the name has it: two runs do not collide."""
    return f"sms_dashboard_{request.host.partition(':')[2]}"


def _check() -> tuple[str, int] | None:
    """Refuses a request for another host, without the key, or a change that the page itself did not ask for."""
    if request.host not in desk().hosts:  # another name may lead here, too: DNS rebinding
        return _refusal("This page is only for the address that the command printed.")
    if request.endpoint in _WITHOUT_KEY:
        return None
    if not _is_key(request.cookies.get(cookie_name(), "")):
        return _refusal("This page is open to whoever has its key.")
    if request.method not in _SAFE and not _is_own_request():
        return _refusal("This request did not come from the page itself, so nothing was done.")
    return None


def _is_own_request() -> bool:
    """Whether a page of ours asked. Browsers send `Origin` with every POST (Fetch standard, "Origin header")."""
    origin = urlsplit(request.headers.get("Origin", ""))
    own = (request.scheme, request.host)
    return (origin.scheme, origin.netloc) == own and request.headers.get(
        "Sec-Fetch-Site", "same-origin"
    ) == "same-origin"


def _open_with_key() -> Response | tuple[str, int]:
    """Takes the key out of the URL and into a cookie, so that it is in no later URL and in no Referer."""
    if not _is_key(request.args.get("key", "")):
        return _refusal("This page is open to whoever has its key.")
    answer = Response(status=303, headers={"Location": url_for("index")})
    answer.set_cookie(cookie_name(), desk().key, httponly=True, samesite="Strict", path="/", secure=request.is_secure)
    return answer


def _is_key(candidate: str) -> bool:
    return compare_digest(candidate.encode(), desk().key.encode())


def _refusal(sentence: str) -> tuple[str, int]:
    return render_template("closed.html", sentence=sentence), 403


def _add_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer
