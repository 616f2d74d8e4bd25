"""The REST API's errors: Twilio's code, its message, and an HTTP status.

Codes and titles are from Twilio's "Error and Warning Dictionary", which has a page for each. The dictionary gives no
HTTP status: people report 400 for everything that is wrong with a message. Do not rely on the messages.
"""

_MESSAGES = {
    20001: (400, "Unknown parameters: {}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21211: (400, "Invalid 'To' Phone Number: {}"),
    21265: (400, "'To' number cannot be a Short Code: {}"),
    21266: (400, "'To' and 'From' number cannot be the same: {}"),
    21402: (400, "Invalid Url: {}"),
    21403: (400, "Invalid Method: {}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "Invalid 'StatusCallback'"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21659: (400, "'From' {} is not a Twilio phone number or Short Code country mismatch"),
    21660: (400, "Mismatch between the 'From' number {} and the account {}"),
    21910: (400, "Invalid From and To pair. From and To should be of the same channel"),
}
_BY_STATUS = {404: 20404, 405: 20004}


class RestError(Exception):
    """An error response to a request.

    Args:
        code: Twilio's code.
        details: Values for the placeholders of its message.
        status: The HTTP status; None for the code's default.

    Attributes:
        status: The HTTP status.
        headers: Headers of the response.
    """

    def __init__(self, code: int, *details: str, status: int | None = None) -> None:
        default_status, template = _MESSAGES.get(code, (400, "Failed on demand"))
        super().__init__(template.format(*details))
        self._code = code
        self.status = default_status if status is None else status
        self.headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else {}  # noqa: PLR2004

    def body(self) -> dict[str, object]:
        """The response's body (Twilio docs: "Twilio's Response", section "Exceptions")."""
        return {
            "code": self._code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self._code}",
            "status": self.status,
        }


def from_http(status: int, path: str) -> RestError:
    """The error for a request that the web server itself refuses: a path or a method that does not exist."""
    return RestError(_BY_STATUS.get(status, 20001), path, status=status)
