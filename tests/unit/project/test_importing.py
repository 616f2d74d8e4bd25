"""What must not happen while a module is imported, and what each Lambda must not import at all."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.docs.test_docs import SERVERLESS
from tests.unit.project.test_architecture import LAMBDA_MODULES, ROOT
from tests.unit.test_settings import KINDS, variables

# Runs in an interpreter of its own. The environment lets itself be read only for names that are none of ours.
WATCHED = """
import importlib, os, sys
import boto3, boto3.session, botocore.session

ours = sys.argv[1].split()

class Watched(type(os.environ)):
    def __getitem__(self, name):
        if name in ours or name.startswith("AWS_ENDPOINT"):
            raise SystemExit(f"{module} reads {name} while it is imported")
        return super().__getitem__(name)

def forbidden(*_args, **_kwargs):
    raise SystemExit(f"{module} makes a boto3 client while it is imported")

os.environ.__class__ = Watched
boto3.client = boto3.resource = boto3.session.Session.client = boto3.session.Session.__init__ = forbidden
botocore.session.Session.create_client = forbidden
for module in sys.argv[2:]:
    importlib.import_module(module)
print("quiet")
"""


SETTINGS = {name for kind in KINDS.values() for name in variables(kind)}


def run_watched(*modules: str, path: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", WATCHED, " ".join(SETTINGS), *modules],
        check=False,
        capture_output=True,
        text=True,
        cwd=path,
        env=environment | {"PYTHONPATH": os.pathsep.join(map(str, (path, ROOT))), "STAGE": "east"},
    )
    return (done.stdout + done.stderr).strip()


def test_nothing_happens_while_the_lambdas_are_imported() -> None:
    said = run_watched(*LAMBDA_MODULES)
    assert said == "quiet", said


@pytest.mark.parametrize(
    "line",
    [
        "import os; stage = os.environ['STAGE']",
        "import os; stage = os.environ.get('STAGE')",
        "import os; stage = os.getenv('STAGE')",
        "import os; everything = dict(os.environ)",
        "import boto3; boto3.client('sqs')",
        "import boto3; boto3.Session()",
        "import botocore.session; botocore.session.get_session().create_client('sqs', 'us-east-1')",
    ],
)
def test_the_watch_above_would_notice(line: str, tmp_path: Path) -> None:
    (tmp_path / "guilty.py").write_text(line)
    assert "while it is imported" in run_watched("guilty", path=tmp_path)


IDEMPOTENCY = "aws_lambda_powertools.utilities.idempotency"
FOR_OPERATORS = ("cli", "dashboard", "terminal", "operations", "devstack", "typer", "rich", "phonenumbers")
FOR_TESTS = ("twin", "flask", "httpx", "pytest")
NOBODY = (*FOR_OPERATORS, "shared.ports", "shared.tenants.lookup", "handlers.aws_events", *FOR_TESTS, "aiohttp")
TO_BACKENDS = ("requests_hardened", "shared.backends", "shared.forwarding.forwarder", "standardwebhooks")
TO_PROVIDERS = ("shared.providers.apis", "shared.sending.sender", "twilio.rest")
OF_WEBHOOKS = ("shared.receiving.receiver", "shared.providers.webhooks", "twilio.request_validator")

OF_THE_DIRECTORY = ("shared.aws.directory", "shared.tenants.directory_items", "shared.tenants.agents")
OF_THE_API = ("boto3", "serverless_wsgi", "werkzeug")

# What each Lambda starts without: what only others need. The forwarder gets requests with its first HTTP backend.
WITHOUT: dict[str, tuple[str, ...]] = {
    "authorizer": (
        IDEMPOTENCY,
        "requests",
        "twilio",
        "shared.aws.fifo_queue",
        *OF_THE_API,
        *OF_THE_DIRECTORY,
        *TO_BACKENDS,
    ),
    "receiver": (
        IDEMPOTENCY,
        "requests",
        "shared.submission.submitter",
        "shared.receiving.status_callbacks",
        "shared.aws.reply_records",
        *OF_THE_API,
        *OF_THE_DIRECTORY,
        *TO_BACKENDS,
        *TO_PROVIDERS,
    ),
    "statuses": (
        IDEMPOTENCY,
        "requests",
        "shared.submission.submitter",
        "shared.receiving.receiver",
        "shared.tenants.api_keys",
        *OF_THE_API,
        *TO_BACKENDS,
        *TO_PROVIDERS,
    ),
    "api": (
        "requests",
        "twilio",
        "shared.receiving.receiver",
        "shared.receiving.status_callbacks",
        *TO_BACKENDS,
        *TO_PROVIDERS,
    ),
    "forwarder": (
        "requests",
        "requests_hardened",
        "serverless_wsgi",
        "werkzeug",
        "shared.submission.submitter",
        *TO_PROVIDERS,
        *OF_WEBHOOKS,
    ),
    "sender": ("serverless_wsgi", "shared.submission.submitter", *OF_WEBHOOKS, *TO_BACKENDS),
}


@pytest.mark.parametrize("handler", WITHOUT)
def test_each_lambda_starts_without_what_only_others_need(handler: str) -> None:
    without = (*WITHOUT[handler], *NOBODY)
    question = f"import sys, handlers.{handler}; print([m for m in {without} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]", f"{handler} imports {done.stdout.strip()}, which costs every cold start"


def test_the_command_starts_without_what_only_the_sender_needs() -> None:
    question = "import sys, cli.app; print('twilio.rest' in sys.modules, 'twilio.rest.api' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "True False"


def test_the_command_starts_without_the_page() -> None:
    question = "import sys, cli.app; print([m for m in sys.modules if m.startswith(('dashboard', 'flask', 'jinja2'))])"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_the_command_starts_without_the_local_stack() -> None:
    question = "import sys, cli.app; print([m for m in sys.modules if m.startswith(('devstack.', 'psutil', 'twin'))])"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_every_lambda_has_its_row_in_the_table_above() -> None:
    functions = SERVERLESS["functions"].values()
    assert {function["handler"].split(".")[1] for function in functions} == set(WITHOUT)


def test_the_table_names_only_what_can_be_imported() -> None:
    for name in {name for names in WITHOUT.values() for name in names} | set(NOBODY):
        assert importlib.util.find_spec(name), f"there is no {name}: the table guards against nothing"
