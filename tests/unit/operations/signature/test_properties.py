"""A right signature is never called wrong, nonsense is never explained, and nothing secret or personal is shown."""

import base64
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.signature import causes as catalogue
from operations.signature.case import Mistake
from operations.signature.secret_candidates import PASTED_KINDS
from shared.errors import InvalidValue
from shared.messages.inbound import rewritten_query
from tests.fakes import ACCOUNT, FORM, SECOND_TOKEN, TOKEN, twilio_signature
from tests.signing import signature_matches
from tests.unit.docs.test_docs import ROOT, rows
from tests.unit.operations.signature.rig import EAST, TEXT, URL, seen

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
any_fields = st.lists(st.tuples(any_text.filter(lambda name: name != "AccountSid"), any_text), max_size=6)
urls = st.sampled_from([URL, f"{URL}#rc=2", URL.replace("://", "://apikey:k@"), URL.replace("/east", ":443/east")])


@settings(max_examples=60)
@given(any_fields, urls, st.sampled_from([TOKEN, SECOND_TOKEN]))
def test_what_twilio_signed_is_genuine(more: list[tuple[str, str]], url: str, token: str) -> None:
    fields = [("AccountSid", ACCOUNT), *more]
    diagnosis = seen(twilio_signature(URL, fields, token), url=url, body=fields)
    assert diagnosis.genuine
    assert diagnosis.causes == ()


@settings(max_examples=60)
@given(any_fields, st.sampled_from(["all", "without one"]), st.data())
def test_says_genuine_exactly_when_the_receiver_does(
    more: list[tuple[str, str]], which: str, data: st.DataObject
) -> None:
    fields = [("AccountSid", ACCOUNT), *more]
    signed = fields if which == "all" else data.draw(st.permutations(fields))[1:]
    signature = twilio_signature(URL, signed, TOKEN)
    body = urlencode(fields).encode()
    taken = signature_matches(url=URL, body=body, content_type=FORM, signature=signature, tokens=[TOKEN, SECOND_TOKEN])
    assert seen(signature, body=body).genuine is taken


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "a b"]), any_text), min_size=1, max_size=4))
def test_says_genuine_exactly_when_the_receiver_does_of_a_url_with_a_query(parameters: list[tuple[str, str]]) -> None:
    signed = f"{URL}?{urlencode(parameters, quote_via=quote)}"
    by_gateway = parse_qs(signed.partition("?")[2], keep_blank_values=True)
    signature = twilio_signature(signed, TEXT, TOKEN)
    taken = signature_matches(
        url=URL + rewritten_query(by_gateway),
        body=urlencode(TEXT).encode(),
        content_type=FORM,
        signature=signature,
        tokens=[TOKEN],
    )
    assert seen(signature, url=signed).genuine is taken


@settings(max_examples=25)
@given(st.binary(min_size=20, max_size=20) | st.binary(min_size=32, max_size=32))
def test_random_bytes_are_explained_by_nothing(digest: bytes) -> None:
    diagnosis = seen(base64.b64encode(digest).decode())
    assert (diagnosis.genuine, diagnosis.causes) == (False, ())
    assert diagnosis.tried > 1000


@settings(max_examples=25)
@given(st.text(max_size=60), st.binary(max_size=60), st.text(max_size=60))
def test_no_input_breaks_it(signature: str, body: bytes, query: str) -> None:
    assert not seen(signature, body=body, url=f"{URL}?{query}").genuine


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_what_is_no_url_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(InvalidValue, match="no URL"):
        seen(twilio_signature(URL, TEXT, TOKEN), url=url)


@pytest.mark.parametrize("url", ["https://", "ftp://a/b", "https://[::1", "//a/b", "sms-east.example.com", EAST[8:]])
def test_what_looks_like_a_url_and_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue, match="no URL"):
        seen("x", url=url)


def test_a_form_with_too_many_fields_is_no_text() -> None:
    many = [(f"a{number}", "") for number in range(1100)]
    assert not seen(twilio_signature(URL, many, TOKEN), body=many).genuine


def test_every_cause_has_its_row_in_the_document_and_none_is_invented() -> None:
    assert set(rows(ROOT / "docs" / "doctor.md", "cause")) == set(catalogue.CAUSES)


@pytest.mark.parametrize("name", catalogue.CAUSES)
def test_the_document_explains_each_cause_in_the_words_of_the_command(name: str) -> None:
    mistake = Mistake(name, "…")
    cells = [cell.replace("`", "") for cell in rows(ROOT / "docs" / "doctor.md", "cause")[name]]
    assert cells == [catalogue.happened(mistake), catalogue.cure(mistake)]


def test_every_cause_that_is_named_is_explained() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "operations" / "signature").glob("*.py"))
    for name in catalogue.CAUSES:
        assert sources.count(f'"{name}"') > 1, f"{name} is explained, but never used"
    assert set(PASTED_KINDS.values()) <= catalogue.CAUSES.keys()
