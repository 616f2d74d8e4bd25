"""Numbers in a CSV file: reading what spreadsheets and IBM's dashboard write, and writing what they can open.

A file has a header with the columns `number` and `description`, or none: then each line is a number and, if it has one,
its description, as in IBM's dashboard (voice-agent docs, "Importing Numbers"). Source of the form: RFC 4180.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from operations.csv_cells import guarded, unguarded
from operations.numbers import typed_address
from operations.numbers.described_number import check_description
from shared.errors import InvalidValue

_SHOWN_MAX = 100
_COLUMNS = {
    "number": "number",
    "phone number": "number",
    "phonenumber": "number",
    "tenantphonenumber": "number",
    "description": "description",
    "agent": "agent",
}
"""Our names of columns, by the names in a header: ours, and those of IBM's dashboard and of its gateway's tenants."""
_WITHOUT_HEADER = ("number", "description")
_DELIMITERS = ",;\t"
_KEPT_AS_TEXT = re.compile(r"""=?"(?P<formula>[^"]*)"|'(?P<apostrophe>.*)""")
_SHORTENED = re.compile(r"\+?[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_QUANTITY = re.compile(r"\+?[0-9]{5,}[.,]0+")


@dataclass(frozen=True)
class WrongLine:
    """A line that cannot be used, and why; neither quotes it."""

    line: int
    why: str


class WrongLines(InvalidValue):
    """Lines of a file cannot be used, so nothing of the file is.

    Attributes:
        lines: all of them.
    """

    def __init__(self, lines: Sequence[WrongLine]) -> None:
        self.lines = tuple(sorted(lines, key=lambda wrong: wrong.line))
        count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        sentences = [f"line {wrong.line} of the numbers: {wrong.why}" for wrong in self.lines[:_SHOWN_MAX]]
        more = [f"and {len(lines) - _SHOWN_MAX} more"] if len(lines) > _SHOWN_MAX else []
        super().__init__("; ".join([f"{count} of the file cannot be used, so nothing was changed", *sentences, *more]))


@dataclass(frozen=True)
class CsvNumber:
    """A number in a file.

    Attributes:
        line: the line on which it begins, from 1.
        number: the address as it is stored.
        description: what the file says about it, which may be empty; None when it has no such column.
        agent: the agent that the file names for it; None when it has no such column.
    """

    line: int
    number: str = field(repr=False)
    description: str | None = field(default=None, repr=False)
    agent: str | None = None


@dataclass(frozen=True)
class CsvNumbers:
    """The numbers of a file, in order, and the names of columns that mean nothing here."""

    rows: tuple[CsvNumber, ...]
    ignored: tuple[str, ...] = ()


def read(data: bytes, country: str = "US", *, unique: bool = False) -> CsvNumbers:
    """The numbers in a file.

    Args:
        data: UTF-8, with a byte order mark or without, or UTF-16 with one. Lines end in any way; cells are separated by
            commas, semicolons or tabs.
        country: the two letters of the country whose numbers those without + are.
        unique: whether a number that occurs twice is wrong.

    Raises InvalidValue when it is not text; WrongLines, with all lines that cannot be used.
    """
    content = text(data)
    rows, wrong = list[CsvNumber](), list[WrongLine]()
    header: Sequence[str | None] | None = None
    ignored: tuple[str, ...] = ()
    for line, cells in _rows(content, wrong):
        if not rows and not wrong and header is None:
            header = _header(cells)
            if header:
                ignored = tuple(cell for cell, column in zip(cells, header, strict=True) if cell and not column)
                continue
        try:
            rows.append(_number(line, cells, header or _WITHOUT_HEADER[: len(cells)], country))
        except InvalidValue as error:
            wrong.append(WrongLine(line, str(error)))
    if unique:
        wrong += _repeated(rows)
    if wrong:
        raise WrongLines(wrong)
    return CsvNumbers(tuple(rows), ignored)


def for_another_agent(rows: Iterable[CsvNumber], agent: str) -> list[WrongLine]:
    """The lines that name another agent than this one."""
    return [
        WrongLine(row.line, f"it is for agent {row.agent!r}, and this is for {agent!r}")
        for row in rows
        if row.agent not in {None, "", agent}
    ]


def write(columns: Sequence[str], records: Iterable[Sequence[str]]) -> str:
    """A file with a header and these records, which `read` reads back; lines end with CR LF.

    A text at which a spreadsheet would begin a formula gets an apostrophe before it, which `read` takes away. A number
    has none: with + and digits alone there is no formula.
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(columns)
    for record in records:
        writer.writerow(
            [cell if column == "number" else guarded(cell) for column, cell in zip(columns, record, strict=True)]
        )
    return output.getvalue()


def _repeated(rows: Iterable[CsvNumber]) -> Iterator[WrongLine]:
    first_lines: dict[str, int] = {}
    for row in rows:
        first = first_lines.setdefault(row.number, row.line)
        if first != row.line:
            yield WrongLine(row.line, f"the same number is on line {first} already")


def text(data: bytes) -> str:
    """What a file says. Raises InvalidValue when it is not text in UTF-8 or UTF-16."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        message = "the file with the numbers is not text in UTF-8; in a spreadsheet save it as “CSV UTF-8”"
        raise InvalidValue(message) from None  # the cause quotes it


def _rows(text: str, wrong: list[WrongLine]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with their first lines; what cannot be read at all is added to `wrong`."""
    separator = re.match(rf"sep=([{_DELIMITERS}])[\r\n]+", text)  # for Excel
    before = text[: separator.end()].count("\n") if separator else 0
    body = text[separator.end() :] if separator else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator[1] if separator else _delimiter(body))
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            wrong.append(WrongLine(line, "a cell is too long; is a quotation mark missing?"))
            return
        if cells is None:
            return
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """The first character outside of quotation marks that separates cells; numbers have none of them."""
    unquoted = re.sub(r'"[^"]*"', "", text)
    return next((character for character in unquoted if character in _DELIMITERS), ",")


def _header(cells: Sequence[str]) -> list[str | None] | None:
    """Our names of the columns, None for one that means nothing; None when this is no header.

    Raises InvalidValue when it is a header without numbers.
    """
    columns = [_COLUMNS.get(cell.casefold()) for cell in cells]
    if not any(columns):
        return None
    if columns.count("number") != 1:
        message = "the header of the file must name one column with numbers: number,description"
        raise InvalidValue(message)
    return columns


def _number(line: int, cells: Sequence[str], columns: Sequence[str | None], country: str) -> CsvNumber:
    if any(cells[len(columns) :]):
        message = f"it has more than {len(columns)} cells; put a text with a comma or semicolon into quotation marks"
        raise InvalidValue(message)
    if any(character in cell for cell in cells for character in "\r\n"):
        message = "a cell has several lines; is a quotation mark missing?"
        raise InvalidValue(message)
    values = dict.fromkeys(columns, "") | dict(zip(columns, cells, strict=False))
    description, agent = (
        unguarded(values[column]) if column in values else None for column in ("description", "agent")
    )
    return CsvNumber(
        line,
        _address(values["number"], country),
        None if description is None else check_description(description),
        agent,
    )


def _address(cell: str, country: str) -> str:
    """The address in a cell. Raises InvalidValue, which does not quote it."""
    kept = _KEPT_AS_TEXT.fullmatch(cell)
    typed = (kept["formula"] or kept["apostrophe"] or "").strip() if kept else cell
    if not typed:
        message = "it has no number"
        raise InvalidValue(message)
    if _SHORTENED.fullmatch(typed):
        message = (
            "a spreadsheet has shortened the number to a form like 1.2E+10, so its digits are lost; fill it in again, "
            "in a column whose format is text"
        )
        raise InvalidValue(message)
    if _QUANTITY.fullmatch(typed):
        message = "the number ends in .0, because a program took it for a quantity; fill it in again, as text"
        raise InvalidValue(message)
    return typed_address.read_from_file(typed, country)
