"""A tenant as IBM's gateway had it, with made-up numbers and secrets.

The form is that of the example in IBM Docs, "Advanced JSON configuration properties for SMS Gateway" (SS4U29).
"""

from typing import Any

ACCOUNT, TOKEN, API_KEY = "AC" + "5" * 32, "7e57" * 8, "apikey-of-watson-0123456789"

SAMPLE: dict[str, Any] = {
    "tenants": [
        {
            "tenantPhoneNumber": "+12025550155",
            "description": "Car insurance assistance",
            "allowSessionCreateViaSMS": "false",
            "timeoutForSession": "3600",
            "conversationFailedReplyMessage": "We can't respond to your message.",
            "convReadTimeout": "30000",
            "convConnectTimeout": "30000",
            "smsProviderConnectTimeout": "30000",
            "smsProviderReadTimeout": "30000",
            "smsProviderMaxRetryNo": "2",
            "smsProvideRetryInterval": "2000",
            "convMaxRetryNo": "2",
            "convRetryInterval": "2000",
            "conversation": {
                "url": "https://engine.example.com/v1",
                "workspaceID": "w0rkspace",
                "username": "user",
                "apikey": API_KEY,
                "tokenServiceProviderUrl": "https://iam.example.com/identity/token",
            },
            "smsProvider": {"url": "https://api.twilio.com", "username": ACCOUNT, "password": TOKEN},
            "webHookCredentials": {"username": "hook", "password": "hook-secret"},
            "reporting": {"url": "https://reports.example.com"},
        }
    ]
}


def tenant(**changes: object) -> dict[str, Any]:
    """The tenant, changed."""
    return {**SAMPLE["tenants"][0], **changes}
