"""What can go wrong with a webhook, and the error code that Twilio's debugger gives it.

Codes and their messages are from Twilio's "Error and Warning Dictionary"; each is described on a page of its own, whose
title is the code and the message. Two pages cover a 4xx or 5xx response: 11200 ("Web server returned a 4xx or 5xx HTTP
response") and 11217. Reports of people with text webhooks show 11200 for 401 and for 500, so the twin uses that, and
11217 for 429, which only its own page names. Do not rely on the difference.
"""

from enum import StrEnum


class Failure(StrEnum):
    """Why one request, or a whole webhook, did not succeed. The values appear in the control API's answers."""

    CONNECT_TIMEOUT = "connect_timeout"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_FAILED = "connection_failed"
    BAD_HOST = "bad_host"
    TLS_FAILED = "tls_failed"
    READ_TIMEOUT = "read_timeout"
    TOTAL_TIMEOUT = "total_timeout"
    PROTOCOL_VIOLATION = "protocol_violation"
    STATUS = "status"
    RATE_LIMITED = "rate_limited"
    INVALID_REDIRECT = "invalid_redirect"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    INVALID_CONTENT_TYPE = "invalid_content_type"
    NOT_XML = "not_xml"
    NOT_A_RESPONSE = "not_a_response"
    INVALID_RETRY_POLICY = "invalid_retry_policy"

    @property
    def code(self) -> int:
        """Twilio's error code."""
        return _CODES[self][0]

    @property
    def message(self) -> str:
        """Twilio's message for the code."""
        return _CODES[self][1]

    @property
    def retry_policy(self) -> str:
        """The word in the `rp` override that makes Twilio try again after this failure; empty when only `all` does."""
        return _RETRY_POLICIES.get(self, "")


class WebhookFailed(Exception):
    """A request, or the response to it, failed.

    Attributes:
        failure: What failed.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


_CODES = {
    Failure.CONNECT_TIMEOUT: (11201, "TCP connection timed out"),
    Failure.CONNECTION_REFUSED: (11202, "TCP connection refused"),
    Failure.CONNECTION_FAILED: (11205, "HTTP connection failure"),
    Failure.BAD_HOST: (11210, "HTTP bad host name"),
    Failure.TLS_FAILED: (11220, "SSL/TLS Handshake Error"),
    Failure.READ_TIMEOUT: (11205, "HTTP connection failure"),
    Failure.TOTAL_TIMEOUT: (11203, "HTTP communication total time out triggered"),
    Failure.PROTOCOL_VIOLATION: (11206, "HTTP protocol violation"),
    Failure.STATUS: (11200, "HTTP retrieval failure"),
    Failure.RATE_LIMITED: (11217, "HTTP error response code"),
    Failure.INVALID_REDIRECT: (11216, "HTTP invalid redirect"),
    Failure.TOO_MANY_REDIRECTS: (11215, "HTTP too many redirects"),
    Failure.TOO_LARGE: (11750, "TwiML response body too large"),
    Failure.INVALID_CONTENT_TYPE: (12300, "Invalid Content-Type"),
    Failure.NOT_XML: (12100, "Document parse failure"),
    Failure.NOT_A_RESPONSE: (12102, "The root element must be Response"),
    Failure.INVALID_RETRY_POLICY: (11243, "HTTP retry policy is invalid"),
}

_RETRY_POLICIES = {
    Failure.CONNECT_TIMEOUT: "ct",
    Failure.CONNECTION_REFUSED: "ct",
    Failure.CONNECTION_FAILED: "ct",
    Failure.BAD_HOST: "ct",
    Failure.TLS_FAILED: "ct",
    Failure.READ_TIMEOUT: "rt",
}
