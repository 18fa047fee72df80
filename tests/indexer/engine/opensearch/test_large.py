"""Cases in which OpenSearch by default answers incompletely: many themes on several shards, a very long resource."""

from __future__ import annotations

import pytest

from tests.support.cluster import needs_cluster, opened
from tests.support.engines import ask, counts, fill, found, listed, resource
from tests.support.published import publish, published

pytestmark = [needs_cluster, pytest.mark.slow]

THEMES = 1_200


def test_more_than_a_thousand_themes_are_counted_exactly() -> None:
    # Each theme is rare on some shards and frequent on others, so that a count of the best of each would be too small.
    archive = [
        resource("Note", id=f"r{number}", themes=tuple(f"Thème {(number * step) % THEMES:04}" for step in (1, 7, 31)))
        for number in range(2_400)
    ]
    expected: dict[str, int] = {}
    for one in archive:
        for theme in set(one.themes):
            expected[theme] = expected.get(theme, 0) + 1
    with opened(shards=3) as engine:
        fill(engine, *archive)
        given = counts(ask(engine, "note").facets.theme)
        assert len(given) == len(expected) > 1_000
        assert given == expected
        assert given == counts(ask(engine, "note", themes=("Thème 0007",)).facets.theme)


def test_a_resource_of_225_000_words_is_found_to_its_end() -> None:
    words = [f"mot{number}" for number in range(75_000)]
    body = " ".join([*words, *words, *words]) + " la pastèque bleue"
    with opened() as engine:
        fill(engine, resource("Long", body, id="long"), resource("Court", "la pastèque", id="court"))
        assert listed(engine, "pastèque") == ["court", "long"]
        assert found(engine, '"pastèque bleue"') == {"long"}
        assert found(engine, "mot74999") == {"long"}
        pages = [" ".join(f"p{page}m{word}" for word in range(1_500)) for page in range(150)]
        publish(engine, published(resource("Publication", id="pub"), [*pages[:-1], pages[-1] + " une figue sèche"]))
        (hit,) = ask(engine, '"figue sèche"').hits
        assert [(page.document, page.page) for page in hit.pages] == [(1, 150)]
        assert ask(engine, "p149m1499").hits[0].pages[0].page == 150
