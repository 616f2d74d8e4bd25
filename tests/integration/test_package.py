"""The zip that the Lambdas run; and the custom domain and SnapStart, which are there only when they are chosen."""

import base64
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.integration.packages import ROOT, Package, make_package, osls
from tests.unit.project.test_architecture import SOURCES, imports
from tests.unit.project.test_installing import name as distribution
from tests.unit.project.test_requirements import pinned_versions

CERTIFICATE = "arn:aws:acm:us-east-1:111111111111:certificate/x"
TOP_MAX_BYTES = 30 * 1024 * 1024
NOT_SHIPPED = {"aiohttp", "typer", "rich", "phonenumbers", "httpx", "flask", "fastapi", "jsonschema", "pytest"}
WAITED_FOR = ("Api", "Authorizer", "Receiver")
FUNCTIONS = ("api", "authorizer", "forwarder", "receiver", "sender", "statuses")


def names(made: Package) -> list[str]:
    with zipfile.ZipFile(made.zip) as archive:
        return archive.namelist()


def test_the_zip_holds_our_sources_as_they_are(packages: dict[str, Package]) -> None:
    for made in packages.values():
        with zipfile.ZipFile(made.zip) as archive:
            for entry in archive.namelist():
                if entry.startswith(("handlers/", "shared/")) and entry.endswith(".py"):
                    assert archive.read(entry) == (ROOT / entry).read_bytes(), f"{entry} is not what the source says"
            shipped = set(archive.namelist())
        assert {f"handlers/{function}.py" for function in FUNCTIONS} <= shipped
        assert {"shared/wiring/receiver.py", "shared/wiring/forwarder.py", "shared/backends/http.py"} <= shipped


def test_the_zip_holds_of_ours_what_the_handlers_import_and_nothing_else(packages: dict[str, Package]) -> None:
    needed, waiting = set[str](), [name for name in SOURCES if name.split(".")[0] == "handlers"]
    while waiting:
        module = waiting.pop()
        if module in SOURCES and module not in needed:
            needed.add(module)
            waiting += [*imports(module), module.rpartition(".")[0]]
    for made in packages.values():
        ours = {name for name in names(made) if name.startswith(("handlers/", "shared/")) and name.endswith(".py")}
        assert ours == {str(SOURCES[module].relative_to(ROOT)) for module in needed}


def test_the_zip_holds_of_twilio_only_what_takes_and_sends_messages(packages: dict[str, Package]) -> None:
    """Accounts, tokens and numbers are for `./sms`; the zip lacks the domains of Twilio's library that they need."""
    for made in packages.values():
        stems = {Path(name).name.partition(".")[0] for name in names(made) if name.startswith("shared/providers/")}
        assert stems == {
            "__init__",
            "apis",
            "borders",
            "errors",
            "hosts",
            "http_client",
            "limits",
            "message_api",
            "opt_out",
            "rest_client",
            "rules",
            "segments",
            "signature",
            "statuses",
            "webhook",
            "webhooks",
        }


def test_the_zips_modules_are_the_two_folders(packages: dict[str, Package]) -> None:
    folders = {str(path.relative_to(ROOT)) for top in ("handlers", "shared") for path in (ROOT / top).rglob("*.py")}
    for made in packages.values():
        assert {
            name for name in names(made) if name.endswith(".py") and name.startswith(("handlers/", "shared/"))
        } == folders


def test_every_function_has_its_handler_in_the_zip(packages: dict[str, Package]) -> None:
    for made in packages.values():
        functions = made.resources("Lambda::Function")
        assert {name.removesuffix("LambdaFunction").lower() for name in functions} == set(FUNCTIONS)
        for function in functions.values():
            module = function["Properties"]["Handler"].removesuffix(".lambda_handler")
            assert f"{module.replace('.', '/')}.py" in names(made)


def test_the_zip_holds_nothing_of_ours_besides(packages: dict[str, Package]) -> None:
    for made in packages.values():
        ours = {path.name for path in ROOT.iterdir()} - {"handlers", "shared"}
        tops = {name.split("/")[0] for name in names(made)}
        assert not tops & ours
        kinds = {Path(name).suffix for name in names(made) if name.startswith(("handlers/", "shared/"))}
        assert kinds <= {".py", ".pyc"}


def test_the_zip_holds_only_the_requirements(packages: dict[str, Package]) -> None:
    for made in packages.values():
        assert not {name.split("/")[0] for name in names(made)} & NOT_SHIPPED
        assert {
            "aws_lambda_powertools",
            "boto3",
            "cachetools",
            "requests",
            "requests_hardened",
            "standardwebhooks",
            "twilio",
            "werkzeug",
        } <= {name.split("/")[0] for name in names(made)}


def test_the_zip_holds_each_pinned_requirement_in_its_version_and_no_other(packages: dict[str, Package]) -> None:
    for made in packages.values():
        stems = {entry.partition(".dist-info/")[0] for entry in names(made) if ".dist-info/" in entry}
        shipped = {distribution(name): version for name, _, version in (stem.rpartition("-") for stem in stems)}
        assert shipped == pinned_versions("requirements.txt")


def test_of_twilios_many_domains_only_the_one_that_sends_is_in_the_zip(packages: dict[str, Package]) -> None:
    for made in packages.values():
        domains = {name.split("/")[2] for name in names(made) if name.startswith("twilio/rest/")}
        assert domains - {"__pycache__"} == {"__init__.py", "api"}


