"""The words and titles of a generation: what corrections, completion and names of themes need of all its resources.

They are written once for each generation, each half (public, private, placeholders) in an index of its own; a process
reads them at the first search that needs them. A lexicon entry is a word: folded form, NUL, exact form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from indexer.analysis import best_form, theme_key
from indexer.engine.opensearch.client import Client, Item, Json
from indexer.engine.opensearch.documents import Line
from indexer.engine.opensearch.packing import pack, unpack
from indexer.errors import IndexDamagedError
from indexer.query.completer import Completer, CompletionTables, TextList, word_tables
from indexer.query.completion import completion_line
from indexer.query.spelling import Form, Speller, lexicon_of

_ROWS = 20_000
"""Largest number of rows of a table (titles, words…) that one document of the index stores."""


@dataclass(frozen=True, slots=True)
class Values:
    """The distinct values for filters and facets in one half (public, private or placeholders) of a generation.

    Attributes:
        types: types of resources.
        themes: themes, in every spelling that occurs.
        years: years of resources.
        territories: codes of territories, including the larger ones around them.
    """

    types: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    territories: frozenset[str] = frozenset()

    def union(self, other: Values) -> Values:
        """Return the values of two halves together."""
        return Values(
            self.types | other.types,
            self.themes | other.themes,
            self.years | other.years,
            self.territories | other.territories,
        )


@dataclass(frozen=True, slots=True)
class Half:
    """The words and titles of one half (public, private or placeholders) of a generation while it is written.

    Attributes:
        lines: the data of each resource that lists show, by id.
        held: number of resources that hold each lexicon entry.
        titled: number of resources that hold each lexicon entry in their title.
    """

    lines: dict[str, Line]
    held: Counter[str]
    titled: Counter[str]

    def add(self, line: Line, forms: Iterable[str], titled: Iterable[str]) -> None:
        """Add a resource and count the lexicon entries of its forms, and of those in its title."""
        self.lines[line.id] = line
        self.held.update(forms)
        self.titled.update(titled)

    def drop(self, resource_id: str, forms: Iterable[str], titled: Iterable[str]) -> None:
        """Remove a resource and no longer count its lexicon entries, which must be those that were added."""
        del self.lines[resource_id]
        for counts, entries in ((self.held, forms), (self.titled, titled)):
            counts.subtract(entries)
            for entry in entries:
                if not counts[entry]:
                    del counts[entry]

    def items(self, index: str, hidden: Sequence[str] = ()) -> Iterator[Item]:
        """Yield the operations that store the half as documents of an index.

        Args:
            index: name of the index.
            hidden: ids of resources that were removed because visitors must not see them any more.
        """
        values = [
            sorted({line.type for line in self.lines.values() if line.type is not None}),
            sorted({theme for line in self.lines.values() for theme in line.themes}),
            sorted({line.year for line in self.lines.values() if line.year is not None}),
            sorted({code for line in self.lines.values() for code in line.territories}),
        ]
        parts: dict[str, list[Any]] = {
            "values": values,
            "lines": list(self.lines.values()),
            "forms": [(entry, count, self.titled.get(entry, 0)) for entry, count in self.held.items()],
            "hidden": list(hidden),
        }
        for part, rows in parts.items():
            for number, start in enumerate(range(0, len(rows), _ROWS)):
                action = {"index": {"_index": index, "_id": f"{part}-{number}"}}
                yield Item(action, {"part": part, "number": number, "content": pack(rows[start : start + _ROWS])})


def empty_half() -> Half:
    """Return a half without resources."""
    return Half({}, Counter(), Counter())


def read_rows(client: Client, index: str, part: str) -> list[Any]:
    """Return the rows of one part of an index of words.

    Args:
        client: sends the request.
        index: name of the index.
        part: ``values`` (for facets), ``lines`` (data for lists), ``forms`` (lexicon) or ``hidden`` (ids).

    Raises:
        IndexDamagedError: the rows cannot be read.
        EngineError: the cluster cannot answer.
    """
    body: Json = {"query": {"term": {"part": part}}, "size": 1_000, "sort": ["number"]}
    found = client.search([index], body)
    try:
        return [row for hit in found["hits"]["hits"] for row in unpack(hit["_source"]["content"])]
    except (KeyError, TypeError, ValueError) as error:
        raise IndexDamagedError(
            f"L’index « {index} » est abîmé sur la grappe OpenSearch : relancez « python run.py index --full »."
        ) from error


def read_half(client: Client, index: str) -> Half:
    """Return the words and titles of a half, to write the next generation from.

    Raises:
        IndexDamagedError: the words or titles cannot be read.
        EngineError: the cluster cannot answer.
    """
    half = empty_half()
    for row in read_rows(client, index, "lines"):
        line = Line(*row)
        half.lines[line.id] = line
    for entry, count, titled in read_rows(client, index, "forms"):
        half.held[entry] = count
        if titled:
            half.titled[entry] = titled
    return half


def read_values(client: Client, index: str) -> Values:
    """Return the distinct values of a half.

    Raises:
        IndexDamagedError: the values cannot be read.
        EngineError: the cluster cannot answer.
    """
    types, themes, years, territories = read_rows(client, index, "values")
    return Values(frozenset(types), frozenset(themes), frozenset(years), frozenset(territories))


class _Entry(NamedTuple):
    """A title, publication or theme that completion proposes.

    Attributes:
        text: the title or name, in UTF-8.
        owner: id of the resource, in UTF-8; empty for a theme.
        number: number of the publication in its resource, or of the theme; 0 for a title.
        line: the folded words of the text, each after a space, then a line feed, in UTF-8.
        searched: whether it is a text of the archive rather than the name of a file.
    """

    text: bytes
    owner: bytes
    number: int
    line: bytes
    searched: bool = True


class Names:
    """The types, themes and years that an audience can see.

    Args:
        values: the values of the halves that the audience sees.
    """

    def __init__(self, values: Values) -> None:
        self.values = values
        forms: dict[str, list[str]] = {}
        for theme in sorted(values.themes):
            forms.setdefault(theme_key(theme), []).append(theme)
        self.keys = sorted(forms)
        self._named = {key: best_form(forms[key]) for key in self.keys}

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """The best spelling of each theme, in the order of `keys`."""
        return tuple(self._named[key] for key in self.keys)

    def theme(self, key: str) -> str:
        """Return the best spelling of a theme, given the key by which themes are compared (`theme_key`)."""
        return self._named[key]

    def named(self, themes: Iterable[str]) -> tuple[str, ...]:
        """Return a resource's themes under the names that this audience sees, each once."""
        return tuple(dict.fromkeys([self._named[theme_key(theme)] for theme in themes]))


