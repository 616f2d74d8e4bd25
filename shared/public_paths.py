"""Where a provider tells what becomes of a reply, below the public base URL."""

PATH = "/sms.receiver/SmsStatus"


def status_path(tenant_id: str, reply_id: str) -> str:
    """The path for one reply."""
    return f"{PATH}/{tenant_id}/{reply_id}"