def test_the_zip_knows_only_the_services_that_are_called(packages: dict[str, Package]) -> None:
    for made in packages.values():
        folders = {
            Path(name).parts[2] for name in names(made) if name.startswith("botocore/data/") and name.count("/") > 2
        }
        assert folders == {"dynamodb", "lexv2-runtime", "secretsmanager", "sns", "sqs"}


def test_the_zip_is_small_enough_to_start_quickly(packages: dict[str, Package]) -> None:
    for made in packages.values():
        assert made.zip.stat().st_size < TOP_MAX_BYTES


def test_without_a_domain_the_gateways_own_url_is_the_base(packages: dict[str, Package]) -> None:
    for stage, made in packages.items():
        assert not made.resources("ApiGateway::DomainName")
        assert not made.resources("ApiGateway::BasePathMapping")
        environment = made.resources("Lambda::Function")["ReceiverLambdaFunction"]["Properties"]["Environment"]
        url = f"https://${{ApiGatewayRestApi}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}"
        assert environment["Variables"]["PUBLIC_BASE_URL"] == {"Fn::Sub": url}
        assert made.template["Outputs"]["WebhookBaseUrl"]["Value"] == {"Fn::Sub": url}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return make_package(
        "east",
        tmp_path_factory.mktemp("chosen"),
        "--param=snapStart=true",
        SMS_RECEIVER_DOMAIN="example.com",
        SMS_RECEIVER_EAST_CERTIFICATE_ARN=CERTIFICATE,
    )


def test_a_domain_gives_each_stage_an_address_of_its_own(chosen: Package) -> None:
    domain = chosen.one("ApiGateway::DomainName")
    assert domain["DomainName"] == "sms-east.example.com"
    assert domain["RegionalCertificateArn"] == CERTIFICATE
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["SecurityPolicy"] == "TLS_1_2"
    environment = chosen.resources("Lambda::Function")["ReceiverLambdaFunction"]["Properties"]["Environment"]
    assert environment["Variables"]["PUBLIC_BASE_URL"] == "https://sms-east.example.com"
    assert chosen.template["Outputs"]["WebhookBaseUrl"]["Value"] == "https://sms-east.example.com"
    assert "DomainTarget" in chosen.template["Outputs"]


def test_the_domain_is_mapped_to_the_stage_once_it_is_deployed(chosen: Package) -> None:
    (mapping,) = chosen.resources("ApiGateway::BasePathMapping").values()
    (deployment,) = chosen.resources("ApiGateway::Deployment")
    assert mapping["DependsOn"] in (deployment, [deployment])
    assert mapping["Properties"]["Stage"] == "east"
    assert "BasePath" not in mapping["Properties"]  # the path is the same with and without a domain


def test_a_domain_without_a_certificate_is_refused_with_a_sentence() -> None:
    done = osls("print", "--stage", "south", SMS_RECEIVER_DOMAIN="example.com")
    assert done.returncode != 0
    sentence = "a domain needs a certificate in the stage's region: set SMS_RECEIVER_SOUTH_CERTIFICATE_ARN"
    assert sentence in done.stdout + done.stderr


def test_the_regions_account_setting_can_be_left_to_another_stack() -> None:
    done = osls("print", "--stage", "east", SMS_RECEIVER_GATEWAY_ACCOUNT="theirs")
    assert done.returncode == 0, done.stderr
    assert "AWS::ApiGateway::Account" not in done.stdout
    assert "AWS::ApiGateway::Account" in osls("print", "--stage", "east").stdout


def test_without_snapstart_no_function_has_versions(packages: dict[str, Package]) -> None:
    for made in packages.values():
        assert not made.resources("Lambda::Version")
        assert not made.resources("Lambda::Alias")
        assert not [one for one in made.resources("Lambda::Function").values() if "SnapStart" in one["Properties"]]


def test_with_snapstart_the_functions_that_somebody_waits_for_start_from_a_snapshot(chosen: Package) -> None:
    functions = chosen.resources("Lambda::Function").items()
    snapped = {
        name for name, one in functions if one["Properties"].get("SnapStart") == {"ApplyOn": "PublishedVersions"}
    }
    assert snapped == {f"{name}LambdaFunction" for name in WAITED_FOR}
    aliases = chosen.resources("Lambda::Alias").values()
    assert {one["Properties"]["FunctionName"]["Ref"] for one in aliases} == snapped


def test_with_snapstart_the_gateway_calls_the_snapshots_and_may(chosen: Package) -> None:
    methods = chosen.resources("ApiGateway::Method").values()
    called = [json.dumps(one["Properties"]["Integration"]) for one in methods]
    called.append(json.dumps(chosen.one("ApiGateway::Authorizer")["AuthorizerUri"]))
    allowed = [json.dumps(one["Properties"]["FunctionName"]) for one in chosen.resources("Lambda::Permission").values()]
    for names_of, calls in ((called, 3), (allowed, 1)):  # the API has three paths, and one permission
        (without,) = (name for name in names_of if "snapstart" not in name.lower())
        assert "StatusesLambdaFunction" in without, "nobody waits for these"
        assert len([name for name in names_of if "ApiLambdaFunction" in name]) == calls
        assert len(names_of) == len(WAITED_FOR) + calls


def test_with_snapstart_a_deployment_leaves_no_old_version_to_pay_for(chosen: Package) -> None:
    digest = base64.b64encode(hashlib.sha256(chosen.zip.read_bytes()).digest()).decode()
    versions = chosen.resources("Lambda::Version").values()
    assert len(versions) == len(WAITED_FOR)
    for version in versions:
        assert version.get("DeletionPolicy", "Delete") == "Delete"
        assert version["Properties"]["CodeSha256"] == digest  # of the finished zip, which is what is uploaded
