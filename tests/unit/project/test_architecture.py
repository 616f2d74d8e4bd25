"""Who may import whom, as a table."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = ("handlers", "shared", "operations", "terminal", "dashboard", "cli", "devstack", "twin", "bench")
STUBS = ("mypy_boto3_dynamodb", "mypy_boto3_lexv2_runtime", "mypy_boto3_secretsmanager", "mypy_boto3_sqs")
LINES_MAX = 400
"""Of a source file: an alarm, not a goal. One idea a file is the rule."""

BASE = (
    "shared.reasons",
    "shared.address",
    "shared.errors",
    "shared.defects",
    "shared.telemetry",
    "shared.public_paths",
)
VALUES = ("shared.tenants", "shared.messages", *BASE)
BELOW_DOMAIN = (
    "shared.ports",
    "shared.retry",
    "shared.provider_rules",
    "shared.outbound_queue",
    "shared.opt_out",
    "shared.usage",
    "shared.journal",
    *VALUES,
)
DOMAIN = ("shared.receiving", "shared.forwarding", "shared.sending", "shared.submission", "shared.settings")
ADAPTERS = ("shared.providers", "shared.backends", "shared.aws", "shared.deadline")

# A folder, or a module: what of ours it may import besides itself. The longest name that fits counts.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "shared": ("shared.reasons", "shared.errors"),
    "shared.tenants": BASE,
    "shared.messages": ("shared.tenants", *BASE),
    "shared.ports": VALUES,
    "shared.retry": VALUES,
    "shared.provider_rules": ("shared.ports", *VALUES),
    "shared.outbound_queue": ("shared.ports", "shared.provider_rules", *VALUES),
    "shared.opt_out": ("shared.ports", "shared.provider_rules", *VALUES),
    "shared.usage": ("shared.ports", "shared.retry", *VALUES),
    "shared.journal": ("shared.ports", "shared.retry", *VALUES),
    **dict.fromkeys(DOMAIN, BELOW_DOMAIN),
    "shared.providers": ("shared.deadline", *BELOW_DOMAIN),
    "shared.backends": ("shared.deadline", *BELOW_DOMAIN),
    "shared.aws": BELOW_DOMAIN,
    "shared.wiring": (*DOMAIN, *ADAPTERS, *BELOW_DOMAIN),
    "handlers": ("shared.wiring", *DOMAIN, *BELOW_DOMAIN),
    "operations": (*ADAPTERS, *BELOW_DOMAIN),
    "operations.visible": (),
    "terminal": ("operations.visible",),
    "dashboard": ("operations", *ADAPTERS, *BELOW_DOMAIN),
    "cli": ("operations", "terminal", *ADAPTERS, *BELOW_DOMAIN),
    "cli.commands.dashboard": ("cli", "dashboard"),
    "cli.rig": ("devstack", "operations", "shared.errors"),
    "cli.commands.local": ("operations", "cli", "devstack"),
    "devstack": ("operations", "terminal", "shared.providers", *BELOW_DOMAIN),
    "devstack.demo": ("dashboard", "devstack", "operations", "terminal", "shared.providers", *BELOW_DOMAIN),
    "twin": (),
    # It runs the Lambdas as packaged and imports none; tests lend it their loopback.
    "bench": VALUES,
    "bench.page": (
        "dashboard",
        "devstack",
        "operations",
        "terminal",
        "shared.aws",
        *VALUES,
    ),  # the page on the local stack
}

# What the Lambdas import of other people's packages; the standard library is everybody's.
MAY_INSTALL: dict[str, tuple[str, ...]] = {
    "shared": (),
    "shared.tenants.cache": ("cachetools",),
    "shared.deadline": ("requests", "urllib3"),
    "shared.providers.twilio": ("requests", "twilio", "urllib3"),
    "shared.backends": ("requests", "requests_hardened", "standardwebhooks"),
    "shared.aws": ("aws_lambda_powertools", "botocore", *STUBS),
    "shared.wiring": ("botocore", *STUBS),
    "handlers": ("aws_lambda_powertools", "serverless_wsgi", "werkzeug"),
}


def sources() -> dict[str, Path]:
    """Every module of ours, by name."""
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


SOURCES = sources()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}
LAMBDA_MODULES = [name for name in SOURCES if name.split(".")[0] in {"handlers", "shared"}]


def imports(module: str) -> Iterator[str]:
    """What a module imports, anywhere in it: full names, of modules where they are ours."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports with dots; write the whole name"
            assert node.module
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in SOURCES else node.module


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def row(table: dict[str, tuple[str, ...]], module: str) -> tuple[str, tuple[str, ...]]:
    """The table's row for a module: the longest name that fits, and what it allows."""
    name = max((name for name in table if within(module, (name,))), key=len)
    return name, table[name]


