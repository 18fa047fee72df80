"""The territories of a resource: of its page, else of its text, unless staff corrected them."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.corpus import Correction, Corrections, Field
from indexer.errors import CorrectionError
from indexer.parsing.html.selected import parse_selected
from indexer.parsing.node import ParsedNode
from indexer.parsing.profile_file import parse_profile
from indexer.resolution.merge import Copy, merge_copies
from indexer.resource import Resource, TerritorySource

PROFILE = """
name = "Essai"
[title]
selector = "h1"
[private]
all = "public"
[territories]
label = "Territoire"
separator = ","
"""


def merged(*names: str) -> Resource:
    html = f"<h1>Une régie</h1><p>Bonjour.</p><dl><dt>Territoire</dt><dd>{', '.join(names)}</dd></dl>"
    page = parse_selected(html.encode(), parse_profile(PROFILE.encode(), called="essai"), base="https://a.example/")
    return merge_copies("r", [Copy(node, "page.html", ()) for node in page.nodes], ())


def test_a_page_names_its_territories_by_name_or_code() -> None:
    found = merged("Rennes Métropole", "d29", "bretagne")
    assert found.territories == ("243500139", "D29", "R53")
    assert found.territory_source is TerritorySource.PAGE
    assert found.warnings == ()


def test_what_is_no_territory_or_several_is_reported() -> None:
    found = merged("Pays de Nulle-Part", "Saint-Denis", "Brest")
    assert found.territories == ("29019",)
    assert len(found.warnings) == 2
    assert "« Pays de Nulle-Part » n’est pas connu" in found.warnings[0]
    assert "Plusieurs territoires s’appellent « Saint-Denis »" in found.warnings[1]


def test_without_a_territory_nothing_is_said() -> None:
    node = ParsedNode("T", None, None, None, private=False, themes=(), date=None, year=None, year_source=None)
    found = merge_copies("r", [Copy(node, "p.html", ())], ())
    assert (found.territories, found.territory_source) == ((), None)


def test_a_correction_takes_names_and_keeps_codes(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections.sqlite")
    asked = Correction(territories=("Bretagne", "rennes", "D35", "D35"))
    assert corrections.change("r", asked, actor="a", title="T") == (Field.TERRITORIES,)
    held = corrections.get("r")
    assert held.territories == ("35238", "D35", "R53")
    found = held.apply(merged("Brest"))
    assert (found.territories, found.territory_source) == (held.territories, TerritorySource.STAFF)
    none = Correction(territories=()).apply(merged("Brest"))
    assert (none.territories, none.territory_source) == ((), TerritorySource.STAFF)


@pytest.mark.parametrize(
    ("name", "said"),
    [("Nulle part", "n’est pas un territoire connu"), ("Saint-Denis", "97411"), ("", "n’est pas un territoire connu")],
)
def test_a_correction_refuses_what_is_not_one_territory(tmp_path: Path, name: str, said: str) -> None:
    corrections = Corrections(tmp_path / "corrections.sqlite")
    with pytest.raises(CorrectionError, match=said):
        corrections.change("r", Correction(territories=(name,)), actor="a", title="T")
