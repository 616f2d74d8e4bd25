"""Numbers in CSV files, as IBM's dashboard exported them of an agent, beside the tenants of its gateway."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from operations.ibm_import.draft import Draft
from operations.ibm_import.reading import IbmTenant
from operations.numbers import csv_file
from operations.numbers.csv_file import CsvNumber, WrongLines
from shared.errors import CommandDeclined


def with_numbers(tenants: Sequence[IbmTenant], rows: Iterable[CsvNumber], agent: str | None) -> list[IbmTenant]:
    """The tenants, and one more for each number: like the tenant of its agent, which the file with numbers lacks.

    Args:
        tenants: the tenants of JSON files.
        rows: the numbers of CSV files.
        agent: the name of the agent that gets these numbers: a tenant's description, or another agent's name; None when
            all tenants have the same.

    Raises CommandDeclined when it is not clear for which agent the numbers are; WrongLines for those that name another.
    """
    numbers = list(rows)
    if not numbers:
        if agent is not None:
            message = "--agent says whose the numbers of CSV files are, and there are none"
            raise CommandDeclined(message)
        return list(tenants)
    names = {tenant.draft.description for tenant in tenants}
    if agent is None and (len(names) != 1 or names == {""}):
        message = "say which agent gets the numbers of the CSV file: --agent NAME"
        raise CommandDeclined(message)
    name = next(iter(names)) if agent is None else agent
    if wrong := csv_file.for_another_agent(numbers, name):
        raise WrongLines(wrong)
    like = next((tenant.draft for tenant in tenants if tenant.draft.description == name), Draft(description=name))
    return [
        *tenants,
        *(
            IbmTenant(
                f"line {row.line} (…{row.number[-4:]})",
                replace(like, number=row.number, number_description=row.description or ""),
                (),
            )
            for row in numbers
        ),
    ]
