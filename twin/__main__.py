"""`python -m twin --port 0 [--time-scale 1.0]`: serves the control API and the REST API on 127.0.0.1.

It prints one line, `{"twin_url": "http://127.0.0.1:PORT"}`, as soon as it listens. SIGINT and SIGTERM stop it, with
exit status 0.
"""

import argparse
import json
import logging
import math
import signal
import sys

from werkzeug.serving import make_server

from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

_HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit status."""
    options = _parser().parse_args(arguments)
    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop_signal, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        server = make_server(_HOST, options.port, create_app(OfflineTwilio(options.time_scale)), threaded=True)
        print(json.dumps({"twin_url": f"http://{_HOST}:{server.port}"}), flush=True)  # noqa: T201 -- the interface
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twin", description="An offline Twilio that calls webhooks.")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--time-scale", type=_time_scale, default=1.0, help="multiplies every wait of Twilio's")
    return parser


def _time_scale(text: str) -> float:
    scale = float(text)
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError
    return scale


if __name__ == "__main__":
    sys.exit(main())
