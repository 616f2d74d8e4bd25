"""Deploying both stages to the local AWS, with the same command that deploys to the real one."""

import hashlib
import os
import platform
import subprocess
from typing import TYPE_CHECKING

from devstack.aws import AccessKey, LocalAws
from devstack.daemons import NotReadyError, tail
from devstack.state import FOLDER, ROOT, DeployedStage
from operations.stage import names
from operations.stage.names import HOME_STAGE, REGIONS
from shared.tenants import directory_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import ReplicationGroupUpdateTypeDef
    from mypy_boto3_lambda import LambdaClient

LOCAL_VENV = ROOT / ".venv-local"

_DEPLOYED = (
    "serverless.yml",
    "requirements.txt",
    "package-lock.json",
    "infra",
    "tools/find_python",
    "tools/finishing",
    "handlers",
    "shared",
    "devstack/deployment.py",
    "devstack/guarded_aws.py",
    "devstack/weaknesses",
    "docs/deploy-policy.json",
    "docs/operate-policy.json",
)
_DEPLOY_SECONDS = 240
_FURTHER_MAPPINGS = 3
LIMIT_TEXTS = 12
DESKS = ("desk-1.fifo", "desk-2.fifo", "desk-3.fifo")
"""The queues that agents may have as backends here, in each stage's region. Who needs one creates it."""
JOURNALS = ("journal-1", "journal-2.fifo")
"""The queues that agents may have their journals in, in the same way."""
JOURNAL_TOPIC = "journal-topic"
"""The topic that they may have them in."""
_ACCOUNT = "000000000000"
# About twenty times shorter than in production, and in whole seconds where AWS requires them.
SHORT = {
    "authorizerTtlSeconds": "2",
    "tenantCacheSeconds": "2",
    "tenantRereadSeconds": "0.2",
    "retryDelaysSeconds": "1,1,2,3",
    "statusRetryDelaysSeconds": "1,1",
    "resendDelaysSeconds": "1,3",
    "outageDelaysSeconds": "1,1,2,3,4,5,6",
    "failureReplySeconds": "180",
    "limitTexts": str(LIMIT_TEXTS),
    "limitSeconds": "60",
    "forwarderTimeoutSeconds": "8",
    "forwarderVisibilitySeconds": "9",
    "senderTimeoutSeconds": "8",
    "senderVisibilitySeconds": "9",
    "providerTimeoutSeconds": "2",
}


def deploy(stage: str, region: str, aws_endpoint: str, twin_url: str, deployer: AccessKey) -> DeployedStage:
    """Deploys a stage as a user, and returns it. Raises NotReadyError with the end of the deployment's log."""
    log = FOLDER / f"deploy-{stage}.log"
    parameters = {
        **SHORT,
        "region": region,
        "home": HOME_STAGE,
        "arch": "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64",
        "runtime": _runtime(),
        "requirementsFor": "local",
        "wheels": "--prefer-binary",
        "twilioUrl": twin_url,
        "backendAddresses": "local",
        "backendQueues": ",".join(f"arn:aws:sqs:{region}:{_ACCOUNT}:{name}" for name in DESKS),
        "journalTargets": ",".join(
            [
                *(f"arn:aws:sqs:{region}:{_ACCOUNT}:{name}" for name in JOURNALS),
                f"arn:aws:sns:{region}:{_ACCOUNT}:{JOURNAL_TOPIC}",
            ]
        ),
        "monitoring": "local",
        "gatewayHost": f"execute-api.{aws_endpoint.removeprefix('http://')}",
    }
    command = [str(ROOT / "node_modules" / ".bin" / "osls"), "deploy", "--stage", stage]
    for name, value in parameters.items():
        command += ["--param", f"{name}={value}"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMS_RECEIVER_"))},
        **deployer.environment,
        "AWS_ENDPOINT_URL": aws_endpoint,
        "PATH": f"{LOCAL_VENV}/bin:{os.environ['PATH']}",
        "SLS_INTERACTIVE_SETUP_ENABLE": "0",
    }
    with log.open("wb") as output:
        try:
            subprocess.run(  # noqa: S603 - our own command line
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=_DEPLOY_SECONDS,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            message = f"{stage} could not be deployed\n{tail(log, lines=30)}"
            raise NotReadyError(message) from error
    _widen(stage, LocalAws(aws_endpoint).lambdas(region))
    return _deployed(stage, region, aws_endpoint)


def _widen(stage: str, lambdas: "LambdaClient") -> None:
    """Gives each queue's consumer more mappings, because ministack takes one message at a time for each mapping."""
    for function in names.CONSUMERS:
        name = names.part_name(stage, function)
        [mapping] = [
            mapping
            for mapping in lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
            if mapping["EventSourceArn"].endswith(".fifo")
        ]
        for _ in range(_FURTHER_MAPPINGS):
            lambdas.create_event_source_mapping(
                EventSourceArn=mapping["EventSourceArn"],
                FunctionName=name,
                BatchSize=1,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            )


def replicate_directory(aws_endpoint: str) -> None:
    """Gives the directory its replicas and their protection, which ministack's CloudFormation leaves out.

    Replicas that exist stay.
    """
    aws, home_region = LocalAws(aws_endpoint), REGIONS[HOME_STAGE]
    dynamodb = aws.dynamodb(home_region)
    replicas = dynamodb.describe_table(TableName=directory_items.TABLE)["Table"].get("Replicas", [])
    existing = {home_region, *(replica["RegionName"] for replica in replicas)}
    updates: list[ReplicationGroupUpdateTypeDef] = [
        {"Create": {"RegionName": region}} for region in sorted(set(REGIONS.values()) - existing)
    ]
    if updates:
        dynamodb.update_table(TableName=directory_items.TABLE, ReplicaUpdates=updates)
    for region in REGIONS.values():
        replica = aws.dynamodb(region)
        replica.update_table(TableName=directory_items.TABLE, DeletionProtectionEnabled=True)
        replica.update_continuous_backups(
            TableName=directory_items.TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def _deployed(stage: str, region: str, aws_endpoint: str) -> DeployedStage:
    cloudformation = LocalAws(aws_endpoint).cloudformation(region)
    stack = cloudformation.describe_stacks(StackName=names.stack_name(stage))["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return DeployedStage(
        region=region,
        base_url=outputs["WebhookBaseUrl"],
        api_id=outputs["RestApiId"],
        queues={
            **{queue: outputs[names.queue_output(queue)] for queue in names.QUEUES},
            **{f"{queue}_crashed": outputs[names.crashed_queue_output(queue)] for queue in names.QUEUES},
        },
        tables={"claims": outputs["ClaimsTableName"], "state": outputs["StateTableName"]},
    )


def _runtime() -> str:
    version = subprocess.run(  # noqa: S603 - our own interpreter
        [LOCAL_VENV / "bin" / "python", "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return version.stdout.strip()


def fingerprint() -> str:
    """A digest of everything that is deployed."""
    digest = hashlib.sha256()
    for name in _DEPLOYED:
        source = ROOT / name
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
