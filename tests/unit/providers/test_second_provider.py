"""A second provider needs its own folder and the list: the domain works with it, from a text to what became of it."""

import ast
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import OptedOut
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.failure_reply import FailureReplies
from shared.forwarding.forwarder import Forwarder, ForwarderPolicy
from shared.forwarding.late_answers import LateAnswers
from shared.forwarding.session_timeouts import SessionTimeouts
from shared.forwarding.text_journal import TextJournal
from shared.journal import Journal
from shared.messages.outbound import Answer, AnswerMessage
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.providers.twilio.rules import TwilioRules
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receiver
from shared.receiving.status_callbacks import StatusReceiver
from shared.retry import Done
from shared.sending.provider_send import ProviderSender
from shared.sending.reply_journal import ReplyJournal
from shared.sending.sender import Sender
from shared.telemetry import LogEvent, Measurements
from shared.tenants.account import Account, ProviderSecrets
from tests.fakes import (
    ACCOUNT,
    LISTENING,
    NOW,
    OUR_NUMBER,
    PERSON,
    SALT,
    TOKEN,
    URL,
    FakeAccounts,
    FakeAgents,
    FakeClaims,
    FakeParking,
    FakeQueue,
    FakeTenants,
    credential,
    tenant,
)
from tests.forwarding_fakes import FakeBackend, FakeLimits
from tests.opt_out_fakes import FakeOptOuts
from tests.promises_fake import FakePromises, FakeReminders
from tests.replies_fake import FakeReplies
from tests.sessions_fake import FakeSessions
from tests.toy_provider import statuses as toy
from tests.toy_provider.api import ToyApi, ToyNetwork
from tests.toy_provider.requests import request
from tests.toy_provider.rules import ToyRules
from tests.toy_provider.webhook import ToyWebhooks
from tests.unit.project.test_architecture import BELOW_DOMAIN, OURS, ROOT, within
from tests.usage_fake import FakeUsage

WRITER, KEY = credential()
TEXT_ID = "T" + "4" * 33
RULES = RulesByProvider(TwilioRules(), ToyRules())
LONG = "word " * 100
KNOW_NO_PROVIDER = [f"--ignore=tests/unit/messages/test_{name}.py" for name in ("address", "form", "splitting")]


class World:
    """The four parts of the domain with both providers in their lists, and the toy's network."""

    def __init__(self, *answers: AnswerMessage) -> None:
        self.network, self.measurements = ToyNetwork(), Measurements()
        self.accounts, agents = FakeAccounts(Account(ACCOUNT, "toy", (TOKEN,))), FakeAgents({OUR_NUMBER: LISTENING})
        self.inbound, self.outbound, self.replies = FakeQueue(), FakeQueue(), FakeReplies()
        self.parking, self.opt_outs, self.claims = FakeParking(), FakeOptOuts(), FakeClaims()
        self.backend = FakeBackend((Answer(answers),))
        webhooks = (*PROVIDERS, ToyWebhooks())
        self.receiver = Receiver(
            FakeTenants(tenant(WRITER)), self.accounts, webhooks, self.inbound, "east", lambda: NOW
        )
        self.statuses = StatusReceiver(
            self.accounts, agents, webhooks, self.replies, FakeUsage(), self.inbound, self.outbound, "east", lambda: NOW
        )
        self.promises, limits, sessions = FakePromises(), FakeLimits(), FakeSessions()
        outbound = Outbound(self.outbound, RULES, messages_max=100)
        failure_replies = FailureReplies(
            agents, limits, self.opt_outs, RULES, outbound, timedelta(hours=1), lambda: NOW
        )
        journal = Journal(FakeReminders(), "east", lambda: NOW)
        text_journal = TextJournal(journal, agents, sessions)
        self.forwarder = Forwarder(
            agents=agents,
            backends=BackendCaller(self.claims, lambda _: self.backend, self.measurements, lambda: 0),
            sessions=sessions,
            limits=limits,
            opt_outs=self.opt_outs,
            rules=RULES,
            parking=self.parking,
            usage=FakeUsage(),
            outbound=outbound,
            failure_replies=failure_replies,
            late_answers=LateAnswers(
                self.promises, FakeReminders(), agents, failure_replies, text_journal, lambda: NOW
            ),
            session_timeouts=SessionTimeouts(
                sessions,
                FakeReminders(),
                agents,
                self.opt_outs,
                RULES,
                outbound,
                text_journal,
                self.measurements,
                "east",
                lambda: NOW,
            ),
            text_journal=text_journal,
            policy=ForwarderPolicy((5,), (5,), 40, timedelta(minutes=10)),
            meter=self.measurements,
            stage="east",
            now=lambda: NOW,
        )
        self.sender = Sender(
            accounts=self.accounts,
            agents=agents,
            provider=ProviderSender(
                accounts=self.accounts,
                apis={"toy": ToyApi(self.network)},
                rules=RULES,
                replies=self.replies,
                opt_outs=self.opt_outs,
                now=lambda: NOW,
            ),
            claims=self.claims,
            replies=self.replies,
            promises=self.promises,
            parking=self.parking,
            usage=FakeUsage(),
            inbound=self.inbound,
            reply_journal=ReplyJournal(journal, agents),
            public_base_url="https://sms-east.example.com",
            retry_delays=(5,),
            resend_delays=(60,),
            jitter=lambda: 1,
            stage="east",
            meter=self.measurements,
            now=lambda: NOW,
        )

    def text(self, body: str, **fields: str) -> object:
        """Posts a text as the toy does, forwards it, and gives what the forwarder says."""
        sent = {"id": TEXT_ID, "account": ACCOUNT, "from": PERSON, "to": OUR_NUMBER, "text": body} | fields
        receipt = self.receiver.receive(KEY, request(sent.items(), token=TOKEN, url=URL))
        assert (receipt.provider, receipt.acknowledgement.body) == ("toy", '{"taken":true}')
        return self.forwarder.forward(self.inbound.sent[-1].event, 1)

    def send(self) -> list[object]:
        """Sends all that is on the outbound queue."""
        return [self.sender.send(dict(queued.event), 1) for queued in self.outbound.sent]

    def told(self, number: int) -> dict[str, Any]:
        """What the backend is told of a message, after the toy has posted a status of it."""
        return dict(self.inbound.sent[number].event["data"])


