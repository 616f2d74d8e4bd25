"""Reading the tenants of IBM's gateway: every documented field has a row, and no secret is quoted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.ibm_import import reading
from operations.ibm_import.draft import Conversation, Provider
from operations.ibm_import.fields import FIELDS, TIMEOUT_NOTICE
from operations.ibm_import.reading import IbmTenant
from shared.errors import InvalidValue
from tests.unit.operations.ibm_import.sample import ACCOUNT, API_KEY, SAMPLE, TOKEN, tenant


def read(**changes: object) -> IbmTenant:
    [read_tenant] = reading.read(json.dumps({"tenants": [tenant(**changes)]}).encode())
    return read_tenant


def reasons(**changes: object) -> dict[str, str]:
    """Why a field does not come here, by its path."""
    return {reason.field: reason.why for reason in read(**changes).not_carried_over}


def test_what_ibm_documents_is_read_and_each_other_field_is_named_with_its_reason() -> None:
    [read_tenant] = reading.read(json.dumps(SAMPLE).encode())
    draft = read_tenant.draft
    assert (draft.number, draft.description) == ("+12025550155", "Car insurance assistance")
    assert (draft.session_seconds, draft.timeout_seconds) == (3600, 30)
    assert draft.failure_reply == "We can't respond to your message."
    assert draft.conversation == Conversation("https://engine.example.com/v1", "w0rkspace", "user", "", API_KEY)
    assert draft.provider == Provider("https://api.twilio.com", ACCOUNT, TOKEN)
    assert read_tenant.where == "tenant 1 (…0155)"
    assert {reason.field for reason in read_tenant.not_carried_over} == {
        path for path, row in FIELDS.items() if row.take is None and path in flat(SAMPLE["tenants"][0])
    }
    assert (draft.initiates_from_inbound, draft.timeout_notice) == (False, None)


def flat(document: dict[str, object]) -> set[str]:
    paths = set(document)
    for name, value in document.items():
        if isinstance(value, dict):
            paths |= {f"{name}.{inner}" for inner in value}
    return paths


def test_each_row_says_what_becomes_of_its_field_or_why_nothing_does() -> None:
    for path, row in FIELDS.items():
        assert bool(row.becomes) == bool(row.take) != bool(row.why_not), path


@pytest.mark.parametrize("document", [[tenant()], tenant(), {"tenants": [tenant()]}])
def test_tenants_are_read_alone_or_in_a_list(document: object) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        data = mark + b"\n " * bool(not mark) + json.dumps(document).encode()
        assert reading.is_json(data)
        assert len(reading.read(data)) == 1


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"timeoutForSession": "soon"}, "timeoutForSession", "it is no number above 0"),
        ({"timeoutForSession": "-1"}, "timeoutForSession", "it is no number above 0"),
        ({"timeoutForSession": "nan"}, "timeoutForSession", "it is no number above 0"),
        ({"timeoutForSession": "inf"}, "timeoutForSession", "it is no number above 0"),
        ({"timeoutForSession": 604801}, "timeoutForSession", "no more than 604800 seconds"),
        ({"timeoutForSession": {"a": 1}}, "timeoutForSession", "it is not one value"),
        ({"convReadTimeout": "90000"}, "convReadTimeout", "no more than 60 seconds"),
        ({"conversationFailedReplyMessage": "x" * 1025}, "conversationFailedReplyMessage", "no more than 1024"),
        ({"allowSessionCreateViaSMS": "perhaps"}, "allowSessionCreateViaSMS", "neither true nor false"),
        ({"notifyOnSessionTimeout": "true"}, "notifyOnSessionTimeout", TIMEOUT_NOTICE),
        ({"notifyOnSessionTimeout": "maybe"}, "notifyOnSessionTimeout", "neither true nor false"),
        ({"tenantPhoneNumber": "12"}, "tenantPhoneNumber", "too few digits"),
        ({"tenantPhoneNumber": "IBM"}, "tenantPhoneNumber", "nobody can text a name"),
        ({"somethingNew": "x"}, "somethingNew", reading.UNKNOWN),
        ({"conversation": {"mood": "x"}}, "conversation.mood", reading.UNKNOWN),
        ({"novel": {}}, "novel", reading.UNKNOWN),
    ],
)
def test_what_cannot_be_taken_over_is_named_with_the_reason(changes: dict[str, object], field: str, why: str) -> None:
    assert why in reasons(**changes)[field]


def test_what_is_too_long_leaves_the_usual_value_and_the_longest_time() -> None:
    assert read(timeoutForSession="604801").draft.session_seconds is None
    assert read(convReadTimeout="90000").draft.timeout_seconds == 60
    assert read(conversationFailedReplyMessage="x" * 1025).draft.failure_reply is None


def test_values_may_be_numbers_truth_values_or_missing() -> None:
    draft = read(timeoutForSession=60, convReadTimeout=None, description=None, allowSessionCreateViaSMS=True).draft
    assert (draft.session_seconds, draft.timeout_seconds, draft.description) == (60, None, "")
    assert draft.initiates_from_inbound is True
    assert read(notifyOnSessionTimeout=True).draft.timeout_notice == TIMEOUT_NOTICE
    assert read(notifyOnSessionTimeout="false").draft.timeout_notice is None


def test_a_number_may_have_lost_its_plus() -> None:
    assert read(tenantPhoneNumber="442071838750").draft.number == "+442071838750"
    assert read(tenantPhoneNumber="1 (202) 555-0155").draft.number == "+12025550155"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"tenants": []}', b'{"tenants": [1]}', b'{"tenants": {}}', b"7", b"[" * 100_000, b"\xff"],
)
def test_refuses_what_has_no_tenants(data: bytes) -> None:
    with pytest.raises(InvalidValue):
        reading.read(data)


def test_a_mistake_in_the_file_is_named_by_its_line_and_quotes_no_secret() -> None:
    data = json.dumps(SAMPLE, indent=1).replace(f'"{TOKEN}"', f'"{TOKEN}').encode()
    with pytest.raises(InvalidValue, match="the file is not JSON in line ") as caught:
        reading.read(data)
    assert TOKEN not in str(caught.value)
    assert caught.value.__suppress_context__, "the decoder's error has the whole file"


def test_no_secret_is_in_a_repr_or_in_a_reason() -> None:
    read_tenants = reading.read(json.dumps(SAMPLE).encode())
    shown = (
        repr(read_tenants) + repr(read_tenants[0].draft) + json.dumps(reading.grouped(read_tenants[0].not_carried_over))
    )
    for secret in (TOKEN, API_KEY, "+12025550155", "hook-secret"):
        assert secret not in shown


def test_what_is_the_same_for_several_tenants_is_told_once() -> None:
    tenants = reading.read(json.dumps([tenant(), tenant(tenantPhoneNumber="+12025550156")]).encode())
    rows = reading.grouped([reason for each in tenants for reason in each.not_carried_over])
    assert {len(row["where"]) for row in rows} == {2}  # type: ignore[arg-type] # lists
    assert len(rows) == len(tenants[0].not_carried_over)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(sorted({path.partition(".")[0] for path in FIELDS})) | st.text(max_size=5), values)
)
def test_whatever_a_tenant_says_is_read_or_named(document: dict[str, object]) -> None:
    [read_tenant] = reading.read(json.dumps([document]).encode())
    assert read_tenant.where.startswith("tenant 1")
