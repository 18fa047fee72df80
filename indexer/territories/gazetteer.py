"""The gazetteer: régions, départements, intercommunal bodies and communes, with their codes, their names and the larger
territories around them.

The facts are those of the official geographic code; `bench/tools/territories.py` writes `territories.txt.xz`, the file
that holds them. Codes are the official ones, with a letter before those of régions (``R53``) and départements
(``D35``), whose numbers would clash.
"""

from __future__ import annotations

import lzma
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("territories.txt.xz")
MAX_CODE = 9
"""Number of characters of the longest code."""


class Level(IntEnum):
    """The level of a territory, from the largest to the smallest."""

    REGION = 0
    DEPARTEMENT = 1
    GROUP = 2
    """A métropole, communauté or other intercommunal body."""
    COMMUNE = 3


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory.

    Attributes:
        code: its official code, after ``R`` for a région and ``D`` for a département.
        name: its official name.
        population: number of inhabitants; 0 where unknown.
        parents: codes of the larger territories around it, the smallest first.
        aliases: its former and shorter names.
    """

    code: str
    name: str
    population: int
    parents: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """The level of the territory."""
        return level_of(self.code)


def level_of(code: str) -> Level:
    """Return the level of a territory by its code."""
    if code[:1] == "R":
        return Level.REGION
    if code[:1] == "D":
        return Level.DEPARTEMENT
    return Level.GROUP if len(code) == MAX_CODE else Level.COMMUNE


class _Letters(dict[int, str]):
    """A table for `str.translate`, filled on demand: letters lose case and accents, punctuation becomes spaces."""

    def __missing__(self, number: int) -> str:
        char = chr(number)
        plain = unicodedata.normalize("NFD", char.lower())[:1]
        self[number] = found = plain if plain.isalnum() else " "
        return found


_LETTERS = _Letters()


def flat(text: str) -> str:
    """Return a text of the same length, in lower case, without accents, with a space for each punctuation mark."""
    return text.translate(_LETTERS)


def name_key(name: str) -> str:
    """Return the key by which names of territories are compared: case, accents, hyphens and « St » for « Saint » do not
    matter.
    """
    return " ".join(_WRITTEN_OUT.get(word, word) for word in flat(name).split())


_WRITTEN_OUT = {"st": "saint", "ste": "sainte"}


class _Lines:
    """A sorted table of lines, each a key and its values separated by tabs; kept as one text, which takes a tenth of
    the memory of a dictionary.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._ends = array("l", (match.start() for match in re.finditer(b"\n", text)))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        return self._line(place).decode()

    def _line(self, place: int) -> bytes:
        start = self._ends[place - 1] + 1 if place else 0
        return self._text[start : self._ends[place]]

    def find(self, key: str) -> str | None:
        """Return the line with a key, or None."""
        wanted = key.encode("utf-8", "surrogatepass") + b"\t"
        place = bisect_left(range(len(self)), wanted, key=self._line)
        return self[place] if place < len(self) and self._line(place).startswith(wanted) else None


@dataclass(frozen=True, slots=True)
class Named:
    """The territories that have a name.

    Attributes:
        key: the `name_key` of the name.
        current: codes of the territories whose official name it is, the most populous first.
        other: codes of the territories for which it is a former or shorter name, the most populous first.
    """

    key: str
    current: tuple[str, ...]
    other: tuple[str, ...]


class _Labels(dict[str, str]):
    """Labels of territories (names as lists show them) by code, made when they are first asked for. An unknown code,
    which a visitor may send, is its own label, and is not kept.

    Args:
        make: returns the label of a territory by its code, or None if the code is unknown.
    """

    def __init__(self, make: Callable[[str], str | None]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, code: str) -> str:
        label = self._make(code)
        if label is None:
            return code
        self[code] = label
        return label


