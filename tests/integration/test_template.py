"""The compiled templates: what no local AWS can show, and what both stages must have in common."""

import json
import re
from typing import Any

import pytest

from tests.integration.packages import Package
from tests.unit.docs.test_docs import SERVERLESS

FUNCTIONS = SERVERLESS["functions"].values()

GATEWAY_RESPONSES = {
    "UNAUTHORIZED": "401",
    "MISSING_AUTHENTICATION_TOKEN": "404",
    "THROTTLED": "503",
    "QUOTA_EXCEEDED": "503",
    "AUTHORIZER_FAILURE": "503",
    "AUTHORIZER_CONFIGURATION_ERROR": "503",
}


def gateway_responses(package: Package) -> dict[str, dict[str, Any]]:
    found = [resource["Properties"] for resource in package.resources("ApiGateway::GatewayResponse").values()]
    return {properties["ResponseType"]: properties for properties in found}


def test_the_gateway_challenges_whoever_sends_no_credentials(package: Package) -> None:
    unauthorized = gateway_responses(package)["UNAUTHORIZED"]
    challenge = unauthorized["ResponseParameters"]["gatewayresponse.header.WWW-Authenticate"]
    assert re.fullmatch(r"""'Basic realm="[^"']+"'""", challenge)
    assert unauthorized["StatusCode"] == "401"


def test_each_of_the_gateways_own_answers_has_its_status(package: Package) -> None:
    statuses = {kind: properties["StatusCode"] for kind, properties in gateway_responses(package).items()}
    assert statuses == GATEWAY_RESPONSES


def test_who_calls_what_does_not_exist_hears_what_does(package: Package) -> None:
    said = gateway_responses(package)["MISSING_AUTHENTICATION_TOKEN"]["ResponseTemplates"]["application/json"]
    assert json.loads(said)["reason"] == "NOT_FOUND"
    routes = [
        event["http"]["path"] for function in FUNCTIONS for event in function.get("events", []) if "http" in event
    ]
    public = {route for route in routes if "{" not in route}  # the others are told to the provider alone
    assert set(re.findall(r"/sms[.]\w+/\w+", said)) == public
    assert len(public) == 4


def test_only_the_challenge_challenges(package: Package) -> None:
    for kind, properties in gateway_responses(package).items():
        if kind != "UNAUTHORIZED":
            assert "authenticate" not in json.dumps(properties.get("ResponseParameters", {})).lower()


def test_no_answer_of_the_gateway_repeats_the_request(package: Package) -> None:
    for properties in gateway_responses(package).values():
        said = set(re.findall(r"\$[a-zA-Z.]+", json.dumps(properties)))
        assert said <= {"$context.error.responseType", "$context.error.messageString"}


def test_twilio_is_never_answered_429(package: Package) -> None:
    assert '"429"' not in json.dumps(package.template)


def test_the_deployment_waits_for_every_gateway_response_and_method(package: Package) -> None:
    (deployment,) = package.resources("ApiGateway::Deployment").values()
    needed = set(package.resources("ApiGateway::GatewayResponse")) | set(package.resources("ApiGateway::Method"))
    assert needed <= set(deployment["DependsOn"])


