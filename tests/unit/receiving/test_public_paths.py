"""Where a provider tells what becomes of a reply."""

from shared.public_paths import status_path


def test_the_path_names_tenant_and_reply() -> None:
    assert status_path("acme", "SM42-1") == "/sms.receiver/SmsStatus/acme/SM42-1"
