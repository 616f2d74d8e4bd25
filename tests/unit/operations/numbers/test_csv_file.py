"""Numbers in CSV files: what spreadsheets and IBM's dashboard write is read, and what is written is read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers import csv_file
from operations.numbers.csv_file import CsvNumber, CsvNumbers, WrongLines
from operations.numbers.described_number import DESCRIPTION_MAX
from shared.errors import InvalidValue

FIRST, SECOND, LONDON = "+12025550101", "+12025550102", "+442071838750"


def read(text: str, country: str = "US", *, unique: bool = True) -> CsvNumbers:
    return csv_file.read(text.encode(), country, unique=unique)


def pairs(numbers: CsvNumbers) -> list[tuple[str, str | None]]:
    return [(row.number, row.description) for row in numbers.rows]


def wrong(text: str) -> dict[int, str]:
    """The lines that cannot be used."""
    with pytest.raises(WrongLines) as caught:
        read(text)
    return {line.line: line.why for line in caught.value.lines}


def test_reads_numbers_with_their_descriptions_and_the_lines_they_are_on() -> None:
    numbers = read(f'number,description\n{FIRST},front desk\n\n(202) 555-0102,"Köln, 2nd floor"\n')
    assert numbers.rows == (CsvNumber(2, FIRST, "front desk"), CsvNumber(4, SECOND, "Köln, 2nd floor"))
    assert numbers.ignored == ()


@pytest.mark.parametrize(
    "text",
    [
        f"number;description\r\n{FIRST};front desk\r\n{SECOND};\r\n",
        f"number\tdescription\r{FIRST}\tfront desk\r{SECOND}\t",
        f"sep=;\r\nnumber;description\r\n{FIRST};front desk\r\n{SECOND};",
        f"Description , Phone Number\n front desk , {FIRST}\n,{SECOND}\n\n\n",
        f'"number","description"\n"{FIRST}","front desk"\n"{SECOND}",""',
        f"tenantPhoneNumber,description\n{FIRST},front desk\n{SECOND}",
        f'number,description\n="{FIRST}",front desk\n\'{SECOND},',
        "number,description\n12025550101,front desk\n12025550102,\n",
    ],
)
def test_reads_what_spreadsheets_write_in_many_countries(text: str) -> None:
    assert pairs(read(text)) == [(FIRST, "front desk"), (SECOND, "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_unicode_with_a_byte_order_mark_and_without(encoding: str) -> None:
    numbers = csv_file.read(f"number\tdescription\r\n{FIRST}\tKöln ☎\r\n".encode(encoding))
    assert pairs(numbers) == [(FIRST, "Köln ☎")]


def test_a_file_without_a_header_has_a_number_on_each_line_and_perhaps_a_description() -> None:
    assert pairs(read(f"{FIRST}\n{SECOND},sales\n")) == [(FIRST, None), (SECOND, "sales")]
    assert pairs(read(FIRST)) == [(FIRST, None)]


def test_a_column_that_is_not_there_says_nothing_and_one_that_is_unknown_is_named() -> None:
    numbers = read(f"status,number,agent\ngreen,{FIRST},desk\n")
    assert numbers.rows == (CsvNumber(2, FIRST, None, "desk"),)
    assert numbers.ignored == ("status",)


def test_a_number_that_lost_its_plus_is_read_by_its_country_code() -> None:
    assert read("number\n442071838750\n").rows[0].number == LONDON
    assert read("number\n020 7183 8750\n", "GB").rows[0].number == LONDON


def test_other_addresses_are_read_too() -> None:
    rows = read("number,description\nwhatsapp:+12025550101,a\n68849,b\nsms:19901234,c\nrcs:acme,d\n").rows
    assert [row.number for row in rows] == ["whatsapp:+12025550101", "68849", "19901234", "rcs:acme"]


def test_names_all_lines_that_cannot_be_used_and_quotes_none() -> None:
    lines = wrong(
        "number,description\n"
        "12,too short\n"
        f"{FIRST},{'x' * 65}\n"
        "1.2025E+10,shortened\n"
        ",nothing\n"
        "12025550109.0,a quantity\n"
        f"{FIRST},good\n"
        f"{FIRST},again\n"
        f"{SECOND},a,b\n"
        "ACME,a name\n"
        f'{LONDON},"two\nlines"\n'
        "=HYPERLINK(1),formula\n"
    )
    assert sorted(lines) == [2, 3, 4, 5, 6, 8, 9, 10, 11, 13]
    assert "too few digits" in lines[2]
    assert "longer than 64" in lines[3]
    assert "a spreadsheet has shortened the number" in lines[4]
    assert "has no number" in lines[5]
    assert "ends in .0" in lines[6]
    assert "on line 7 already" in lines[8]
    assert "more than 2 cells" in lines[9]
    assert "nobody can text a name" in lines[10]
    assert "is a quotation mark missing" in lines[11]
    assert "this is no address" in lines[13]
    with pytest.raises(WrongLines) as caught:
        read("number\n12025550109.0\n+1202555010112345678\n")
    sentence = str(caught.value)
    assert sentence.startswith("2 lines of the file cannot be used, so nothing was changed; line 2 of the numbers: ")
    assert "; line 3 of the numbers: " in sentence
    assert "0109" not in sentence


def test_of_very_many_wrong_lines_the_first_hundred_are_named_and_the_others_counted() -> None:
    with pytest.raises(WrongLines, match="and 50 more") as caught:
        read("number\n" + "12\n" * 150)
    assert len(caught.value.lines) == 150


@pytest.mark.parametrize("text", ["description\nfront desk\n", "number,phone number\n1,2\n", "agent,description\na,b"])
def test_refuses_a_header_without_one_column_of_numbers(text: str) -> None:
    with pytest.raises(InvalidValue, match="must name one column with numbers"):
        read(text)


@pytest.mark.parametrize("data", [b"\xff", "number\nKöln".encode("latin-1"), b"\xff\xfea"])
def test_refuses_what_is_not_text_and_says_how_to_save_it(data: bytes) -> None:
    with pytest.raises(InvalidValue, match="save it as “CSV UTF-8”"):
        csv_file.read(data)


def test_a_quotation_mark_that_is_missing_is_named_with_its_line() -> None:
    assert wrong(f'number,description\n{FIRST},"front desk\n{SECOND},sales\n').keys() == {2}
    assert wrong(f'number,description\n{FIRST},"{"x" * 200_000}\n').keys() == {2}


def test_where_repeats_are_allowed_they_are_kept() -> None:
    assert [row.line for row in read(f"{FIRST}\n{FIRST}\n", unique=False).rows] == [1, 2]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''=1+1", "a;=1+1", "a; =1+1", "＝1", "'a", "=", "a=b"]  # noqa: RUF001 - full-width


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula_and_what_is_written_is_read_back(text: str) -> None:
    written = csv_file.write(("number", "description", "agent"), [(FIRST, text, text)])
    for delimiter in ",;":
        cells = [cell for row in csv.reader(io.StringIO(written), delimiter=delimiter) for cell in row][1:]
        assert [cell for cell in cells if cell.strip()[:1] in {"=", "-", "@", "＝"}] == []  # noqa: RUF001 - full-width
    [row] = read(written).rows
    assert (row.number, row.description, row.agent) == (FIRST, text, text)


descriptions = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=DESCRIPTION_MAX).map(
    lambda text: "".join(filter(str.isprintable, text)).strip()
)
hostile = st.text("=+-@'\";,\t a1|", max_size=DESCRIPTION_MAX).map(lambda text: text.replace("\t", "").strip())


@given(st.lists(descriptions | hostile, max_size=20), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_whatever_is_written_is_read_back(texts: list[str], encoding: str) -> None:
    records = [(f"+1202555{last:04}", text) for last, text in enumerate(texts)]
    written = csv_file.write(("number", "description"), records)
    assert pairs(csv_file.read(written.encode(encoding), unique=True)) == records


@given(st.text(max_size=200) | st.text("number,;\t\"'\n\r+0123456789=", max_size=200))
def test_whatever_is_in_a_file_is_read_or_refused(text: str) -> None:
    try:
        numbers = csv_file.read(text.encode("utf-8", "surrogatepass"), unique=True)
    except InvalidValue:
        return
    assert len({row.number for row in numbers.rows}) == len(numbers.rows)
