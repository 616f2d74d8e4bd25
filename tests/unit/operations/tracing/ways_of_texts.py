"""The ways that texts go, and what each comes to: its hops, the state, the sentence, and where to see more."""

from collections.abc import Sequence

from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState
from operations.twilio.message_errors import explained
from tests.unit.operations.tracing.hops_of_texts import (
    accepted,
    answered,
    delivered,
    hop,
    parked,
    postponed,
    refused,
    reply_parked,
    sent,
    status_parked,
    told,
    undelivered,
)

Way = tuple[Sequence[Hop], TraceState, str, tuple[str, ...]]

TEXT, MESSAGE = "SM" + "1" * 32, "AP" + "7" * 32
SMS = "./sms --stage east --tenant acme"
SOUTH = "./sms --stage south --tenant acme"
SHOW = ("docs/parking.md", f"{SMS} parked show {TEXT}")
ARRIVED = "It was answered, and the answer arrived."
WITH_PROVIDER = "It was answered; the provider has the answer and has not said yet that it arrived."
BACKEND_AWAY = "It is tried again: backend_unavailable."
ERROR = "https://www.twilio.com/docs/api/errors"
STATUS_LIST = f"{SMS} parked list --queue inbound --reason backend_refused"
NOT_TOLD = " A status of message 1 for the backend was parked, on stage east: backend_refused."

LATER = "It waits for the backend, which said that it will answer later."
OVERDUE = "The backend said that it would answer later, and has not in the time of its agent."


def later() -> Hop:
    return hop("forwarder", "Unanswered", at=1, reason="later")


def overdue() -> Hop:
    return hop("forwarder", "Overdue", at=60)


def submitted_reply(at: float = 30) -> Hop:
    return hop("api", "Submitted", f"{MESSAGE}-1", at=at)


NO_TOKEN_SIGNED = (
    "It was refused: invalid_signature. None of the account's auth tokens signed this request for this URL. "
    "The log does not hold what was signed."
)
OTHER_ACCOUNT = (
    "It was refused: unknown_account. The request names an account that this tenant does not have, or no account. "
    "Find out which account owns the number, then: ./sms twilio set-account AC…"
)
THREE_TROUBLES = (
    "It was answered with 4 messages: 1 arrived, 1 did not arrive, 2 are parked. Message 2: error 99998. "
    "Message 3: provider_refused. Message 4: earlier_part_parked."
)

