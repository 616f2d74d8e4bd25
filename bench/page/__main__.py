"""`python -m bench.page`, which `make bench-page` runs: the first byte of every page, and bench/page/results.md.

It plays one text on the local stack, copies what that left ten thousand times over a month, and asks for each page in
turn. The local stack serves all of it from one process, on the same processors.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.page.month import DAYS, TEXTS, fill
from dashboard.pages import PAGES
from devstack import stack, state
from devstack.aws import LocalAws
from devstack.backend import running
from devstack.demo.demo_tenant import create_demo_tenant
from devstack.demo.page import demo_page
from devstack.demo.play import Play
from devstack.phones import Phones
from terminal import gate

RESULTS = Path(__file__).with_name("results.md")
AT_MOST_SECONDS = 1.0
_ROUNDS = 7

_PAGE = """# The operator's page, at {texts} texts in a month

On {day}: the local stack and the page on two processors. `make bench-page` measures again and writes this page. Time to
the first byte of {rounds} requests in turn, in milliseconds; a static file is what the server itself takes.

The local stack answers for AWS from one process. It has no metrics, so the figures of *Dashboard* are read from its log
lines, all of them in a long period; from AWS they are one request (GetMetricData).

| page | median | slowest | median, divided by a static file's |  |
|---|---|---|---|---|
"""


def main() -> int:
    """Measures and writes the page. Stops the stack, unless it was up before."""
    gate.install()
    console = gate.screen(lines=True)
    before = state.load()
    try:
        running_stack = stack.up(console.print)
        phones, aws = Phones(running_stack.twin_url), LocalAws(running_stack.aws_endpoint)
        with running() as backend:
            tenant = create_demo_tenant(running_stack, phones, backend)
            text_id = fill(Play(tenant, running_stack, phones, backend, aws), aws)
            with demo_page(tenant.id, console) as served, httpx.Client(trust_env=False, timeout=120) as browser:
                browser.get(served.url)
                rows = list(_rows(browser, served.address, text_id))
    finally:
        if before is None or not before.alive:
            stack.down(console.print)
    head = _PAGE.format(texts=f"{TEXTS:,}", day=datetime.now(UTC).date().isoformat(), rounds=_ROUNDS)
    RESULTS.write_text(head + "".join(rows), encoding="utf-8")
    sys.stdout.write(RESULTS.read_text(encoding="utf-8"))
    return 0


def _rows(browser: httpx.Client, address: str, text_id: str) -> Iterator[str]:
    paths = {"a static file": "/static/style.css"} | {page.title: f"{page.url_prefix}/" for page in PAGES}
    paths |= {
        "Dashboard, a day": "/dashboard/?period=day",
        f"Dashboard, {DAYS} days": "/dashboard/?period=month",
        "Texts, a day": "/texts/?since=1d",
        "a text": f"/texts/{text_id}",
    }
    floor = 0.0
    for title, path in paths.items():
        times = [_first_byte(browser, address + path) for _ in range(_ROUNDS)]
        median = statistics.median(times)
        floor = floor or median
        reached = "" if median <= AT_MOST_SECONDS else "**more than a second**"
        yield f"| {title} | {median * 1000:.0f} | {max(times) * 1000:.0f} | {median / floor:.0f} | {reached} |\n"


def _first_byte(browser: httpx.Client, url: str) -> float:
    begun = time.perf_counter()
    with browser.stream("GET", url) as answer:
        answer.raise_for_status()
        next(answer.iter_raw(1))
        return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
