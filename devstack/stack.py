"""The local stack: a local AWS on loopback, both stages deployed to it by the real `sls deploy`, and the twin."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping

import httpx

from devstack import state
from devstack.aws import ADMINISTRATOR, LocalAws
from devstack.daemons import Daemon
from devstack.deployment import LOCAL_VENV, deploy, fingerprint, replicate_directory
from devstack.state import DECISIONS, FOLDER, ROOT, WEAKNESSES, DeployedStage, StackState
from devstack.users import DEPLOYER, OPERATOR, create_user
from operations.stage.names import REGIONS

Report = Callable[[str], None]


def up(report: Report) -> StackState:
    """A local stack with the current sources deployed. Calls `report` with each step. Raises NotReadyError."""
    running = state.load()
    sources = fingerprint()
    if running and running.alive and running.fingerprint == sources:
        WEAKNESSES.unlink(missing_ok=True)  # a test that was killed may have left some on
        report("The local stack is up already.")
        return running
    down(report)
    daemons: dict[str, Daemon] = {}
    try:
        aws_endpoint = _start_aws(daemons)
        report(f"Local AWS: {aws_endpoint}")
        twin_url = _start_twin(daemons)
        report(f"Twin of Twilio: {twin_url}")
        aws = LocalAws(aws_endpoint)
        deployer, operator = (create_user(aws, name) for name in (DEPLOYER, OPERATOR))
        stages = {}
        for name, region in REGIONS.items():
            report(f"Deploying {name} with sls deploy (about half a minute) …")
            stages[name] = deploy(name, region, aws_endpoint, twin_url, deployer)
            report(f"Deployed {name}: {stages[name].base_url}")
            report(f"Its SmsSend, for any HTTP client: {stages[name].send_url(aws_endpoint)}")
        replicate_directory(aws_endpoint)
        _connect(twin_url, aws_endpoint, stages)
    except BaseException:  # an interrupt, too, must leave nothing running
        _stop(daemons)
        raise
    started = StackState(
        aws_endpoint=aws_endpoint,
        operator=operator,
        twin_url=twin_url,
        stages=stages,
        fingerprint=sources,
        daemons=daemons,
    )
    started.save()
    return started


def down(report: Report) -> None:
    """Stops what `up` started, and nothing else."""
    running = state.load()
    if running is None:
        return
    _stop(running.daemons)
    shutil.rmtree(FOLDER)
    report("The local stack is down.")


def _stop(daemons: Mapping[str, Daemon]) -> None:
    for daemon in daemons.values():
        daemon.stop()


def _start_aws(daemons: dict[str, Daemon]) -> str:
    scratch, log, port = FOLDER / "aws", FOLDER / "aws.log", _free_port()
    scratch.mkdir(parents=True, exist_ok=True)
    endpoint = f"http://127.0.0.1:{port}"
    # Its whole environment, because it passes this on to every Lambda.
    environment = {
        "PATH": f"{LOCAL_VENV}/bin:/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "LAMBDA_EXECUTOR": "local",
        "AUTH": "true",
        **ADMINISTRATOR.environment,
    }
    # -P: what is beside the program has names that others have, too.
    command = [str(LOCAL_VENV / "bin" / "python"), "-P", str(ROOT / "devstack" / "guarded_aws.py")]
    command += [str(WEAKNESSES), str(DECISIONS)]
    daemon = Daemon.start(command, log=log, environment=environment)
    daemons["aws"] = daemon
    daemon.wait_until(lambda: _answers(f"{endpoint}/_ministack/health"), log=log, within_seconds=30)
    return endpoint


def _start_twin(daemons: dict[str, Daemon]) -> str:
    log = FOLDER / "twin.log"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    daemon = Daemon.start([sys.executable, "-m", "twin", "--port", "0"], log=log, environment=environment)
    daemons["twin"] = daemon
    daemon.wait_until(lambda: "}\n" in log.read_text(), log=log, within_seconds=30)
    twin_url: str = json.loads(log.read_text().splitlines()[0])["twin_url"]
    return twin_url


def _connect(twin_url: str, aws_endpoint: str, stages: Mapping[str, DeployedStage]) -> None:
    """Tells the twin the address of the stages' host names, which no resolver knows."""
    hosts = {httpx.URL(stage.base_url).netloc.decode(): aws_endpoint for stage in stages.values()}
    httpx.put(f"{twin_url}/connections", json=hosts, trust_env=False).raise_for_status()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False
