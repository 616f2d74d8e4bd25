"""`python -m tools.cost`: prints the tables of docs/cost.md for the packaged stage. `--write` writes them there."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tools import markdown
from tools.cost import model, packaged_stage, prices, questions, tenancy
from tools.cost.model import Item, Use
from tools.cost.packaged_stage import PackagedStage
from tools.cost.tenancy import Tenancy

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cost.md"
MEASURED = ROOT / "docs" / "measured.json"
_SIZES = ((1, 1), (1, 100), (10, 1_000), (100, 1_000), (100, 10_000), (1_000, 10_000))
_REGIONS = 2
_TEXTS_A_DAY = (1_000, 100_000, 1_000_000)
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Print the tables, or write them into the page."""
    package = packaged_stage.read(ROOT / "build" / "east")
    new_tables = tables(package, json.loads(MEASURED.read_text(encoding="utf-8")))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), new_tables), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(new_tables.values()))


def page(text: str, new_tables: Mapping[str, str]) -> str:
    """The page with these tables. Raises KeyError for a table of the page that is missing."""
    return _TABLE.sub(lambda match: f"{match[1]}{new_tables[match[2]]}{match[3]}", text)


def tables(package: PackagedStage, measured: Mapping[str, object]) -> dict[str, str]:
    """The tables in Markdown, by their names in the page."""
    use = model.usual_use(measured)
    texts, months = model.texts(package, use), model.months(package, use)
    return {
        "services": _services(texts, model.texts(package, replace(use, processor=use.processor_before))),
        "texts": _items(texts, per=prices.MILLION),
        "months": _items(months, per=1),
        "choices": _choices(package, use),
        "tenants": _tenants(package, use),
        "questions": _questions(use),
        "prices": _prices(),
    }


def _services(now: Iterable[Item], before: Iterable[Item]) -> str:
    dollars, former = _by_service(now), _by_service(before)
    rows = [
        (service, _money(former[service]), _money(amount), f"{amount / sum(dollars.values()):.0%}")
        for service, amount in sorted(dollars.items(), key=lambda pair: -pair[1])
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


def _choices(package: PackagedStage, use: Use) -> str:
    usual = model.total(model.texts(package, use))
    choices: list[tuple[str, PackagedStage, Use]] = [
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
        ("the backend wants statuses", package, replace(use, reports_statuses=True)),
        ("answers of two messages", package, replace(use, parts=2)),
    ]
    sums = [(name, model.total(model.texts(stage, usage))) for name, stage, usage in choices]
    return markdown.table(
        ("choice", "dollars", "more or less"), [(name, _money(amount), _more(amount - usual)) for name, amount in sums]
    )


def _tenants(package: PackagedStage, use: Use) -> str:
    """What tenants and numbers cost on both stages together, before and now."""
    rows = []
    for tenants, numbers in _SIZES:
        shared = Tenancy(tenants, numbers)
        kept = sum(price.of(count) for _, _, count, price in tenancy.monthly(shared, regions=_REGIONS))
        before = prices.SECRETS.of(tenants * _REGIONS)
        life = package.tenant_cache_seconds
        read_before = tenancy.dollars(tenancy.reads_before(shared, life_seconds=life))
        read = tenancy.dollars(tenancy.reads(shared, statuses=use.parts * use.statuses, life_seconds=life))
        rows.append((f"{tenants:,}", f"{numbers:,}", *(_money(amount) for amount in (before, kept, read_before, read))))
    headings = ("tenants", "numbers", "kept, before", "kept, now", "read, before", "read, now")
    return markdown.table(headings, rows)


def _questions(use: Use) -> str:
    rows = [
        (
            f"{texts:,}",
            command,
            f"{asked.seconds(use):.1f}",
            f"{asked.dollars(use):.4f}",
            f"{asked.seconds_by_reading(use):.0f}",
        )
        for texts in _TEXTS_A_DAY
        for command, asked in (
            ("`why SM…`", questions.about_text(texts)),
            ("`why NUMBER`", questions.about_person(texts)),
        )
    ]
    return markdown.table(("texts a day", "question", "seconds", "dollars", "seconds by reading"), rows)


def _prices() -> str:
    by_page = {
        title: "; ".join(
            str(price) for price in vars(prices).values() if isinstance(price, prices.Price) and price.page == title
        )
        for title in prices.PAGES
    }
    return markdown.table(("AWS's page", "prices in us-east-1"), list(by_page.items()))


def _money(dollars: float) -> str:
    return f"{dollars:.2f}"


def _more(dollars: float) -> str:
    return f"{dollars:+.2f}" if abs(dollars) >= 0.005 else ""  # noqa: PLR2004 - half a cent


def _count(item: Item, per: float) -> str:
    """A count with three digits, or without a fraction; kilobytes instead of gigabytes."""
    count = item.count / per
    if item.price.unit.startswith("GB") and item.price.amount == 1:
        return f"{count * 1e6:.2g} kB"
    return f"{count:,.0f}" if count >= 1000 else f"{count:.3g}"  # noqa: PLR2004 - what needs no fraction


if __name__ == "__main__":
    main()
