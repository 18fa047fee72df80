"""Corrections by staff, which override what the pages say. One SQLite file in the corpus, backed up with it.

Pages are never changed; corrections are applied when the index is written, so they survive imports and full runs.
"""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum, StrEnum
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from indexer.analysis import theme_key
from indexer.errors import CorpusError, CorrectionError, StaleCorrectionError
from indexer.parsing.urls import without_tracking
from indexer.resource import Resource, TerritorySource, YearSource
from indexer.storage.database import Database, Step
from indexer.storage.os_errors import Reason
from indexer.territories import gazetteer

CORRECTIONS = "corrections.sqlite"
NOBODY = "effacé"
"""Replaces the name of an erased person in the history."""
FIRST_YEAR = 1800
MAX_LENGTH = 120
"""Largest number of characters of a type or a theme."""
MAX_TITLE = 300
MAX_SUMMARY = 5_000
MAX_ADDRESS = 2_000
"""Largest number of characters of an address; `MAX_TITLE` and `MAX_SUMMARY` limit titles and summaries."""
KEPT_BATCHES = 200
"""Number of batches that can be looked at and undone; older ones are forgotten, their corrections stay."""

_STEPS: tuple[Step, ...] = (
    (
        """CREATE TABLE IF NOT EXISTS corrections (
    id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id, field)
) WITHOUT ROWID""",
        "CREATE TABLE IF NOT EXISTS themes (key TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE IF NOT EXISTS history (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL, title TEXT NOT NULL,
    field TEXT NOT NULL, before TEXT, after TEXT
)""",
        "CREATE INDEX IF NOT EXISTS history_subject ON history (subject)",
    ),
    (
        """CREATE TABLE batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL,
    undone_at TEXT, undone_by TEXT
)""",
        """CREATE TABLE batch_changes (
    batch INTEGER NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, title TEXT NOT NULL, before TEXT, after TEXT,
    kept INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (batch, id, field)
) WITHOUT ROWID""",
    ),
)


class Unset(Enum):
    """The type of `UNSET`, which means « not corrected »; None means « corrected to nothing »."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class Field(StrEnum):
    """A field that can be corrected; its value is the name of the command-line option."""

    TYPE = "type"
    YEAR = "year"
    THEMES = "theme"
    PRIVATE = "private"
    WITHDRAWN = "withdrawn"
    DOCUMENTS = "document"
    TITLE = "title"
    SUMMARY = "summary"
    DATE = "date"
    ADDRESS = "address"
    TERRITORIES = "territory"


