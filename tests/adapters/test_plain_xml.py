"""XML from outside is small and plain, or refused."""

from __future__ import annotations

import pytest

from backend.adapters.plain_xml import NotPlain, texts_of


def test_the_first_text_of_each_name_counts() -> None:
    found = texts_of(b"<x:a xmlns:x='u'><b> one </b><b>two</b><c><![CDATA[<three>]]></c><d/><e>&lt;&#20013;</e></x:a>")
    assert found == {"b": "one", "c": "<three>", "e": "<中"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', id="an entity"),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', id="a document outside"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/">%b;]><a/>', id="a fetched entity"),
        pytest.param(b"<a>&unknown;</a>", id="an unknown entity"),
        pytest.param(b"<a>" * 17, id="deep"),
        pytest.param(b"<a>" + b"x" * 70_000 + b"</a>", id="large"),
        pytest.param(b"<a>\xff</a>", id="no text"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_plain_is_refused(content: bytes) -> None:
    with pytest.raises(NotPlain):
        texts_of(content)
