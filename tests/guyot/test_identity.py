"""Identity hashes values: injective where it must be, blind to order where it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.identity import content_digest, doc_id, fingerprint

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(values, values)
def test_equal_fingerprints_mean_equal_values(left: object, right: object) -> None:
    import json

    same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
    assert (fingerprint(left) == fingerprint(right)) == same


def test_a_fingerprint_refuses_what_is_no_value() -> None:
    with pytest.raises(TypeError):
        fingerprint({"path": object()})


def test_a_doc_id_changes_with_source_key_and_content_and_not_otherwise() -> None:
    first = doc_id("a.jsonl", "1", content_digest(b"x"))
    assert first == doc_id("a.jsonl", "1", content_digest(b"x"))
    others = {
        doc_id("b.jsonl", "1", content_digest(b"x")),
        doc_id("a.jsonl", "2", content_digest(b"x")),
        doc_id("a.jsonl", "1", content_digest(b"y")),
    }
    assert len(others | {first}) == 4
    assert len(first) == 32


def test_parts_of_a_doc_id_cannot_run_into_each_other() -> None:
    assert doc_id("ab", "c", "d") != doc_id("a", "bc", "d")