def test_a_text_is_answered_and_the_backend_hears_what_became_of_each_part() -> None:
    links = tuple(f"https://files.example.com/{number}.jpg" for number in range(5))
    world = World(AnswerMessage(LONG, links))
    assert world.text("Where is my order?") == Done(LogEvent.ANSWERED)
    assert world.send() == [Done(LogEvent.SENT)] * 3
    messages = [message for message, _ in world.network.taken]
    assert "".join(message.text for message in messages) == LONG
    assert [len(message.media_urls) for message in messages] == [3, 0, 2]
    for number, (_, url) in enumerate(world.network.taken, start=1):
        status = {"id": f"T{number:033}", "account": ACCOUNT, "status": toy.ARRIVED, "from": OUR_NUMBER, "to": PERSON}
        signed = request(status.items(), token=TOKEN, url=url)
        receipt = world.statuses.receive("acme", url.rpartition("/")[2], signed)
        assert receipt.event is LogEvent.DELIVERED
    assert [world.told(number)["status"] for number in (1, 2, 3)] == [toy.ARRIVED] * 3
    assert {world.told(number)["provider"] for number in (1, 2, 3)} == {"toy"}


def test_a_person_whom_the_toy_blocks_is_not_sent_to_and_the_backend_hears_the_toys_own_words() -> None:
    world = World(AnswerMessage("It is on its way."))
    world.text("Where is my order?")
    world.network.blocked.add(PERSON)
    assert world.send() == [Done(LogEvent.NOT_SENT, OptedOut.reason)]
    assert (world.told(1)["status"], world.told(1)["error_code"]) == (toy.LOST, 480)


def test_stop_is_obeyed_where_the_toy_does_not_see_to_it() -> None:
    world = World(AnswerMessage("You cannot stop me."))
    ours, theirs = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    assert world.text("Stop", **{"from": theirs, "to": ours}) == Done(LogEvent.UNANSWERED, "opt_out")
    assert world.text("Hello?", **{"from": theirs, "to": ours, "id": "T" + "5" * 33}) == Done(
        LogEvent.UNANSWERED, OptedOut.reason
    )
    assert world.outbound.sent == []


def test_what_the_toy_reports_of_an_opt_out_is_believed_and_not_kept_twice() -> None:
    world = World(AnswerMessage("You cannot stop me."))
    reported = {"from": f"whatsapp:{PERSON}", "to": f"whatsapp:{OUR_NUMBER}", "membership": "left"}
    assert world.text("arrêt", **reported) == Done(LogEvent.UNANSWERED, "opt_out")
    assert world.backend.asked[0]["data"]["opt_out"] == "STOP"
    assert world.opt_outs.kept == {}


def test_an_account_that_is_missing_can_be_added_at_either_provider() -> None:
    world = World(AnswerMessage("It is on its way."))
    world.text("Where is my order?")
    world.accounts.stored["acme"] = ProviderSecrets(SALT)
    assert world.send() == [Done(LogEvent.PARKED, "unknown_account")]
    (parked,) = world.parking.kept.values()
    assert parked.detail.endswith("add it with: sms twilio set-account or sms toy set-account")


@pytest.mark.parametrize("folder", ["receiving", "forwarding", "sending", "submission", "messages"])
def test_the_tests_of_the_domain_pass_with_it(folder: str) -> None:
    arguments = ["-q", "-n0", "-p", "no:cacheprovider", *KNOW_NO_PROVIDER, f"tests/unit/{folder}"]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own tests
        [sys.executable, "-m", "pytest", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TEST_PROVIDER": "toy"},
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_it_stands_on_the_ports_alone_and_nothing_of_ours_knows_it() -> None:
    for path in (ROOT / "tests" / "toy_provider").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(OURS):
                assert within(node.module, BELOW_DOMAIN), f"{path.name} imports {node.module}"
    modules = [path for folder in ("shared", "handlers") for path in (ROOT / folder).rglob("*.py")]
    knowing = [path.name for path in modules if re.search(r"\btoy", path.read_text(encoding="utf-8"), re.IGNORECASE)]
    assert knowing == []