_LISTS = {Field.THEMES: "themes", Field.DOCUMENTS: "documents", Field.TERRITORIES: "territories"}
_ATTRIBUTES: Mapping[Field, str] = {field: _LISTS.get(field, field.value) for field in Field}
_DIGEST = re.compile(r"[0-9a-f]{32}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction of one resource; fields left `UNSET` keep the imported value.

    Attributes:
        type: its type, or None for none.
        year: its year, or None for none.
        themes: all its themes.
        private: whether it is reserved for members.
        withdrawn: whether nobody finds it, neither visitors nor members.
        documents: digests of the files that staff attached to it, besides those that its links lead to.
        title: its title.
        summary: its summary, or None for none.
        date: its date as far as known, ISO 8601, or None for none; its year is then that of the date.
        address: its canonical address, or None for none.
        territories: codes of all its territories; names are taken too, and stored as codes.
    """

    type: str | Unset | None = UNSET
    year: int | Unset | None = UNSET
    themes: tuple[str, ...] | Unset = UNSET
    private: bool | Unset = UNSET
    withdrawn: bool | Unset = UNSET
    documents: tuple[str, ...] | Unset = UNSET
    title: str | Unset = UNSET
    summary: str | Unset | None = UNSET
    date: str | Unset | None = UNSET
    address: str | Unset | None = UNSET
    territories: tuple[str, ...] | Unset = UNSET

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are corrected."""
        return tuple(field for field, name in _ATTRIBUTES.items() if getattr(self, name) is not UNSET)

    def apply(self, resource: Resource) -> Resource:
        """Return the resource with the corrected values. `withdrawn` and `documents` change nothing in it."""
        if self.type is not UNSET:
            resource = replace(resource, type=self.type)
        if self.date is not UNSET:
            year = None if self.date is None else int(self.date[:4])
            source = None if year is None else YearSource.STAFF
            resource = replace(resource, date=self.date, year=year, year_source=source)
        if self.year is not UNSET:
            known = resource.date is not None and self.year is not None and resource.date.startswith(f"{self.year:04}")
            date = resource.date if known else None if self.year is None else f"{self.year:04}"
            source = None if self.year is None else YearSource.STAFF
            resource = replace(resource, year=self.year, year_source=source, date=date)
        if self.themes is not UNSET:
            resource = replace(resource, themes=self.themes)
        if self.private is not UNSET:
            resource = replace(resource, private=self.private)
        if self.title is not UNSET:
            resource = replace(resource, title=self.title)
        if self.summary is not UNSET:
            resource = replace(resource, summary=self.summary, summary_shape=None)
        if self.address is not UNSET:
            resource = replace(resource, url=self.address)
        if self.territories is not UNSET:
            resource = replace(resource, territories=self.territories, territory_source=TerritorySource.STAFF)
        return resource

    def as_json(self) -> dict[str, str | int | bool | list[str] | None]:
        """Return the corrected values, by field name."""
        values = {field.value: getattr(self, _ATTRIBUTES[field]) for field in self.fields}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change in the history of corrections.

    Attributes:
        at: UTC, ISO 8601, to the second.
        actor: the person who made it: address of an account, or user name on the command line.
        subject: id of the resource, or key of the theme.
        title: title of the resource at that time, or the theme as written.
        field: name of a `Field`, or ``renamed`` for a renamed theme.
        before, after: corrected values as JSON; None if the field was not, or is no longer, corrected.
    """

    at: str
    actor: str
    subject: str
    title: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """The correction of one resource of a batch.

    Attributes:
        id: id of the resource.
        title: its title, for the history.
        correction: new values; fields that are unset are not changed.
        held: its correction when the batch was planned.
    """

    id: str
    title: str
    correction: Correction
    held: Correction


@dataclass(frozen=True, slots=True)
class Batch:
    """Corrections of several resources that were made, and can be undone, together.

    Attributes:
        number: its id.
        at: UTC, ISO 8601, to the second.
        actor: the person who made it.
        what: what it does (French).
        resources: number of resources that it corrected.
        undone_at, undone_by: when and by whom it was undone, or None.
    """

    number: int
    at: str
    actor: str
    what: str
    resources: int
    undone_at: str | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class BatchChange:
    """A field that a batch corrected.

    Attributes:
        id, title: id of the resource, and its title at that time.
        field: name of a `Field`.
        before, after: corrected values as JSON; None if the field was not corrected.
        kept: whether undoing the batch left this field alone, since it was corrected again meanwhile.
    """

    id: str
    title: str
    field: str
    before: str | None
    after: str | None
    kept: bool


def decided(corrections: Mapping[str, Correction]) -> dict[str, bool]:
    """Return the resources whose privacy staff decided: by id, whether the resource is hidden from visitors."""
    hidden = {name: c.withdrawn is True or c.private is True for name, c in corrections.items()}
    return {name: flag for name, flag in hidden.items() if flag or corrections[name].private is False}


class Corrections:
    """The corrections of a corpus. The first correction creates the file.

    Args:
        path: the SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = Database(path, _STEPS, unusable=partial(_unusable, path), wait=10)

    def all(self) -> dict[str, Correction]:
        """Return all corrections, by resource id.

        Raises:
            CorpusError: they cannot be read. Nothing may be indexed then, since a private resource could become public.
        """
        found: dict[str, list[tuple[str, ...]]] = {}
        for resource_id, *row in self._rows("SELECT id, field, value FROM corrections"):
            found.setdefault(resource_id, []).append(tuple(row))
        return {resource_id: self._correction(rows) for resource_id, rows in found.items()}

    def get(self, resource_id: str) -> Correction:
        """Return the correction of a resource, empty if it has none.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        return self._correction(self._rows("SELECT field, value FROM corrections WHERE id = ?", resource_id))

    def _correction(self, rows: Iterable[tuple[str, ...]]) -> Correction:
        try:
            return Correction(**{_ATTRIBUTES[Field(field)]: _read(Field(field), value) for field, value in rows})  # type: ignore[arg-type]
        except ValueError as error:
            raise _unusable(self._path, Reason("une valeur inconnue")) from error

    def renames(self) -> dict[str, str]:
        """Return the current name of each renamed or merged theme, by its `theme_key`.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        return {key: name for key, name in self._rows("SELECT key, name FROM themes")}  # noqa: C416 - rows are no pairs

    def history(self, subject: str | None = None, *, limit: int = 100) -> list[HistoryEntry]:
        """Return changes of one resource or theme, or of all, newest first.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        where, values = ("WHERE subject = ?", (subject,)) if subject is not None else ("", ())
        columns = ", ".join(field.name for field in fields(HistoryEntry))
        # Only names of columns, never user input.
        query = f"SELECT {columns} FROM history {where} ORDER BY number DESC LIMIT ?"  # noqa: S608
        return [HistoryEntry(*row) for row in self._rows(query, *values, limit)]

    def title(self, resource_id: str) -> str | None:
        """Return the title that a resource had when it was last corrected, or None. For withdrawn resources no other
        source of a title exists.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        rows = self._rows("SELECT title FROM history WHERE subject = ? ORDER BY number DESC LIMIT 1", resource_id)
        return rows[0][0] if rows else None

    def change(
        self, resource_id: str, correction: Correction, *, clear: Iterable[Field] = (), actor: str, title: str
    ) -> tuple[Field, ...]:
        """Correct fields of a resource, in addition to its existing correction.

        Args:
            resource_id: the resource.
            correction: new values; fields that are unset are not changed.
            clear: fields to reset to the imported value.
            actor: the person who corrects: address of an account, or user name on the command line.
            title: current title of the resource, for the history.

        Returns:
            The fields that changed.

        Raises:
            CorrectionError: a value makes no sense.
            CorpusError: the file cannot be written.
        """
        with self._database.changing() as db:
            return tuple(_change(db, resource_id, check_correction(correction), clear, actor=actor, title=title))

    def change_batch(self, lines: Iterable[BatchLine], *, what: str, actor: str) -> int:
        """Correct several resources in one transaction, and return the number of the batch, which `undo_batch` takes.

        Args:
            lines: the corrections.
            what: what the batch does (French).
            actor: the person who corrects.

        Raises:
            CorrectionError: a value makes no sense.
            StaleCorrectionError: one of the resources was corrected since the batch was planned; nothing is changed.
            CorpusError: the file cannot be written.
        """
        with self._database.changing() as db:
            added = db.execute("INSERT INTO batches (at, actor, what) VALUES (?, ?, ?)", (_now(), actor, what))
            number = int(added.lastrowid or 0)
            for line in lines:
                held = _held(db, line.id)
                if held != _values(line.held):
                    raise StaleCorrectionError(
                        f"« {line.title} » a été corrigée entre-temps : rien n’a été changé. Regardez de nouveau ce "
                        "que le lot changerait."
                    )
                changed = _change(db, line.id, check_correction(line.correction), (), actor=actor, title=line.title)
                db.executemany(
                    "INSERT INTO batch_changes (batch, id, field, title, before, after) VALUES (?, ?, ?, ?, ?, ?)",
                    ((number, line.id, field, line.title, held.get(field), value) for field, value in changed.items()),
                )
            for table, column in (("batches", "number"), ("batch_changes", "batch")):
                db.execute(f"DELETE FROM {table} WHERE {column} <= ?", (number - KEPT_BATCHES,))  # noqa: S608
        return number

    def undo_batch(self, number: int, *, actor: str) -> int:
        """Restore the former correction of every field that a batch corrected, and return the number of restored
        fields.

        A field that was corrected again since then is left alone; `batch_changes` then says so.

        Raises:
            CorrectionError: there is no such batch, or it was undone already.
            CorpusError: the file cannot be written.
        """
        restored = 0
        with self._database.changing() as db:
            claimed = db.execute(
                "UPDATE batches SET undone_at = ?, undone_by = ? WHERE number = ? AND undone_at IS NULL",
                (_now(), actor, number),
            )
            if not claimed.rowcount:
                raise CorrectionError("Ce lot est déjà annulé, ou n’est plus gardé : il n’y a rien à annuler.")
            query = "SELECT id, field, title, before, after FROM batch_changes WHERE batch = ?"
            for resource_id, field, title, before, after in db.execute(query, (number,)).fetchall():
                if _held(db, resource_id).get(field) != after:
                    db.execute(
                        "UPDATE batch_changes SET kept = 1 WHERE batch = ? AND id = ? AND field = ?",
                        (number, resource_id, field),
                    )
                else:
                    _set(db, resource_id, field, before)
                    _note(db, actor, resource_id, title, field, after, before)
                    restored += 1
        return restored

    def batches(self, *, limit: int = 20) -> list[Batch]:
        """Return the latest batches, newest first.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        return self._batches("ORDER BY number DESC LIMIT ?", limit)

    def batch(self, number: int) -> Batch | None:
        """Return a batch, or None.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        return next(iter(self._batches("WHERE number = ?", number)), None)

    def _batches(self, rest: str, *values: object) -> list[Batch]:
        counted = "(SELECT count(DISTINCT id) FROM batch_changes WHERE batch = number)"
        # `rest` is a constant of this module, never user input.
        query = f"SELECT number, at, actor, what, {counted}, undone_at, undone_by FROM batches {rest}"  # noqa: S608
        return [
            Batch(int(row[0]), row[1], row[2], row[3], int(row[4]), row[5], row[6])
            for row in self._rows(query, *values)
        ]

    def batch_changes(self, number: int, *, first: int = 0, limit: int = 100, kept: bool = False) -> list[BatchChange]:
        """Return what a batch changed in some of its resources, ordered by id.

        Args:
            number: number of the batch.
            first: number of resources to skip.
            limit: largest number of resources.
            kept: return only fields that undoing the batch left alone.

        Raises:
            CorpusError: the corrections cannot be read.
        """
        only = "AND kept = 1" if kept else ""
        chosen = f"SELECT DISTINCT id FROM batch_changes WHERE batch = ? {only} ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608
        rows = self._rows(
            f"SELECT id, title, field, before, after, kept FROM batch_changes WHERE batch = ? {only} "  # noqa: S608
            f"AND id IN ({chosen}) ORDER BY id, field",
            *(number, number, limit, first),
        )
        return [BatchChange(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]

    def rename_theme(self, theme: str, name: str, *, actor: str) -> None:
        """Rename a theme; renaming it to another theme's name merges them.

        Raises:
            CorrectionError: a name holds no word, or is too long.
            CorpusError: the file cannot be written.
        """
        old, new = theme_key(theme), _checked_theme(name)
        if not old:
            raise CorrectionError("Choisissez le thème à renommer.")
        with self._database.changing() as db:
            held = dict(db.execute("SELECT key, name FROM themes"))
            # Renamings never chain: themes renamed to the old name now get the new one, and the new one is not renamed
            # itself.
            db.execute("DELETE FROM themes WHERE key = ?", (theme_key(new),))
            for key in {old, *(key for key, other in held.items() if theme_key(other) == old)}:
                if key != theme_key(new) or key == old:
                    db.execute("INSERT OR REPLACE INTO themes VALUES (?, ?)", (key, new))
            _note(db, actor, old, theme, "renamed", _optional(held.get(old)), _write(new))

    def restore_theme(self, key: str, *, actor: str) -> None:
        """Reset the theme with a `theme_key` to its imported name; do nothing if it was not renamed.

        Raises:
            CorpusError: the file cannot be written.
        """
        with self._database.changing() as db:
            held = dict(db.execute("SELECT key, name FROM themes"))
            if key in held:
                db.execute("DELETE FROM themes WHERE key = ?", (key,))
                _note(db, actor, key, held[key], "renamed", _write(held[key]), None)

    def forget_actor(self, actor: str) -> int:
        """Remove a person's name from the history, and return the number of entries that held it.

        Raises:
            CorpusError: the file cannot be written.
        """
        if not self._path.exists():
            return 0
        with self._database.changing() as db:
            return sum(
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (NOBODY, actor)).rowcount  # noqa: S608
                for table, column in (("history", "actor"), ("batches", "actor"), ("batches", "undone_by"))
            )

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        with self._database.reading() as db:
            return [] if db is None else db.execute(query, values).fetchall()


def _unusable(path: Path, reason: Reason) -> CorpusError:
    return CorpusError(
        f"Les corrections « {path} » ne peuvent être lues ou écrites {reason.then('restaurez-les d’une sauvegarde')}."
    )


def check_correction(correction: Correction) -> Correction:
    """Return the correction with its texts cleaned.

    Raises:
        CorrectionError: a value makes no sense; the message says which, and what is expected.
    """
    if isinstance(correction.type, str):
        text = _clean(correction.type)
        if not text or len(text) > MAX_LENGTH:
            raise CorrectionError(f"Un type s’écrit en quelques mots, {MAX_LENGTH} caractères au plus.")
        correction = replace(correction, type=text)
    if isinstance(correction.themes, tuple):
        themes = {theme_key(theme): theme for theme in map(_checked_theme, correction.themes)}
        correction = replace(correction, themes=tuple(themes[key] for key in sorted(themes)))
    if isinstance(correction.territories, tuple):
        codes = {_checked_territory(name) for name in correction.territories}
        correction = replace(correction, territories=tuple(sorted(codes)))
    if isinstance(correction.documents, tuple):
        if not all(_DIGEST.fullmatch(digest) for digest in correction.documents):
            raise CorrectionError("Cette publication n’est pas connue : choisissez-la dans la liste.")
        correction = replace(correction, documents=tuple(dict.fromkeys(correction.documents)))
    if isinstance(correction.year, int):
        _check_year(correction.year)
    if isinstance(correction.title, str):
        title = _clean(correction.title)
        if not theme_key(title) or len(title) > MAX_TITLE:
            raise CorrectionError(f"Un titre contient au moins un mot, et {MAX_TITLE} caractères au plus.")
        correction = replace(correction, title=title)
    if isinstance(correction.summary, str):
        summary = "\n\n".join(filter(None, map(_clean, re.split(r"(?:\r?\n\s*){2,}", correction.summary))))
        if not summary or len(summary) > MAX_SUMMARY:
            raise CorrectionError(f"Un résumé s’écrit en {MAX_SUMMARY} caractères au plus ; « none » : aucun.")
        correction = replace(correction, summary=summary)
    if isinstance(correction.date, str):
        correction = replace(correction, date=_checked_date(correction.date))
    if isinstance(correction.address, str):
        correction = replace(correction, address=_checked_address(correction.address))
    date, year = correction.date, correction.year
    if isinstance(date, str) and year is not UNSET and date[:4] != f"{year or 0:04}":
        raise CorrectionError(
            f"La date ({date}) et l’année ({year or 'aucune'}) ne s’accordent pas : "
            "corrigez l’une des deux, l’autre suivra."
        )
    return correction


def _check_year(year: int) -> None:
    last = datetime.date.today().year + 1
    if not FIRST_YEAR <= year <= last:
        raise CorrectionError(f"{year} n’est pas une année possible : de {FIRST_YEAR} à {last}.")


def _checked_date(text: str) -> str:
    date = text.strip()
    parts = _DATE.fullmatch(date) if date.isascii() else None
    try:
        if parts is None:
            raise ValueError(date)
        year, month, day = (int(part) if part else 1 for part in parts.groups())
        datetime.date(year, month, day)
    except ValueError:
        shown = date if len(date) <= 40 else f"{date[:39]}…"
        raise CorrectionError(
            f"« {shown} » n’est pas une date : écrivez 2024-02-16, 2024-02 ou 2024, selon ce qui est connu."
        ) from None
    _check_year(year)
    return date


def _checked_address(text: str) -> str:
    address = unicodedata.normalize("NFC", text.strip())
    try:
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or len(address) > MAX_ADDRESS or not address.isprintable() or " " in address:
        raise CorrectionError(
            f"Une adresse commence par https:// ou http://, sans espace, et compte {MAX_ADDRESS} caractères au plus : "
            "copiez-la de la barre d’adresse du navigateur."
        )
    if "@" in parts.netloc:
        raise CorrectionError("Cette adresse contient un nom d’utilisateur : retirez ce qui précède « @ ».")
    return without_tracking(address)


def renamed(themes: Iterable[str], renames: Mapping[str, str]) -> tuple[str, ...]:
    """Return themes under their current names (see `Corrections.renames`), each once, ordered by `theme_key`."""
    names = {theme_key(name): name for name in (renames.get(theme_key(theme), theme) for theme in themes)}
    return tuple(names[key] for key in sorted(names))


def _checked_theme(theme: str) -> str:
    text = _clean(theme)
    if not theme_key(text) or len(text) > MAX_LENGTH:
        raise CorrectionError(f"Un thème s’écrit en quelques mots, {MAX_LENGTH} caractères au plus.")
    return text


def _checked_territory(name: str) -> str:
    """Return the code of the only territory with a code or a name.

    Raises:
        CorrectionError: no territory has it, or several have.
    """
    text = _clean(name)
    codes = gazetteer().named(text)
    if len(codes) == 1:
        return codes[0]
    if not codes:
        raise CorrectionError(
            f"« {text[:MAX_LENGTH]} » n’est pas un territoire connu : écrivez le nom officiel d’une région, d’un "
            "département, d’une intercommunalité ou d’une commune, ou son code."
        )
    known = gazetteer()
    offered = ", ".join(f"{code} ({known.name(known.parent(code) or code)})" for code in codes[:5])
    raise CorrectionError(f"Plusieurs territoires s’appellent « {text} » : écrivez le code du bon, {offered}.")


def _clean(text: str) -> str:
    visible = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _read(field: Field, value: str) -> object:
    held = json.loads(value)
    return tuple(held) if field in _LISTS else held


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _optional(value: str | None) -> str | None:
    return None if value is None else _write(value)


def _held(db: sqlite3.Connection, resource_id: str) -> dict[str, str]:
    return dict(db.execute("SELECT field, value FROM corrections WHERE id = ?", (resource_id,)))


def _values(correction: Correction) -> dict[str, str]:
    """Return the corrected values as they are stored: as JSON, by name of the field."""
    return {field.value: _write(getattr(correction, _ATTRIBUTES[field])) for field in correction.fields}


def _set(db: sqlite3.Connection, resource_id: str, field: str, value: str | None) -> None:
    if value is None:
        db.execute("DELETE FROM corrections WHERE id = ? AND field = ?", (resource_id, field))
    else:
        db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?)", (resource_id, field, value))


