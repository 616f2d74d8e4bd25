"""An agent as a tenant of IBM's gateway describes it, in our terms."""

from dataclasses import dataclass, field


@dataclass
class Conversation:
    """What answered: Watson Assistant, or a Service Orchestration Engine in its form."""

    url: str = field(default="", repr=False)
    workspace: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)


@dataclass
class Provider:
    """The account at the SMS provider."""

    url: str = field(default="", repr=False)
    sid: str = ""
    token: str = field(default="", repr=False)


@dataclass
class Draft:
    """What is known of an agent so far; None for what the file does not say.

    Attributes:
        number: our end, in E.164 or as another address; empty when the file has none that can be used.
        description: what the tenant was for, which becomes the agent's name.
        number_description: what the number is for; None for the same.
        session_seconds: how long a session lasted without a text.
        failure_reply: what a person was told when nobody could answer.
        timeout_seconds: how long an answer could take.
        initiates_from_inbound: whether a person's text began a session.
        timeout_notice: what a person is told when a session has timed out.
    """

    number: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    number_description: str | None = field(default=None, repr=False)
    session_seconds: float | None = None
    failure_reply: str | None = field(default=None, repr=False)
    timeout_seconds: float | None = None
    initiates_from_inbound: bool | None = None
    timeout_notice: str | None = field(default=None, repr=False)
    conversation: Conversation = field(default_factory=Conversation)
    provider: Provider = field(default_factory=Provider)
