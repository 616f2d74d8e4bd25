"""The adapter for Amazon Lex V2. Implements `shared.backends.lex.Bot`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.aws.botocore_errors import unavailable_or_refused

if TYPE_CHECKING:
    from mypy_boto3_lexv2_runtime import LexRuntimeV2Client


class LexBot:
    """One alias of a bot, in one locale.

    Args:
        lex: a client for the AWS region in the ARN.
        arn: the alias's ARN; it was checked when the backend was configured.
        locale: such as `en_US`.
    """

    def __init__(self, lex: "LexRuntimeV2Client", arn: str, locale: str) -> None:
        self._lex = lex
        # arn:aws:lex:region:account:bot-alias/bot/alias (Service Authorization Reference, Amazon Lex V2)
        _, self._bot_id, self._alias_id = arn.rsplit("/", 2)
        self._locale = locale

    def recognize(self, text: str, *, session_id: str) -> Mapping[str, Any]:
        """The response of RecognizeText.

        Raises Unavailable, or UpstreamRefused when the bot is missing or forbidden.
        """
        with unavailable_or_refused("the bot could not be called"):
            response = self._lex.recognize_text(
                botId=self._bot_id,
                botAliasId=self._alias_id,
                localeId=self._locale,
                sessionId=session_id,
                text=text,
            )
        return dict(response)
