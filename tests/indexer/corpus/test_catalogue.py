"""A catalogue of an earlier version, without web archives and import profiles, is migrated with all its content."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from indexer.corpus import catalogue as module
from indexer.corpus.catalogue import Catalogue, PageRow
from indexer.parsing.node import PageKind
from indexer.storage.database import open_shared


def unusable(why: str) -> Exception:
    return AssertionError(why)


def test_an_older_catalogue_keeps_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    with closing(open_shared(path, module._STEPS[:2], unusable=unusable)) as older:  # type: ignore[arg-type]
        older.execute("INSERT INTO pages VALUES ('a/p.html', 'abc', 3, 5, 'html', '[\"Eau\"]')")
        older.commit()
    with closing(Catalogue(path)) as catalogue:
        (row,) = catalogue.pages()
        assert row == PageRow("a/p.html", "abc", 3, 5, PageKind.HTML, ("Eau",))
        catalogue.put_page(PageRow("b/p.html", "def", 3, 5, PageKind.HTML, (), "2024-02-16T10:00:00+00:00", "0f"))
    with closing(Catalogue(path)) as catalogue:
        assert catalogue.page("b/p.html") == PageRow(
            "b/p.html", "def", 3, 5, PageKind.HTML, (), "2024-02-16T10:00:00+00:00", "0f"
        )
