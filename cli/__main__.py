"""`python -m cli`, which `./sms` runs."""

import os

from cli.app import app

if __name__ == "__main__":
    app(prog_name=os.environ.get("SMS_CALLED", "sms"))  # the shell completes what it is called by
