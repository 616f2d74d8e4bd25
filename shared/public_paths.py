"""The public paths below a stage's base URL, which the provider and backends call; the same as in serverless.yml."""

RECEIVE = "/sms.receiver/SmsRecv"
"""The provider posts texts here."""
STATUS = "/sms.receiver/SmsStatus"
"""The provider posts the statuses of replies here; the ids of the tenant and the reply follow, see `status_path`."""
SEND = "/sms.sender/SmsSend"
"""Backends and other programs post messages to send here."""
BEGIN_SESSION = "/sms.sender/SmsSession"
"""Programs create sessions here."""
END_SESSION = "/sms.sender/SmsSessionEnd"
"""Programs end sessions here."""


def status_path(tenant_id: str, reply_id: str) -> str:
    """The path for the statuses of a reply."""
    return f"{STATUS}/{tenant_id}/{reply_id}"
