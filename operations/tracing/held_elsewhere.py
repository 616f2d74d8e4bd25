"""Whether another tenant has the number that a text went to: then the text finds no agent of the tenant it came to."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from operations.operator import Operator
from operations.stage.names import Stage
from operations.tracing.outcomes import TraceState
from operations.tracing.text_record import TextRecord
from operations.tracing.verdicts import Verdict
from shared.address import Address
from shared.reasons import Reason


def held_elsewhere(operator: Operator, tenant_id: str, number: str) -> Verdict | None:
    """What that means for texts to a number; None when no other tenant has it.

    Args:
        operator: knows who has which number.
        tenant_id: the tenant that does not have it.
        number: the number, or another address of ours.

    Raises CommandDeclined, Unavailable.
    """
    holders = map(operator.target.numbers_directory.find, Address.parse(number).held_as)
    holder = next(filter(None, holders), None)
    if holder is None or holder.tenant_id == tenant_id:
        return None
    sentence = (
        f"An agent of tenant {holder.tenant_id!r} has this number, so texts to it find no agent of {tenant_id!r}. "
        f"Ask about it there, or release it there if {tenant_id!r} is to have it."
    )
    there = f"./sms --tenant {holder.tenant_id}"
    return Verdict(TraceState.UNREACHED, sentence, (f"{there} why {number}", f"{there} number release {number}"))


def with_holder(verdict: Verdict, operator: Operator, tenant_id: str, records: Mapping[Stage, TextRecord]) -> Verdict:
    """The verdict on a text; of one that is parked because no agent has its number also which other tenant has it.

    Raises CommandDeclined, Unavailable.
    """
    if verdict.state is not TraceState.PARKED:
        return verdict
    elsewhere = next((held_elsewhere(operator, tenant_id, number) for number in _without_agent(records)), None)
    if elsewhere is None:
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence} {elsewhere.sentence}", see=(*elsewhere.see, *verdict.see))


def _without_agent(records: Mapping[Stage, TextRecord]) -> Iterator[str]:
    for record in records.values():
        yield from (parked.number for parked in record.parked if parked.reason == Reason.NO_AGENT)
