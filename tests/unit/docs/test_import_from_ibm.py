"""docs/import-from-ibm.md has the table of fields that `sms import ibm` goes by."""

from operations.ibm_import.fields import FIELDS
from tests.unit.docs.test_docs import ROOT, rows


def test_each_field_of_ibms_gateway_is_in_the_table_with_what_becomes_of_it() -> None:
    table = rows(ROOT / "docs" / "import-from-ibm.md", "field")
    assert {path: cells[0] for path, cells in table.items()} == {
        path: row.becomes or f"not carried over: {row.why_not}" for path, row in FIELDS.items()
    }
