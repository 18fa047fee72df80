from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.parsing.urls import normalise

PAGE = "https://exemple.test/ess/guide"


@pytest.mark.parametrize(
    "address",
    [
        "http://exemple.test/ess/guide",
        "https://www.exemple.test/ess/guide/",
        "HTTPS://WWW.Exemple.TEST:443/ess/guide",
        "http://exemple.test:80/ess/guide",
        "//exemple.test/ess/guide",
        "https://exemple.test/ess/guide#contenu",
        "https://exemple.test/ess/guide?page=0",
        "https://exemple.test/ess/guide?utm_source=lettre&fbclid=xyz",
        "https://exemple.test/ess/guide?debut_articles=30",
        "https://exemple.test/ess/./autre/../guide",
        "https://exemple.test/ess/%67uide",
        "  https://exemple.test/ess/guide\n",
    ],
)
def test_one_page_many_addresses(address):
    assert normalise(address) == PAGE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://exemple.test/économie", "https://exemple.test/%C3%A9conomie"),
        ("https://exemple.test/e\u0301conomie", "https://exemple.test/%c3%a9conomie"),
        ("https://exemple.test/a b", "https://exemple.test/a%20b"),
        ("https://exemple.test/?b=2&a=1", "https://exemple.test/?a=1&b=2"),
        ("https://économie.test/", "https://xn--conomie-9xa.test"),
        ("https://exemple.test/?q=l+ess", "https://exemple.test/?q=l%20ess"),
    ],
)
def test_spellings_of_one_address(left, right):
    assert normalise(left) == normalise(right)


@pytest.mark.parametrize(
    "other",
    [
        "https://exemple.test/ess/guide?page=1",
        "https://exemple.test/ess/Guide",
        "https://exemple.test/ess/guide-0",
        "https://exemple.test:8080/ess/guide",
        "https://exemple.test/ess%2Fguide",
    ],
)
def test_other_pages_stay_other(other):
    assert normalise(other) != PAGE


@pytest.mark.parametrize(
    "odd", ["", "   ", "https://[oops", "mailto:a@exemple.test", "javascript:void(0)", "http://", "%", "//"]
)
def test_odd_addresses_come_back_stable(odd):
    assert normalise(normalise(odd)) == normalise(odd)


@example("HTTP://:/[")
@given(
    st.one_of(
        st.text(),
        st.text(alphabet="htps:/.w%0a9?&=#@[]é \\").map("https://".__add__),
        st.builds("https://{}/{}?{}#{}".format, st.text(), st.text(), st.text(), st.text()),
    )
)
def test_idempotent(address):
    assert normalise(normalise(address)) == normalise(address)
