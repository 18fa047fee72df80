"""Markdown that staff write becomes HTML in which no script runs and no image or page of another site loads."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from search_app.about.markdown import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Un **mot**.", "<p>Un <strong>mot</strong>.</p>\n"),
        ("# Titre\n\n## Autre", "<h2>Titre</h2>\n<h3>Autre</h3>\n"),
        ("###### Six", "<h2>Six</h2>\n"),
        ("## Deux\n\n#### Quatre", "<h2>Deux</h2>\n<h3>Quatre</h3>\n"),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("[ici](/contact)", '<p><a href="/contact">ici</a></p>\n'),
        ("<b>gras</b>", "<p>&lt;b&gt;gras&lt;/b&gt;</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![image](https://exemple.com/suivi.png)", '<p>!<a href="https://exemple.com/suivi.png">image</a></p>\n'),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert to_html(text) == html


_PARTS = st.sampled_from(
    [*"<>[]()!&\"'` \n#-*", "javascript:", "data:text/html,", "<script>", "<img src=x onerror=y>", "a", "&#106;", "\\"]
)


@given(st.lists(_PARTS, max_size=30).map("".join))
def test_nothing_runs_or_loads(text: str) -> None:
    for element in BeautifulSoup(to_html(text), "html.parser").find_all(True):
        assert element.name not in {"script", "img", "iframe", "style", "object", "form", "input"}
        assert not [name for name in element.attrs if name.startswith("on") or name == "style"]
        assert not str(element.get("href", "")).strip().lower().startswith(("javascript:", "data:", "vbscript:"))