def _change(
    db: sqlite3.Connection, resource_id: str, correction: Correction, clear: Iterable[Field], *, actor: str, title: str
) -> dict[Field, str | None]:
    """Store a checked correction and its history, and return the new values of the fields that changed."""
    wanted: dict[Field, str | None] = dict.fromkeys(clear)
    wanted |= {Field(name): value for name, value in _values(correction).items()}
    held = _held(db, resource_id)
    # A date has a year, so the one that was corrected last decides about both.
    for last, other in ((Field.DATE, Field.YEAR), (Field.YEAR, Field.DATE)):
        new, former = wanted.get(last), held.get(other)
        if new is not None and other not in wanted and former is not None and _year_in(new) != _year_in(former):
            wanted[other] = None
    changed = {field: wanted[field] for field in Field if field in wanted and held.get(field) != wanted[field]}
    for field, value in changed.items():
        _set(db, resource_id, field, value)
        _note(db, actor, resource_id, title, field, held.get(field), value)
    return changed


def _year_in(value: str) -> str:
    """Return the year of a date or year stored as JSON; empty for none."""
    held = json.loads(value)
    return "" if held is None else str(held)[:4]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _note(
    db: sqlite3.Connection, actor: str, subject: str, title: str, field: str, before: str | None, after: str | None
) -> None:
    db.execute(
        "INSERT INTO history (at, actor, subject, title, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (_now(), actor, subject, title, str(field), before, after),
    )
