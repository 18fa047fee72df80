"""Accepted selectors match the same elements as with soupsieve; others are refused with a reason."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.selector import MAX_LENGTH, SelectorError, read_selector, select

PAGE = BeautifulSoup(
    "<body class='a b'><div id=x class='n m'><p class=t>1</p><p>2</p><div><p lang=fr>3</p></div><p>4</p></div>"
    "<article class='node big'><h2><a href=/z>t</a></h2><div class=n><div class='n t'><p>5</p></div></div>"
    "<time datetime=2020>x</time></article></body>",
    "lxml",
    multi_valued_attributes=None,
)

COMPOUNDS = st.sampled_from(
    "p div * .n .t div.n #x [lang] [lang='fr'] [class~=\"n\"] p:not(.t) :not(p) article.node a[href^='/'] DIV".split()
)
CHAINS = st.lists(COMPOUNDS, min_size=1, max_size=4).flatmap(
    lambda parts: st.lists(
        st.sampled_from([" ", " > ", "+", " ~ ", ">"]), min_size=len(parts) - 1, max_size=len(parts) - 1
    ).map(lambda joints: "".join(part + joint for part, joint in zip(parts, [*joints, ""], strict=True)))
)


@given(st.lists(CHAINS, min_size=1, max_size=3).map(", ".join))
def test_it_matches_what_the_library_matches(text: str) -> None:
    selector = read_selector(text)
    assert [id(tag) for tag in select(PAGE, [selector])[text]] == [id(tag) for tag in PAGE.select(text)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "p >",
        "> p",
        "p:has(a)",
        "p:nth-child(2)",
        "p:not(:not(p))",
        "p::before",
        "p[",
        "p,,a",
        "p,",
        "(p)",
        "a|b",
        "é" * 60 + "(",
        "p[a='",
        "x" * (MAX_LENGTH + 1),
        "p:is(a, b)",
        "..a",
        "p>>a",
        "p: not(a)",
        "#",
        "[=a]",
        "\\",
    ],
)
def test_what_is_not_taken_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(SelectorError, match=r"sélecteur|seul"):
        read_selector(text)


@given(st.text(max_size=60))
def test_any_text_is_a_selector_or_an_error(text: str) -> None:
    try:
        selector = read_selector(text)
    except SelectorError:
        return
    select(PAGE, [selector])


def test_each_element_is_looked_at_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    from indexer.parsing import selector as module

    looks = 0
    matches = module._matches

    def counted(tag: object, compound: str) -> bool:
        nonlocal looks
        looks += 1
        return matches(tag, compound)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_matches", counted)
    page = BeautifulSoup("<div>" * 150 + "<b></b>" * 50, "lxml")
    assert select(page, [read_selector(" ".join(["div"] * 20) + " span")]) == {" ".join(["div"] * 20) + " span": []}
    assert looks <= 21 * 210
