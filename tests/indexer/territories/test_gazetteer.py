"""The gazetteer: the codes and names of territories, and which territories a commune lies in."""

from __future__ import annotations

import pytest

from indexer.territories import Level, gazetteer, level_of, name_key


def test_what_holds_a_commune() -> None:
    known = gazetteer()
    assert [known.name(code) for code in known.ancestors("35238")] == [
        "Rennes Métropole",
        "Ille-et-Vilaine",
        "Bretagne",
    ]
    assert known.ancestors("93066")[0] == "200057867", "the établissement is smaller than the métropole"
    assert known.with_ancestors(["35238", "D29"]) == ("243500139", "35238", "D29", "D35", "R53")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Bretagne", ("R53",)),
        ("ile de france", ("R11",)),
        ("d35", ("D35",)),
        ("35238", ("35238",)),
        ("Rennes metropole", ("243500139",)),
        ("St-Brieuc", ("22278",)),
        ("loire", ("D42",)),
        ("Loire-Inférieure", ("D44",)),
        ("nulle part", ()),
        ("", ()),
        ("\ud800\x00", ()),
    ],
)
def test_territories_are_found_by_name_or_code(text: str, codes: tuple[str, ...]) -> None:
    assert gazetteer().named(text) == codes


def test_communes_of_one_name_are_all_found_the_most_populous_first() -> None:
    assert gazetteer().named("Saint-Denis")[:2] == ("97411", "93066")


def test_every_territory_has_a_name_and_known_parents_of_a_higher_level() -> None:
    known = gazetteer()
    codes = {one.code for one in known}
    assert len(codes) == len(known) > 36_000
    for one in known:
        assert one.name
        assert codes.issuperset(one.parents)
        assert one.code in known.of_key(name_key(one.name))
        if one.level is not Level.GROUP:
            assert all(level_of(parent) < one.level for parent in one.parents)


def test_the_source_and_its_version_are_said() -> None:
    assert gazetteer().source == "@etalab/decoupage-administratif 6.0.0"
