"""`python -m tools.cost`: the tables of docs/cost.md, from the packaged stage; `--write` puts them into the page."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tools import markdown
from tools.cost import model, prices, stack
from tools.cost.model import Item, Use
from tools.cost.stack import Stack

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cost.md"
MEASURED = ROOT / "docs" / "measured.json"
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Shows or writes the tables."""
    package = stack.read(ROOT / "build" / "east")
    made = tables(package, json.loads(MEASURED.read_text(encoding="utf-8")))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(made.values()))


def page(text: str, made: Mapping[str, str]) -> str:
    """The page with its tables as they are now. A table that is not there is a KeyError."""
    return _TABLE.sub(lambda found: f"{found[1]}{made[found[2]]}{found[3]}", text)


def tables(package: Stack, measured: Mapping[str, object]) -> dict[str, str]:
    """The tables in Markdown, by name."""
    use = model.used(measured)
    texts, months = model.texts(package, use), model.months(package, use)
    return {
        "services": _services(texts, model.texts(package, replace(use, processor=use.processor_before))),
        "texts": _items(texts, per=prices.MILLION),
        "months": _items(months, per=1),
        "choices": _choices(package, use),
        "prices": _prices(),
    }


def _services(now: Iterable[Item], before: Iterable[Item]) -> str:
    dollars, former = _by_service(now), _by_service(before)
    rows = [
        (service, _money(former[service]), _money(one), f"{one / sum(dollars.values()):.0%}")
        for service, one in sorted(dollars.items(), key=lambda pair: -pair[1])
    ]
    together = ("**together**", f"**{_money(sum(former.values()))}**", f"**{_money(sum(dollars.values()))}**", "")
    return markdown.table(("service", "dollars before", "dollars now", "share"), [*rows, together])


def _by_service(items: Iterable[Item]) -> dict[str, float]:
    dollars: dict[str, float] = {}
    for item in items:
        dollars[item.service] = dollars.get(item.service, 0) + item.dollars
    return dollars


def _items(items: list[Item], *, per: float) -> str:
    rows = [(item.service, item.what, _count(item, per), str(item.price), _money(item.dollars)) for item in items]
    together = ("**together**", "", "", "", f"**{_money(model.total(items))}**")
    heading = "for a text" if per > 1 else "a month"
    return markdown.table(("service", "what", heading, "price", "dollars"), [*rows, together])


def _choices(package: Stack, use: Use) -> str:
    usual = model.total(model.texts(package, use))
    choices: list[tuple[str, Stack, Use]] = [
        ("as deployed", package, use),
        ("the challenge is not billed", package, replace(use, challenged=False)),
        ("the backend answers at once, or 202 at once", package, replace(use, thinks_seconds=0)),
        ("the backend thinks for 5 s", package, replace(use, thinks_seconds=5)),
        ("`memoryMb=256`", replace(package, memory_mb=256), use),
        ("`memoryMb=1024`", replace(package, memory_mb=1024), use),
        ("`arch=x86_64`", replace(package, arm=False), use),
        ("no tracing", replace(package, traced=False), use),
        ("no access log", replace(package, access_log_bytes=0), use),
        ("with Lambda's own log lines", replace(package, platform_lines=True), use),
        ("tables that cannot be restored", replace(package, restorable=False), use),
        ("the backend wants statuses", package, replace(use, told=True)),
        ("answers of two messages", package, replace(use, parts=2)),
    ]
    sums = [(name, model.total(model.texts(chosen, way))) for name, chosen, way in choices]
    return markdown.table(
        ("choice", "dollars", "more or less"), [(name, _money(one), _more(one - usual)) for name, one in sums]
    )


def _prices() -> str:
    by_page = {
        title: "; ".join(
            str(one) for one in vars(prices).values() if isinstance(one, prices.Price) and one.page == title
        )
        for title in prices.PAGES
    }
    return markdown.table(("AWS's page", "prices in us-east-1"), list(by_page.items()))


def _money(dollars: float) -> str:
    return f"{dollars:.2f}"


def _more(dollars: float) -> str:
    return f"{dollars:+.2f}" if abs(dollars) >= 0.005 else ""  # noqa: PLR2004 - half a cent


def _count(item: Item, per: float) -> str:
    """As few digits as tell it; of a text's gigabytes kilobytes."""
    count = item.count / per
    if item.price.unit.startswith("GB") and item.price.amount == 1:
        return f"{count * 1e6:.2g} kB"
    return f"{count:,.0f}" if count >= 1000 else f"{count:.3g}"  # noqa: PLR2004 - what needs no fraction


if __name__ == "__main__":
    main()
