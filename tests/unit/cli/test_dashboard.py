"""`sms dashboard`: it serves the page until Ctrl-C, and opens it in a browser."""

import httpx
import pytest

from tests import fakes
from tests.unit.cli.command import Command


@pytest.fixture
def command() -> Command:
    return Command.on(fakes.managed_tenant())


def test_opens_the_page_that_it_serves(command: Command) -> None:
    def browse() -> None:
        with httpx.Client(trust_env=False, follow_redirects=True) as browser:
            answer = browser.get(command.browsed[0])
            assert answer.status_code == 200
            assert "Stage south" in answer.text
            assert "<option selected>south</option>" in answer.text

    command.until_interrupted = browse
    result = command.run("--stage", "south", "dashboard")
    assert result.exit_code == 0
    assert command.browsed[0] in result.stdout
    with pytest.raises(httpx.ConnectError):
        httpx.get(command.browsed[0], trust_env=False)


def test_opens_no_browser_when_told_not_to(command: Command) -> None:
    shown = command.json("dashboard", "--no-browser")
    assert shown["url"].startswith("http://127.0.0.1:")
    assert command.browsed == []


def test_a_port_that_is_taken_is_a_sentence(command: Command) -> None:
    def again() -> None:
        port = command.browsed[0].split(":")[2].split("/")[0]
        other = Command.on(fakes.managed_tenant())
        assert "choose another one with --port" in other.declined("dashboard", "--port", port)

    command.until_interrupted = again
    assert command.run("dashboard").exit_code == 0


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(command: Command, port: str) -> None:
    assert command.run("dashboard", "--port", port).exit_code == 2