def speller_of(rows: Iterable[Sequence[Any]]) -> Speller:
    """Return a speller over rows of lexicon entries: the entry, the number of resources that hold it, and of those that
    hold it in their title. Counts of the same entry are added up.
    """
    counts: dict[str, tuple[int, int]] = {}
    for entry, held, titled in rows:
        before = counts.get(entry, (0, 0))
        counts[entry] = before[0] + held, before[1] + titled
    forms = ((entry.partition("\0"), numbers) for entry, numbers in counts.items())
    return Speller(lexicon_of(Form(folded, exact, *numbers) for (folded, _, exact), numbers in forms))


def completer_of(lines: Sequence[Line], names: Names) -> Completer:
    """Return a completer over the titles, publications and themes of some resources."""
    titles = sorted(_entry(line.title, line.id, 0) for line in lines)
    documents = sorted(_entry(name, line.id, n, titled) for line in lines for n, name, titled, _ in line.documents)
    named = sorted(_entry(name, "", number) for number, name in enumerate(names.themes))
    entries = [*titles, *documents, *named]
    tables = word_tables([entry.line for entry in entries])
    number = {key: index for index, key in enumerate(names.keys)}
    codes = [number[key] for line in lines for key in {theme_key(theme) for theme in line.themes}]
    return Completer(
        CompletionTables(
            texts=TextList(entry.text for entry in entries),
            lines=TextList(entry.line for entry in entries),
            owners=TextList(entry.owner for entry in entries),
            numbers=np.array([entry.number for entry in entries], dtype=np.int32),
            kinds=np.array([len(titles), len(titles) + len(documents)], dtype=np.int32),
            words=TextList(tables.words),
            offsets=tables.offsets,
            entries=tables.entries,
            first=tables.first,
            lengths=np.array([len(entry.text.decode()) for entry in entries], dtype=np.int32),
            searched=np.array([entry.searched for entry in entries], dtype=bool),
        ),
        names.themes,
        np.array(codes, dtype=np.int64),
    )


def _entry(text: str, owner: str, number: int, searched: bool = True) -> _Entry:
    return _Entry(text.encode(), owner.encode("utf-8", "replace"), number, completion_line(text).encode(), searched)
