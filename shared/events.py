"""The events on the queues: CloudEvents 1.0 in its JSON format, described by the schemas in docs/schemas/."""

import hashlib
import hmac
from datetime import datetime

from shared.model import InboundMessage
from shared.tenant import Tenant

RECEIVED = "sms.message.received.v1"


def conversation_id(tenant: Tenant, message: InboundMessage) -> str:
    """Names everything between one of our numbers and one person, without naming either: 64 hexadecimal digits."""
    parties = f"{message.recipient}\n{message.sender}".encode()
    return hmac.new(bytes.fromhex(tenant.salt), parties, hashlib.sha256).hexdigest()


def received(tenant: Tenant, message: InboundMessage, *, stage: str, now: datetime) -> dict[str, object]:
    """A text that was received, as the agent's side gets it."""
    conversation = conversation_id(tenant, message)
    return {
        "specversion": "1.0",
        "type": RECEIVED,
        "source": f"/sms-receiver/{stage}/{message.provider}",
        "id": message.message_id,
        "time": now.isoformat(timespec="milliseconds"),
        "subject": conversation,
        "datacontenttype": "application/json",
        "tenant": tenant.id,
        "data": {
            "message_id": message.message_id,
            "provider": message.provider,
            "account": message.account,
            "conversation": conversation,
            "from": message.sender,
            "to": message.recipient,
            "text": message.text,
            "media": [{"url": media.url, "content_type": media.content_type} for media in message.media],
            "fields": {name: list(values) for name, values in message.fields.items()},
        },
    }
