"""Whether a person has opted out by the stages' own lists, which are about all addresses but phone numbers by SMS."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from operations.stage.names import Stage
from operations.tracing.verdicts import Verdict
from shared.messages.outbound import StoppedConversation


def with_opt_outs(verdict: Verdict, stopped: Mapping[Stage, Sequence[StoppedConversation]], *, command: str) -> Verdict:
    """The verdict on a person's texts, and who stopped what is sent to them, when, and what ends it.

    Args:
        verdict: what became of the latest text.
        stopped: the person's stopped conversations by stage.
        command: how the command is called.
    """
    conversations = [(stage, conversation) for stage, of_stage in stopped.items() for conversation in of_stage]
    sentences = [_sentence(stage, conversation) for stage, conversation in conversations]
    ends = [_end(command, stage, conversation) for stage, conversation in conversations]
    return replace(verdict, sentence=" ".join([verdict.sentence, *sentences]), see=(*verdict.see, *ends))


def _sentence(stage: Stage, stopped: StoppedConversation) -> str:
    at = f"{stopped.at:%Y-%m-%d %H:%M:%S} UTC"
    who = f"An operator stopped them at {at}" if stopped.by_operator else f"They wrote STOP at {at}"
    return (
        f"{who}, so stage {stage} sends them nothing from {stopped.ours}. "
        "It ends when they write START there, or with optout remove if they agree."
    )


def _end(command: str, stage: Stage, stopped: StoppedConversation) -> str:
    where = ["--stage", stage, "--tenant", stopped.tenant]
    return f"{command} {shlex.join([*where, 'optout', 'remove', stopped.person, '--number', stopped.ours])}"
