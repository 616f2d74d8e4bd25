"""What an operator can do about failures of AWS, as parts of sentences."""

from botocore import exceptions

from operations.stage.names import home_stage
from shared.aws.botocore_errors import code

UNREACHABLE = "check the network, and AWS_ENDPOINT_URL if it is set"
LOCAL_STACK_NOT_UP = "the local stack is not up; run: ./sms local up"

_SERVER_ERROR = 500
_SIGN_IN = "sign in to AWS first: set AWS_PROFILE, or run `aws configure` or `aws sso login`"
_DIRECTORY_CALLS = {"BatchGetItem", "GetItem", "Query", "TransactWriteItems"}
_SIGNED_OUT = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


def unreachable_advice(home_region: str) -> str:
    """What an operator can do when AWS cannot be reached, which may be all of it, or only the home region."""
    return (
        f"{UNREACHABLE}. If only the home region {home_region} does not answer, tenants can neither be read nor "
        "changed until it does, and the other stage goes on with its own copy: docs/tenants.md#two-regions"
    )


def advice(cause: BaseException | None, *, unreachable: str, failing: str | None = None) -> str | None:
    """What an operator can do about a failure of AWS; None when the cause does not tell.

    Args:
        cause: the error that boto3 raised.
        unreachable: the advice when AWS cannot be reached.
        failing: the advice when AWS answers with an error of its own.
    """
    match cause:
        case exceptions.ConnectionError() | exceptions.HTTPClientError():
            return unreachable
        case (
            exceptions.NoCredentialsError()
            | exceptions.PartialCredentialsError()
            | exceptions.CredentialRetrievalError()
            | exceptions.ProfileNotFound()
            | exceptions.TokenRetrievalError()
            | exceptions.SSOError()
        ):
            return _SIGN_IN
        case exceptions.ClientError():
            return failing if _status(cause) >= _SERVER_ERROR else _advice_on_refusal(cause)
    return None


def _advice_on_refusal(error: exceptions.ClientError) -> str | None:
    reason = code(error)
    if reason in _SIGNED_OUT:
        return _SIGN_IN
    if reason == "ResourceNotFoundException" and error.operation_name in _DIRECTORY_CALLS:
        return (
            f"a table is missing: deploy the home stage first, with: make deploy STAGE={home_stage()}; or set "
            "SMS_RECEIVER_HOME and the stages' regions as they were when it was deployed"
        )
    if "AccessDenied" in reason:
        return "these AWS credentials may not do it; docs/operate-policy.json is a policy that allows it"
    return None


def _status(error: exceptions.ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
