"""The public paths, below a stage's base URL: what the provider and backends call. serverless.yml has the same."""

RECEIVE = "/sms.receiver/SmsRecv"
"""Where the provider posts texts."""
STATUS = "/sms.receiver/SmsStatus"
"""Where the provider tells what becomes of replies: followed by tenant and reply id, see `status_path`."""
SEND = "/sms.sender/SmsSend"
"""Where backends and programs ask for a message to be sent."""


def status_path(tenant_id: str, reply_id: str) -> str:
    """The path for one reply's statuses."""
    return f"{STATUS}/{tenant_id}/{reply_id}"
