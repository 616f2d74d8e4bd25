"""Answers that break HTTP: some by hand, and as many more as a test likes, the same in each run."""

import random
from collections.abc import Callable, Iterator

CANARY = b"hush5ecret"
"""Stands in answers, and must stand nowhere else."""
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

BROKEN = {
    "a negative chunk": CHUNKED + b"-5\r\nabc",
    "a chunk that takes all there is": CHUNKED + b"-1\r\n" + CANARY,
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + CANARY,
    "two lengths in one": OK + b"Content-Length: 5, 6\r\n\r\n" + CANARY,
}


def heads(dice: random.Random) -> bytes:
    """A status line, mostly a good one."""
    return dice.choice(
        [
            *[b"HTTP/1.1 200 OK"] * 12,
            b"HTTP/1.0 200 OK",
            b"HTTP/1.1 200",
            b"HTTP/1.1 204 No",
            b"HTTP/1.1 101 Switching",
            b"HTTP/1.1 -200 OK",
            b"HTTP/1.1 99999 OK",
            b"HTTP/1.1 2OO OK",
            b"HTTP/9.9 200 OK",
            b"HTTP/1.1\x00200 OK",
            b"HTTP/1.1 200 " + b"x" * 70_000,
            b"ICY 200 OK",
            b"\xff\xfe",
            b"",
        ]
    )


def headers(dice: random.Random, size: int) -> Iterator[bytes]:
    """Header lines about the body's length and others, good and broken ones."""
    lengths = [b"%d" % size, b"%d" % (size + 9), b"0", b"-1", b"+5", b"1e3", b"0x10", b"9" * 30, b"\x00", b"", b"5_0"]
    kinds: list[Callable[[], bytes]] = [
        lambda: b"Content-Length: " + dice.choice(lengths),
        lambda: b"Content-Length: " + dice.choice(lengths) + b"," + dice.choice(lengths),
        lambda: b"Transfer-Encoding: " + dice.choice([b"chunked", b"Chunked", b"gzip, chunked", b"\x00", b"x" * 100]),
        lambda: b"Content-Encoding: " + dice.choice([b"identity", b"gzip", b"\xff"]),
        lambda: b"Location: " + dice.choice([b"http://[", b"//", b"\x00", b"x" * 70_000]),
        lambda: b"Content-Type: " + dice.choice([b"application/json; charset=\xff", b";;;", b"a/b; x*=utf-8''%ff"]),
        lambda: b"Set-Cookie: " + dice.choice([b"a=b; expires=" + b"9" * 50, b"=;;", b"a=b; max-age=x; domain=\x00"]),
        lambda: b"Connection: " + dice.choice([b"close", b"keep-alive", b"upgrade"]),
        lambda: dice.choice([b"no colon", b": no name", b" folded", b"\x00: \x00", b"X: " + CANARY, b"\xe9: \xe9"]),
        lambda: b"\r\n".join([b"X-Many: 1"] * dice.choice([90, 120])),
    ]
    for _ in range(dice.randint(0, 4)):
        yield dice.choice(kinds)()


def chunks(dice: random.Random, body: bytes) -> bytes:
    """A body in chunks, with sizes that are mostly right."""
    sizes = [b"%x" % len(body)] * 4 + [b"-5", b"", b"zz", b"f" * 20, b"7fffffff", b"0x5", b" 5 ", b"5;x=\x00", b"\xff"]
    ends = [b"0\r\n\r\n"] * 4 + [
        b"",
        b"0\r\n",
        b"0\r\nX: 1\r\n\r\n",
        b"-1\r\n\r\n",
        b"0\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
    ]
    return dice.choice(sizes) + b"\r\n" + body + dice.choice([b"\r\n"] * 4 + [b"", b"\n", b"xx"]) + dice.choice(ends)


def broken(dice: random.Random, body: bytes) -> bytes:
    """An answer as a mad backend would give it."""
    body = dice.choice([body, body, b"{}", b"", b"\x00" * 50, b"x" * 70_000])
    lines = list(headers(dice, len(body)))
    if any(b"chunked" in line.lower() for line in lines) or dice.random() < 0.3:
        lines.append(b"Transfer-Encoding: chunked")
        body = chunks(dice, body)
    whole = dice.choice([b"\r\n"] * 8 + [b"\n", b"\r"]).join([heads(dice), *lines, b"", body])
    if dice.random() < 0.2:
        return whole[: dice.randint(0, len(whole))]
    if dice.random() < 0.2:
        place = dice.randint(0, len(whole))
        return whole[:place] + dice.randbytes(dice.randint(1, 4)) + whole[place:]
    return whole
