"""What can go wrong with a webhook, and the error code that Twilio's debugger gives it.

Codes and their messages are from Twilio's "Error and Warning Dictionary"; each is described on a page of its own, whose
title is the code and the message. Two pages claim a 4xx or 5xx answer: 11200 ("Web server returned a 4xx or 5xx HTTP
response") and 11217. Reports of people with text webhooks show 11200 for 401 and for 500, so that is given here, and
11217 for the 429 that only its own page names. Do not let anything hang on the difference.
"""

from enum import StrEnum


class Trouble(StrEnum):
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
        """The word in the `rp` override that has this failure tried again; empty when only `all` does."""
        return _RETRY_POLICIES.get(self, "")


class Troubled(Exception):
    """A request, or the answer to it, failed.

    Attributes:
        trouble: How.
    """

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


_CODES = {
    Trouble.CONNECT_TIMEOUT: (11201, "TCP connection timed out"),
    Trouble.CONNECTION_REFUSED: (11202, "TCP connection refused"),
    Trouble.CONNECTION_FAILED: (11205, "HTTP connection failure"),
    Trouble.BAD_HOST: (11210, "HTTP bad host name"),
    Trouble.TLS_FAILED: (11220, "SSL/TLS Handshake Error"),
    Trouble.READ_TIMEOUT: (11205, "HTTP connection failure"),
    Trouble.TOTAL_TIMEOUT: (11203, "HTTP communication total time out triggered"),
    Trouble.PROTOCOL_VIOLATION: (11206, "HTTP protocol violation"),
    Trouble.STATUS: (11200, "HTTP retrieval failure"),
    Trouble.RATE_LIMITED: (11217, "HTTP error response code"),
    Trouble.INVALID_REDIRECT: (11216, "HTTP invalid redirect"),
    Trouble.TOO_MANY_REDIRECTS: (11215, "HTTP too many redirects"),
    Trouble.TOO_LARGE: (11750, "TwiML response body too large"),
    Trouble.INVALID_CONTENT_TYPE: (12300, "Invalid Content-Type"),
    Trouble.NOT_XML: (12100, "Document parse failure"),
    Trouble.NOT_A_RESPONSE: (12102, "The root element must be Response"),
    Trouble.INVALID_RETRY_POLICY: (11243, "HTTP retry policy is invalid"),
}

_RETRY_POLICIES = {
    Trouble.CONNECT_TIMEOUT: "ct",
    Trouble.CONNECTION_REFUSED: "ct",
    Trouble.CONNECTION_FAILED: "ct",
    Trouble.BAD_HOST: "ct",
    Trouble.TLS_FAILED: "ct",
    Trouble.READ_TIMEOUT: "rt",
}