WAYS: list[Way] = [
    ([accepted()], TraceState.WAITING, "It waits for the forwarder.", (f"{SMS} doctor",)),
    ([accepted(), accepted(9, "south")], TraceState.WAITING, "It waits for the forwarder.", (f"{SOUTH} doctor",)),
    (
        [accepted(), answered()],
        TraceState.WAITING,
        "It was answered; the answer waits for the sender.",
        (f"{SMS} doctor",),
    ),
    ([accepted(), answered(), sent()], TraceState.SENT, WITH_PROVIDER, ()),
    ([accepted(), answered(), sent(), delivered()], TraceState.ARRIVED, ARRIVED, ()),
    # a backend that wants statuses is told afterwards, whatever they say
    (
        [accepted(), answered(), sent(), undelivered(), told()],
        TraceState.FAILED,
        "It was answered, but the provider could not deliver the answer: it did not say why.",
        (),
    ),
    (
        [accepted(), answered(), sent(), told(at=3), undelivered(error_code="99998"), told()],
        TraceState.FAILED,
        "It was answered, but the provider could not deliver the answer: error 99998.",
        (f"{ERROR}/99998",),
    ),
    ([accepted(), answered(), sent(), delivered(), told()], TraceState.ARRIVED, ARRIVED, ()),
    ([accepted(), answered(), told(at=3)], TraceState.SENT, WITH_PROVIDER, ()),
    # a status that was parked is no reply that was parked
    (
        [accepted(), answered(), sent(), delivered(), status_parked()],
        TraceState.ARRIVED,
        f"{ARRIVED}{NOT_TOLD}",
        (STATUS_LIST,),
    ),
    (
        [accepted(), answered(), sent(), status_parked(at=3), delivered(), told()],
        TraceState.ARRIVED,
        f"{ARRIVED}{NOT_TOLD}",
        (STATUS_LIST,),
    ),
    ([accepted(), answered(), sent(), postponed(at=3, reply="1"), delivered()], TraceState.ARRIVED, ARRIVED, ()),
    (
        [accepted(), answered(), sent(), delivered(), hop("forwarder", "Unanswered", "1", at=5, reason="declined")],
        TraceState.ARRIVED,
        ARRIVED,
        (),
    ),
    # opted out
    (
        [accepted(), hop("forwarder", "Unanswered", at=1, reason="opt_out")],
        TraceState.UNANSWERED,
        "It was deliberately not answered: opt_out.",
        (),
    ),
    (
        [accepted(), answered(), hop("sender", "NotSent", "1", at=2, reason="opted_out", error_code="21610"), told()],
        TraceState.FAILED,
        (
            "It was answered, but the answer was not sent, because the person wrote STOP: opted_out, error 21610: "
            f"{explained(21610)}."
        ),
        (f"{ERROR}/21610",),
    ),
    (
        [accepted(), hop("forwarder", "Unanswered", at=1, reason="opted_out")],
        TraceState.UNANSWERED,
        "The answer was not sent, because the person wrote STOP, or an operator stopped them: opted_out.",
        (f"{SMS} optout list",),
    ),
    (
        [accepted(), answered(), hop("sender", "NotSent", "1", at=2, reason="unreachable", error_code="21635"), told()],
        TraceState.FAILED,
        f"It was answered, but the answer was not sent: unreachable, error 21635: {explained(21635)}.",
        (f"{ERROR}/21635",),
    ),
    (
        [accepted(), hop("forwarder", "Unanswered", at=1, reason="no_message")],
        TraceState.UNANSWERED,
        "The backend did not answer: no_message.",
        (),
    ),
    # an agent that answers in sessions of programs only
    (
        [accepted(), hop("forwarder", "Unanswered", at=1, reason="no_session")],
        TraceState.UNANSWERED,
        (
            "The backend was not asked: its agent answers in sessions of programs only, and none was open with this "
            "person: no_session."
        ),
        (f"{SMS} session list",),
    ),
    # a late answer: promised, too late, on its way
    ([accepted(), later()], TraceState.WAITING, LATER, (f"{SMS} waiting",)),
    ([accepted(), later(), overdue()], TraceState.OVERDUE, OVERDUE, (f"{SMS} waiting",)),
    (
        [accepted(), later(), hop("api", "Refused", at=30, reason="rate_limited")],
        TraceState.WAITING,
        f"{LATER} A late answer to it was refused: rate_limited.",
        (f"{SMS} waiting", "docs/operations.md"),
    ),
    (
        [
            accepted(),
            later(),
            hop("api", "Refused", at=30, reason="rate_limited"),
            submitted_reply(),
            sent(f"{MESSAGE}-1", at=91),
            delivered(f"{MESSAGE}-1", at=92),
        ],
        TraceState.ARRIVED,
        ARRIVED,
        (),
    ),
    (
        [accepted(), later(), overdue(), sent("f-1", at=61), delivered("f-1", at=62)],
        TraceState.OVERDUE,
        f"{OVERDUE} The failure reply arrived.",
        (f"{SMS} waiting",),
    ),
    (
        [accepted(), later(), submitted_reply()],
        TraceState.WAITING,
        "It was answered; the answer waits for the sender.",
        (f"{SMS} doctor",),
    ),
    (
        [
            accepted(),
            later(),
            overdue(),
            sent("f-1", at=61),
            submitted_reply(at=90),
            sent(f"{MESSAGE}-1", at=91),
            delivered(f"{MESSAGE}-1", at=92),
        ],
        TraceState.ARRIVED,
        ARRIVED,
        (),
    ),
    # a late answer that names the text
    (
        [
            accepted(),
            later(),
            sent(f"{MESSAGE}-1", at=60),
            delivered(f"{MESSAGE}-1", at=62),
        ],
        TraceState.ARRIVED,
        ARRIVED,
        (),
    ),
    # parked and replayed: time decides
    ([accepted(), parked()], TraceState.PARKED, "The text is parked: backend_refused.", SHOW),
    (
        [accepted(stage="south"), parked(stage="south")],
        TraceState.PARKED,
        "The text is parked: backend_refused.",
        ("docs/parking.md", f"{SOUTH} parked show {TEXT}"),
    ),
    ([accepted(), postponed(), postponed(2)], TraceState.RETRYING, BACKEND_AWAY, ()),
    ([accepted(), parked(), postponed(60)], TraceState.RETRYING, BACKEND_AWAY, ()),
    (
        [accepted(), postponed(), parked(60, reason="backend_unavailable")],
        TraceState.PARKED,
        "The text is parked: backend_unavailable.",
        SHOW,
    ),
    (
        [accepted(), parked(), answered(60)],
        TraceState.WAITING,
        "It was answered; the answer waits for the sender.",
        (f"{SMS} doctor",),
    ),
    ([accepted(), parked(), answered(60), sent(at=61), delivered(at=62)], TraceState.ARRIVED, ARRIVED, ()),
    # the failure reply is no answer
    (
        [accepted(), parked(), sent("f-1")],
        TraceState.PARKED,
        "The text is parked: backend_refused. The failure reply is on its way.",
        SHOW,
    ),
    (
        [accepted(), parked(), sent("f-1"), delivered("f-1"), told("f-1")],
        TraceState.PARKED,
        "The text is parked: backend_refused. The failure reply arrived.",
        SHOW,
    ),
    (
        [accepted(), parked(), sent("f-1"), undelivered("f-1")],
        TraceState.PARKED,
        "The text is parked: backend_refused. The failure reply did not arrive.",
        SHOW,
    ),
    # on two stages, when the provider went to the fallback
    (
        [accepted(), parked(), accepted(2, "south"), answered(3, "south"), sent(at=4, stage="south"), delivered(at=5)],
        TraceState.ARRIVED,
        "It was answered, and the answer arrived. The text was parked, on stage east: backend_refused.",
        (f"{SMS} parked list --queue inbound --reason backend_refused",),
    ),
    # a reply that was parked
    (
        [accepted(), answered(), reply_parked(error_code="99999"), told()],
        TraceState.PARKED,
        "It was answered, but the answer is parked: provider_refused, error 99999.",
        ("docs/parking.md", f"{SMS} parked show {TEXT}-1"),
    ),
    ([accepted(), answered(), reply_parked(), sent(at=60)], TraceState.SENT, WITH_PROVIDER, ()),
    (
        [accepted(), answered(), reply_parked(reason="perhaps_sent"), delivered()],
        TraceState.ARRIVED,
        "It was answered, and the answer arrived. Message 1 was parked, on stage east: perhaps_sent.",
        (f"{SMS} parked list --queue outbound --reason perhaps_sent",),
    ),
    (
        [accepted(), answered(), reply_parked(f"{MESSAGE}-1")],
        TraceState.PARKED,
        "It was answered, but the answer is parked: provider_refused.",
        ("docs/parking.md", f"{SMS} parked show {MESSAGE}-1"),
    ),
    (
        [accepted(), answered(), reply_parked("", reason="malformed")],
        TraceState.PARKED,
        "It was answered, but the answer is parked: malformed.",
        ("docs/parking.md", f"{SMS} parked list --queue outbound --reason malformed"),
    ),
    (
        [accepted(), answered(), hop("sender", "Postponed", "1", at=2, reason="in_doubt")],
        TraceState.RETRYING,
        "It was answered; sending the answer is tried again: in_doubt.",
        (),
    ),
    # several messages
    (
        [accepted(), answered(), sent("1"), delivered("1"), sent("2"), delivered("2")],
        TraceState.ARRIVED,
        "It was answered with 2 messages, and all arrived.",
        (),
    ),
    (
        [accepted(), answered(), sent("1"), delivered("1"), sent("2")],
        TraceState.SENT,
        "It was answered with 2 messages: 1 arrived, 1 is with the provider.",
        (),
    ),
    (
        [
            *(accepted(), answered(), sent("1"), delivered("1"), sent("2"), undelivered("2", error_code="99998")),
            *(reply_parked("3"), reply_parked("4", reason="earlier_part_parked"), told("1"), told("2", at=6)),
        ],
        TraceState.PARKED,
        THREE_TROUBLES,
        (f"{ERROR}/99998", "docs/parking.md", f"{SMS} parked show {TEXT}-3", f"{SMS} parked show {TEXT}-4"),
    ),
    # lines that are missing
    ([delivered()], TraceState.ARRIVED, ARRIVED, ()),
    (
        [accepted(), delivered("3"), sent("1")],
        TraceState.WAITING,
        "It was answered with 3 messages: 1 arrived, 1 is with the provider, 1 waits for the sender.",
        (f"{SMS} doctor",),
    ),
    (
        [accepted(), delivered("10"), *(delivered(str(number)) for number in range(1, 10))],
        TraceState.ARRIVED,
        "It was answered with 10 messages, and all arrived.",
        (),
    ),
    (
        [hop("statuses", "UnknownStatus", "1")],
        TraceState.UNCLEAR,
        "The lines of this time do not show what became of it; look further back with --since.",
        (),
    ),
    # refused
    ([refused()], TraceState.REFUSED, NO_TOKEN_SIGNED, ("./sms doctor signature",)),
    ([refused("unknown_account")], TraceState.REFUSED, OTHER_ACCOUNT, ("docs/operations.md",)),
    ([refused(at=9, stage="south"), accepted()], TraceState.WAITING, "It waits for the forwarder.", (f"{SMS} doctor",)),
]
