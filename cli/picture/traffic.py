"""Some minutes of a stage's life, played quickly: much that goes well, and something of all that does not."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from cli.demo.line import UNASSIGNED, connect
from cli.demo.play import STAGE, Play
from cli.local.backend import Answers, Event, Says, in_turn, parrot
from cli.local.person import NotTakenError, Person

_DOWN, _REFUSING = Says(status=503), Says(status=400)
_ERRORS = (30003, 30003, 30005, 30006)
_AT_ONCE = 4
_EVERY_SECONDS, _BETWEEN_SECONDS = 0.4, 8.0


def play_all(play: Play, say: Callable[[str], None]) -> None:
    """Texts that are answered all the while, and one thing after another that goes otherwise, until all is over."""
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        usual = pool.submit(_text_all_the_while, play, over)
        try:
            for scene in (_slow, _failing, _refused, _unassigned, _undelivered, _submitting):
                over.wait(_BETWEEN_SECONDS)  # so that one is seen apart from the other
                say(f"{(scene.__doc__ or '').rstrip('.')} …")
                scene(play)
            over.wait(_BETWEEN_SECONDS)
        finally:
            over.set()
        usual.result()
    play.queues.settle()


def _text_all_the_while(play: Play, over: threading.Event) -> None:
    while not over.wait(_EVERY_SECONDS):
        _try(play.person())


def _slow(play: Play) -> None:
    """A backend that thinks, and one that says nothing."""
    answers: list[Answers] = [lambda event: Says(parrot(event).messages, after_seconds=1.5), lambda _: Says(status=204)]
    _text([play.person(answers[number % 2]) for number in range(12)])


def _failing(play: Play) -> None:
    """A backend that is away, and one that refuses."""

    def gone(_: Event) -> Says:
        return _DOWN

    for answers in (in_turn(_DOWN, _DOWN, parrot), gone, lambda _: _REFUSING, in_turn(_DOWN, parrot)):
        _text([play.person(answers, second=gone)])


def _refused(play: Play) -> None:
    """Forged signatures and wrong keys."""
    forged = [play.person() for _ in range(6)]
    for person in forged:
        play.phones.text(sender=person.address, to=person.to, body="pay me", signature="Zm9yZ2VkIQ==")
    for key in (play.line.key[:-1], play.line.reader_key):
        connect(play.line, STAGE, key, play.present, play.phones)
        _text([play.person() for _ in range(2)])
    connect(play.line, STAGE, play.line.key, play.present, play.phones)


def _unassigned(play: Play) -> None:
    """A number that no agent holds."""
    _text([play.person(to=UNASSIGNED) for _ in range(2)])


def _undelivered(play: Play) -> None:
    """Replies that do not arrive."""
    for code in _ERRORS:
        person = play.person()
        play.phones.fail(kind="fails_later", error_code=code, ends="undelivered", to=person.address)
        _text([person])


def _submitting(play: Play) -> None:
    """Messages of a program."""
    for _ in range(6):
        _submit(play, play.person())


def _text(persons: list[Person]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_try, persons))


def _try(person: Person) -> None:
    try:
        person.text("Are you open today?")
    except NotTakenError:
        return  # it was to be refused


def _submit(play: Play, person: Person) -> None:
    stage = play.present.stages[STAGE]
    url = httpx.URL(stage.base_url)
    httpx.post(
        f"{play.present.aws_endpoint}{url.path}/sms.sender/SmsSend",
        headers={"Host": url.netloc.decode()},
        auth=("apikey", play.line.key),
        json={"from": person.to, "to": person.address, "text": "Your table is ready."},
        trust_env=False,
    ).raise_for_status()