def test_the_tables_name_only_what_exists() -> None:
    missing = set(MAY_IMPORT) - set(SOURCES)
    assert not missing, f"the table names {sorted(missing)}, which do not exist"


@pytest.mark.parametrize("module", SOURCES)
def test_imports_of_ours_only_what_the_table_allows(module: str) -> None:
    folder, others = row(MAY_IMPORT, module)
    allowed = (folder, *others) if folder != "shared" else others  # the modules beside the folders know no folder
    for name in imports(module):
        if within(name, OURS):
            assert within(name, allowed), (
                f"{module} imports {name}; it may import only {', '.join(allowed) or 'nothing'}"
            )


@pytest.mark.parametrize("module", LAMBDA_MODULES)
def test_imports_of_others_only_what_the_table_allows(module: str) -> None:
    _, allowed = row(MAY_INSTALL, module)
    for name in imports(module):
        if not within(name, OURS) and name.split(".")[0] not in sys.stdlib_module_names:
            assert within(name, allowed), f"{module} imports {name}; of others it may import {allowed or 'nothing'}"


def test_nothing_imports_handlers() -> None:
    for module in SOURCES:
        if not within(module, ("handlers",)):
            guilty = [name for name in imports(module) if within(name, ("handlers",))]
            assert not guilty, f"{module} imports {guilty}; handlers are entry points, nothing imports them"


def test_the_twin_knows_nothing_of_ours() -> None:
    for module in SOURCES:
        if within(module, ("twin",)):
            guilty = [name for name in imports(module) if within(name, ("handlers", "shared", "terminal", "cli"))]
            assert not guilty, f"{module} imports {guilty}; the twin can drive any webhook receiver"


def test_operations_know_no_terminal() -> None:
    """A page stands on the same functions as the command, so they return values; they ask and print nothing."""
    terminal = ("terminal", "cli", "typer", "click", "rich", "getpass", "readline")
    builtins = {"print", "input", "exit", "quit"}
    of_sys = {"stdin", "stdout", "stderr", "exit", "argv"}
    for module in (module for module in SOURCES if within(module, ("operations",))):
        guilty = [name for name in imports(module) if within(name, terminal)]
        for node in ast.walk(TREES[module]):
            if isinstance(node, ast.Name) and node.id in builtins:
                guilty.append(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                guilty += [f"sys.{node.attr}"] if node.attr in of_sys else []
        assert not guilty, f"{module} uses {guilty}; what the terminal shows belongs in cli/"


TWILIOS = re.compile(r"twilio|optouttype|\b(?:21610|1600)\b")
KNOWS_TWILIO = ("shared.providers", "shared.wiring.sender")  # the wiring has a setting for the URL of its API


def words(tree: ast.Module) -> Iterator[str]:
    """Every name, string and number of a module, in lower case; not what its docstrings say."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in docstrings:
            yield str(node.value).lower()
        elif isinstance(node, ast.Name | ast.Attribute | ast.arg | ast.alias):
            yield ast.unparse(node).lower()


@pytest.mark.parametrize("module", LAMBDA_MODULES)
def test_what_is_twilios_own_stays_with_the_provider(module: str) -> None:
    if not within(module, KNOWS_TWILIO):
        guilty = [word for word in words(TREES[module]) if TWILIOS.search(word)]
        assert not guilty, f"{module} knows Twilio: {guilty}; ask the provider's rules"


def circles(needs: dict[str, set[str]]) -> list[str]:
    """The names that need each other in a circle, and those that stand on them."""
    left = dict(needs)
    while free := [name for name in left if not (left[name] - {name}) & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles({module: set(imports(module)) for module in SOURCES}) == []


def test_no_arrow_between_the_rooms_at_the_top_points_up() -> None:
    needs: dict[str, set[str]] = {room: set() for room in OURS}
    for module in SOURCES:
        needs[module.split(".")[0]] |= {name.split(".")[0] for name in imports(module)}
    assert circles(needs) == []


def ends_with_raise(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


NET = "shared.defects"  # the one place that may catch everything; tests/unit/test_defects.py holds it to raising


def test_nobody_swallows_everything() -> None:
    for module, tree in TREES.items():
        if module == NET:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and not ends_with_raise(node):
                caught = (
                    {"everything"}
                    if node.type is None
                    else {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                )
                guilty = caught & {"everything", "Exception", "BaseException"}
                assert not guilty, f"{module}, line {node.lineno}, swallows {guilty}; name what can go wrong"


def test_no_source_file_is_so_long_that_it_must_hold_two_ideas() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES.values()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_MAX
    }
    assert not long, f"these files have more than {LINES_MAX} lines: {long}"