class Gazetteer:
    """The territories by code and by name.

    Attributes:
        source: the data set and its version.

    Args:
        data: the content of the file, decompressed: a line with the source, territories sorted by code, an empty line,
            names sorted by key.
    """

    def __init__(self, data: bytes) -> None:
        source, _, rest = data.partition(b"\n")
        lines, _, names = rest.partition(b"\n\n")
        self.source = source.decode()
        self._lines = _Lines(lines + b"\n")
        self._names = _Lines(names)
        self.labels = _Labels(self._label)
        """Name of each territory as lists show it, by code; if several have the name, its kind or the larger territory
        around it follows in brackets.
        """

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, code: str) -> bool:
        return self._lines.find(code) is not None

    def __iter__(self) -> Iterator[Territory]:
        return (_read(self._lines[place]) for place in range(len(self)))

    def get(self, code: str) -> Territory | None:
        """Return a territory, or None if no territory has this code."""
        line = self._lines.find(code)
        return None if line is None else _read(line)

    def name(self, code: str) -> str:
        """Return the name of a territory, or its code if it is unknown."""
        found = self.get(code)
        return code if found is None else found.name

    def label(self, code: str) -> str:
        """Return the name of a territory as lists show it, or its code if it is unknown."""
        return self.labels[code]

    def _label(self, code: str) -> str | None:
        found = self.get(code)
        if found is None:
            return None
        line = self._names.find(name_key(found.name))
        if line is None or len(_named(line).current) < 2:
            return found.name
        if found.level == Level.DEPARTEMENT:
            return f"{found.name} (département)"
        above = next((one for one in found.parents if level_of(one) <= Level.DEPARTEMENT), None)
        return found.name if above is None else f"{found.name} ({self.name(above)})"

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes of the larger territories around a territory, the smallest first; empty if its code is
        unknown.
        """
        found = self.get(code)
        return () if found is None else found.parents

    def with_ancestors(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the codes of territories and of the larger territories around them, each once, sorted."""
        return tuple(sorted({one for code in codes for one in (code, *self.ancestors(code))}))

    def parent(self, code: str) -> str | None:
        """Return the code of the smallest of the larger territories around a territory, or None if there is none."""
        return next(iter(self.ancestors(code)), None)

    def keys(self) -> list[str]:
        """Return the `name_key` of every name, sorted; the place of a key in this list is the number of the name."""
        return [self._names[place].partition("\t")[0] for place in range(len(self._names))]

    def at(self, number: int) -> Named:
        """Return the territories that have a name, by the number of the name, its index in `keys()`."""
        return _named(self._names[number])

    def of_key(self, key: str) -> tuple[str, ...]:
        """Return the codes of the territories whose name has a `name_key`: their official name or, if there are none,
        a former or shorter one. Empty if no name has the key.
        """
        line = self._names.find(key)
        if line is None:
            return ()
        found = _named(line)
        return found.current or found.other

    def named(self, text: str) -> tuple[str, ...]:
        """Return the codes of the territories that a code or a name means, the most populous first; empty if there are
        none.

        Accents, case and hyphens do not matter. A name that a région or a département has never means a smaller
        territory, and an official name never means a territory for which it is a former or shorter name.
        """
        code = text.strip().upper()
        if is_code(code) and code in self:
            return (code,)
        codes = self.of_key(name_key(text))
        return tuple(code for code in codes if level_of(code) <= Level.DEPARTEMENT) or codes


def _named(line: str) -> Named:
    key, current, other = line.split("\t")
    return Named(key, tuple(current.split()), tuple(other.split()))


def lines_of_names(territories: Iterable[Territory]) -> list[str]:
    """Return the lines of the gazetteer's file that list, for each name, the territories that have it."""
    found: dict[str, tuple[list[Territory], list[Territory]]] = {}
    for one in territories:
        for name in (one.name, *one.aliases):
            found.setdefault(name_key(name), ([], []))[name != one.name].append(one)
    return [
        "\t".join((key, *(" ".join(one.code for one in sorted(held, key=_populous)) for held in found[key])))
        for key in sorted(found, key=str.encode)
        if key
    ]


def _populous(territory: Territory) -> tuple[int, str]:
    return -territory.population, territory.code


def _read(line: str) -> Territory:
    code, name, population, parents, aliases = line.split("\t")
    return Territory(code, name, int(population), tuple(parents.split()), tuple(aliases.split("|")) if aliases else ())


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer; it is read once for each process."""
    return Gazetteer(lzma.decompress(DATA.read_bytes()))


_CODE = re.compile(r"R\d{2,3}|D\d[\dAB]|\d[\dAB]\d{3}|\d{9}")


def is_code(text: str) -> bool:
    """Return whether a text has the form of a territory's code, whether or not the code exists."""
    return _CODE.fullmatch(text) is not None