def test_the_deployment_waits_for_the_role_that_writes_access_logs(package: Package) -> None:
    (deployment,) = package.resources("ApiGateway::Deployment").values()
    assert set(package.resources("ApiGateway::Account")) <= set(deployment["DependsOn"])
    for name in ("GatewayAccount", "GatewayLogRole"):
        resource = package.template["Resources"][name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_authorizer_is_asked_only_when_there_are_credentials(package: Package) -> None:
    authorizer = package.one("ApiGateway::Authorizer")
    assert authorizer["Type"] == "REQUEST"
    assert authorizer["IdentitySource"] == "method.request.header.Authorization"
    assert authorizer["AuthorizerResultTtlInSeconds"] > 0  # without a cache the gateway would ask for everything


def methods(package: Package) -> dict[str, dict[str, Any]]:
    """The gateway's methods, by verb and path."""
    resources = package.template["Resources"]

    def path(reference: dict[str, Any]) -> str:
        if "Ref" not in reference:
            return ""  # the root
        properties = resources[reference["Ref"]]["Properties"]
        return f"{path(properties['ParentId'])}/{properties['PathPart']}"

    found = [resource["Properties"] for resource in package.resources("ApiGateway::Method").values()]
    return {f"{method['HttpMethod']} {path(method['ResourceId'])}": method for method in found}


STATUS = "POST /sms.receiver/SmsStatus/{tenant}/{reply}"


def test_the_gateway_offers_these_and_nothing_else(package: Package) -> None:
    served = {name: str(method["Integration"]["Uri"]) for name, method in methods(package).items()}
    for name, function in (
        ("POST /sms.receiver/SmsRecv", "ReceiverLambdaFunction"),
        (STATUS, "StatusesLambdaFunction"),
        ("POST /sms.sender/SmsSend", "ApiLambdaFunction"),
        ("POST /sms.sender/SmsSession", "ApiLambdaFunction"),
        ("POST /sms.sender/SmsSessionEnd", "ApiLambdaFunction"),
    ):
        assert function in served.pop(name)
    assert not served


def test_every_method_but_the_statuses_asks_the_authorizer(package: Package) -> None:
    (authorizer,) = package.resources("ApiGateway::Authorizer")
    for name, method in methods(package).items():
        assert method["Integration"]["Type"] == "AWS_PROXY"
        if name != STATUS:
            assert method["AuthorizationType"] == "CUSTOM", name
            assert method["AuthorizerId"] == {"Ref": authorizer}, name


def test_a_status_needs_no_key_for_the_providers_signature_alone_speaks_for_it(package: Package) -> None:
    status = methods(package)[STATUS]
    assert status["AuthorizationType"] == "NONE"
    assert "AuthorizerId" not in status


def test_a_revoked_key_is_gone_within_two_minutes(package: Package) -> None:
    gateway_seconds = package.one("ApiGateway::Authorizer")["AuthorizerResultTtlInSeconds"]
    for function in package.resources("Lambda::Function").values():
        cache_seconds = float(function["Properties"]["Environment"]["Variables"]["TENANT_CACHE_SECONDS"])
        assert gateway_seconds + cache_seconds <= 120


def test_the_endpoint_is_regional(package: Package) -> None:
    assert package.one("ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_every_lambda_runs_where_and_how_it_should(package: Package) -> None:
    for name, function in package.resources("Lambda::Function").items():
        properties = function["Properties"]
        assert properties["Runtime"] == "python3.13", name
        assert properties["Architectures"] == ["arm64"], name
        assert properties["TracingConfig"] == {"Mode": "Active"}, name
        quiet = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
        assert properties["LoggingConfig"] == quiet, name  # no line of Lambda's own for each run


def test_the_gateway_is_traced_and_its_access_log_is_on_but_not_its_execution_log(package: Package) -> None:
    provider = package.service["provider"]
    assert provider["tracing"] == {"lambda": True, "apiGateway": True}
    assert provider["logs"]["restApi"]["accessLogging"] is True
    assert provider["logs"]["restApi"]["executionLogging"] is False  # it would hold headers, and so the keys


def test_no_package_asks_for_whole_requests_in_a_log(package: Package) -> None:
    """The framework sets this on the stage by itself, and takes a missing key for yes."""
    assert package.service["provider"]["logs"]["restApi"]["fullExecutionData"] is False
    assert '"DataTraceEnabled": true' not in json.dumps(package.template)


def test_the_access_log_holds_nothing_that_a_caller_sent(package: Package) -> None:
    written = re.findall(r"\$[a-zA-Z.]+", package.service["provider"]["logs"]["restApi"]["format"])
    assert set(written) == {
        "$context.requestId",
        "$context.requestTime",
        "$context.httpMethod",
        "$context.resourcePath",  # as configured, not as sent
        "$context.status",
        "$context.error.responseType",
        "$context.authorizer.principalId",
        "$context.authorizer.status",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.identity.sourceIp",
    }


def test_the_access_log_is_json(package: Package) -> None:
    line = re.sub(r"\$[a-zA-Z.]+", "x", package.service["provider"]["logs"]["restApi"]["format"])
    assert json.loads(line).keys() >= {"request_id", "status", "principal"}


def test_every_log_is_kept_for_a_while_and_not_for_ever(package: Package) -> None:
    logs = package.resources("Logs::LogGroup")
    for name, log in logs.items():
        assert 1 <= log["Properties"]["RetentionInDays"] <= (365 if name == "AuditLogGroup" else 90), name
    kept = {log["Properties"]["LogGroupName"] for log in logs.values()}
    for function in package.resources("Lambda::Function").values():
        assert f"/aws/lambda/{function['Properties']['FunctionName']}" in kept


def normalised(package: Package, stage: str, region: str) -> Any:  # noqa: ANN401 - a template is any JSON
    """The template without what names this very package, and without what only the home stage has or another needs."""
    resources = package.template["Resources"] | {"Directory": None}
    text = json.dumps(package.template | {"Resources": resources}, sort_keys=True)
    text = re.sub(r', \{"Fn::Sub": "arn:[^"]*:us-east-1:[^"]*"\}', "", text)  # at home
    text = text.replace('"HOME_REGION": "us-east-1"', '"HOME_REGION": "home"')
    text = re.sub(r"serverless/sms-receiver/[^\"]*", "code", text)
    text = re.sub(r"ApiGatewayDeployment[0-9]+", "ApiGatewayDeployment", text)
    return json.loads(re.sub(rf"\b{stage}\b", "STAGE", text.replace(region, "REGION")))


def test_the_stages_differ_in_region_and_names_only(packages: dict[str, Package]) -> None:
    east, south = packages["east"], packages["south"]
    assert east.service["provider"]["region"] == "us-east-1"
    assert south.service["provider"]["region"] == "us-east-2"
    assert normalised(east, "east", "us-east-1") == normalised(south, "south", "us-east-2")


@pytest.mark.parametrize("stage", ["east", "south"])
def test_each_function_is_told_its_stage(stage: str, packages: dict[str, Package]) -> None:
    for function in packages[stage].resources("Lambda::Function").values():
        assert function["Properties"]["Environment"]["Variables"]["STAGE"] == stage


@pytest.mark.parametrize("kind", ["AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR"])
def test_says_in_words_of_its_own_that_a_key_could_not_be_checked(package: Package, kind: str) -> None:
    """The gateway has none: its message would be null."""
    said = json.loads(gateway_responses(package)[kind]["ResponseTemplates"]["application/json"])
    assert said == {"reason": "$context.error.responseType", "message": "the API key could not be checked; try again"}
