"""Writes the table of territories that the program ships: `python -m bench.tools.territories PACKAGE`.

PACKAGE is the unpacked npm package `@etalab/decoupage-administratif`:

    npm pack @etalab/decoupage-administratif && tar xzf etalab-decoupage-administratif-*.tgz

Only facts are taken from it: codes, names, populations, and which territory holds which.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.territories.gazetteer import DATA, Territory, lines_of_names

SOURCE = "@etalab/decoupage-administratif"

# The overseas départements are régions too: one territory, under the code of the région.
_ONE = {"971": "R01", "972": "R02", "973": "R03", "974": "R04", "976": "R06"}
# Paris is a commune and a département at once.
_PARIS = "75056"
_UNINHABITED = frozenset({"984", "989"})
_FORMER_REGIONS: dict[str, tuple[str, ...]] = {
    "R44": ("Alsace", "Lorraine", "Champagne-Ardenne"),
    "R75": ("Aquitaine", "Limousin", "Poitou-Charentes"),
    "R84": ("Auvergne", "Rhône-Alpes", "AuRA"),
    "R27": ("Bourgogne", "Franche-Comté"),
    "R76": ("Languedoc-Roussillon", "Midi-Pyrénées"),
    "R32": ("Nord-Pas-de-Calais", "Picardie"),
    "R28": ("Basse-Normandie", "Haute-Normandie"),
    "R24": ("Centre",),
    "R93": ("PACA", "Région Sud"),
}
_FORMER_DEPARTEMENTS = {
    "D22": "Côtes-du-Nord",
    "D44": "Loire-Inférieure",
    "D04": "Basses-Alpes",
    "D76": "Seine-Inférieure",
    "D17": "Charente-Inférieure",
    "D64": "Basses-Pyrénées",
}
_KINDS = {"CC": "Communauté de communes", "CA": "Communauté d’agglomération", "CU": "Communauté urbaine"}


def main() -> None:
    """Write the table of territories from the package named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    package = parser.parse_args().package
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    rows = sorted(_rows(package / "data"), key=lambda row: row.code)
    head = f"{SOURCE} {version}\n"
    lines = [*map(_line, rows), "", *lines_of_names(rows)]
    text = head + "".join(line + "\n" for line in lines)
    DATA.write_bytes(lzma.compress(unicodedata.normalize("NFC", text).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(rows)} territories, {DATA.stat().st_size} bytes: {DATA}")


def _line(one: Territory) -> str:
    return "\t".join((one.code, one.name, str(one.population), " ".join(one.parents), "|".join(one.aliases)))


def _rows(folder: Path) -> Iterator[Territory]:
    held: dict[str, list[dict[str, Any]]] = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("regions", "departements", "epci", "ept", "communes")
    }
    communes = [one for one in held["communes"] if one["type"] == "commune-actuelle"]
    groups = held["epci"] + held["ept"]
    group_of: dict[str, list[str]] = {}
    for group in groups:
        for member in group["membres"]:
            group_of.setdefault(member["code"], []).append(group["code"])
    former: dict[str, list[str]] = {}
    for one in held["communes"]:
        if one["type"] in ("commune-deleguee", "commune-associee"):
            former.setdefault(one["chefLieu"], []).append(_name(one["nom"]))
    by_code = {one["code"]: one for one in communes}
    inside: dict[str, int] = {}
    for one in communes:
        for parent in _above(one):
            inside[parent] = inside.get(parent, 0) + one.get("population", 0)
    names = {"R" + one["code"]: _name(one["nom"]) for one in held["regions"] if one["code"] not in _UNINHABITED}
    for code, name in names.items():
        yield Territory(code, name, inside.get(code, 0), (), _FORMER_REGIONS.get(code, ()))
    for one in held["departements"]:
        code = one["code"]
        if code not in _ONE and code != "75" and len(code) < 3:
            older = (_FORMER_DEPARTEMENTS["D" + code],) if "D" + code in _FORMER_DEPARTEMENTS else ()
            yield Territory("D" + code, _name(one["nom"]), inside.get("D" + code, 0), ("R" + one["region"],), older)
    gathered = [_group(group, by_code) for group in groups]
    size_of = {one.code: one.population for one in gathered}
    yield from gathered
    for one in communes:
        if one["departement"] not in _UNINHABITED:
            name = _name(one["nom"])
            groups_of = sorted(group_of.get(one["code"], ()), key=lambda code: size_of[code])
            older = tuple(dict.fromkeys(other for other in former.get(one["code"], ()) if other != name))
            yield Territory(one["code"], name, one.get("population", 0), (*groups_of, *_above(one)), older)


def _above(commune: dict[str, Any]) -> tuple[str, ...]:
    """Return the codes of the département and the région of a commune; only the région for Paris and overseas."""
    departement, region = commune["departement"], commune["region"]
    if len(departement) == 3 or commune["code"] == _PARIS:
        return ("R" + region,)
    return "D" + departement, "R" + region


def _group(group: dict[str, Any], communes: dict[str, dict[str, Any]]) -> Territory:
    """Return an intercommunal body (EPCI); it lies in a département if more than half of its people live there.

    Args:
        group: the body, as in the package.
        communes: all communes of the package, by code.
    """
    people: dict[str, int] = {}
    above: dict[str, tuple[str, ...]] = {}
    members = [communes[one["code"]] for one in group["membres"] if one["code"] in communes]
    for one in members:
        key = one["departement"]
        people[key] = people.get(key, 0) + one.get("population", 0)
        above[key] = _above(one)
    # The métropole of Paris is no part of one of its départements.
    most = max(people, key=lambda key: people[key])
    parents = above[most] if people[most] * 2 > sum(people.values()) else above[most][-1:]
    kind, _, rest = group["nom"].partition(" ")
    name = _name(f"{_KINDS[kind]} {rest}" if kind in _KINDS else group["nom"])
    bare = re.sub(r"^(?:de la |de l'|des |du |de |d')", "", rest if kind in _KINDS else "")
    shorter = [_name(one) for one in (rest if kind in _KINDS else "", bare) if len(one) > 3]
    acronym = re.search(r" \(([A-Z0-9]{3,})\)$", name)
    if acronym:
        shorter += [name.removesuffix(acronym.group()), _name(bare).removesuffix(acronym.group())]
    aliases = tuple(dict.fromkeys(one for one in shorter if one != name))
    return Territory(group["code"], name, sum(people.values()), parents, aliases)


def _name(written: str) -> str:
    return " ".join(written.replace("'", "’").split())


if __name__ == "__main__":
    main()
