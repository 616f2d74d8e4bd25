"""`python -m cli`, which `./sms` runs."""

from cli.app import app

if __name__ == "__main__":
    app(prog_name="sms")
