"""Correct many resources at once: plan what would change, apply it in one transaction, undo it in one step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.analysis import theme_key
from indexer.corpus import UNSET, BatchLine, Correction, Field, Unset, check_correction
from indexer.errors import StaleCorrectionError
from indexer.pipeline.correcting import corrections_of
from indexer.query import Hit
from indexer.resource import Resource
from indexer.settings import Settings

MAX_BATCH = 10_000
"""Largest number of resources of a batch: as many as one search lists."""

_CHANGED = (
    "Depuis cet aperçu, une de ces ressources ou cette liste a changé : rien n’a été corrigé. Voici le nouvel aperçu."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a batch (one correction of many resources) changes of a resource; fields left `UNSET` stay as they are.

    Attributes:
        type, year: new value; None removes it.
        themes: themes in place of all its own.
        add, remove: themes to add to its own, and to take from them.
        private: whether it is reserved for members.
        withdrawn: whether it leaves the index.
    """

    type: str | Unset | None = UNSET
    year: int | Unset | None = UNSET
    themes: tuple[str, ...] | Unset = UNSET
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    private: bool | Unset = UNSET
    withdrawn: bool | Unset = UNSET

    @property
    def is_empty(self) -> bool:
        """Return whether the wish changes nothing."""
        return self == Wish()


@dataclass(frozen=True, slots=True)
class PlannedCorrection:
    """A resource that a batch would correct.

    Attributes:
        shown: the resource as the next run would write it without the batch; without texts if made from a search hit.
        correction: the fields that would change, with their new values.
        held: its correction before the batch.
    """

    shown: Resource
    correction: Correction
    held: Correction

    @property
    def turns_public(self) -> bool:
        """Return whether the batch would show visitors a resource that is private without it."""
        return self.shown.private and self.correction.private is False


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What a batch would change.

    Attributes:
        lines: the resources that it would correct, in the order in which they were given.
        unchanged: number of resources that already are as it would make them.
        digest: changes whenever anything of the plan does: its resources, their current values, or the new ones.
    """

    lines: tuple[PlannedCorrection, ...]
    unchanged: int
    digest: str

    def count(self, field: Field) -> int:
        """Return the number of resources whose `field` would change."""
        return sum(field in line.correction.fields for line in self.lines)


def resource_of(hit: Hit) -> Resource:
    """Return what a search hit tells of its resource, without the texts."""
    return Resource(
        id=hit.id,
        url=hit.url,
        title=hit.title,
        body=None,
        summary=None,
        type=hit.type,
        private=hit.private,
        themes=hit.themes,
        date=hit.date,
        year=hit.year,
        year_source=hit.year_source,
    )


def checked_wish(wish: Wish) -> Wish:
    """Return a wish with its texts cleaned.

    Raises:
        CorrectionError: a value makes no sense; the message says which, and what is expected.
    """
    cleaned = check_correction(Correction(type=wish.type, year=wish.year, themes=wish.themes))
    lists = [check_correction(Correction(themes=themes)).themes for themes in (wish.add, wish.remove)]
    add, remove = (() if themes is UNSET else themes for themes in lists)
    return Wish(cleaned.type, cleaned.year, cleaned.themes, add, remove, wish.private, wish.withdrawn)


def plan_bulk(settings: Settings, wanted: Iterable[tuple[Resource, Wish]]) -> BulkPlan:
    """Return what a batch would change; nothing is written.

    Args:
        settings: settings of the archive.
        wanted: resources of the index and what to change of each, at most `MAX_BATCH`.

    Raises:
        CorrectionError: a value makes no sense.
        CorpusError: the corrections cannot be read.
    """
    corrections = corrections_of(settings).all()
    none = Correction()
    lines, unchanged = [], 0
    checked: dict[Wish, Wish] = {}
    digest = hashlib.blake2b(digest_size=16)
    for resource, wish in wanted:
        if wish not in checked:
            checked[wish] = checked_wish(wish)
        held = corrections.get(resource.id, none)
        shown = held.apply(resource)
        correction = _correction(shown, held, checked[wish])
        if not correction.fields:
            unchanged += 1
            continue
        lines.append(PlannedCorrection(shown, correction, held))
        values = (shown.type, shown.year, shown.themes, shown.private)
        digest.update(json.dumps([resource.id, values, held.as_json(), correction.as_json()]).encode())
    return BulkPlan(tuple(lines), unchanged, digest.hexdigest())


def apply_bulk(settings: Settings, plan: BulkPlan, *, seen: str, what: str, actor: str) -> int:
    """Make the corrections of a plan in one transaction, and return the number of the batch.

    The next indexing run publishes them.

    Args:
        settings: settings of the archive.
        plan: the plan, worked out just now.
        seen: digest of the plan that the person has looked at.
        what: what the batch does (French), for the list of batches.
        actor: the person who corrects: address of an account, or user name on the command line.

    Raises:
        StaleCorrectionError: something changed since the person looked; nothing was corrected.
        CorpusError: the corrections cannot be written.
    """
    if plan.digest != seen:
        raise StaleCorrectionError(_CHANGED)
    lines = (BatchLine(line.shown.id, line.shown.title, line.correction, line.held) for line in plan.lines)
    return corrections_of(settings).change_batch(lines, what=what, actor=actor)


def _correction(shown: Resource, held: Correction, wish: Wish) -> Correction:
    """Return the correction that a wish amounts to: the values that differ from `shown`, the resource without it."""
    themes = _themes(shown, wish)
    same_themes = {*map(theme_key, themes)} == {*map(theme_key, shown.themes)}
    return Correction(
        type=UNSET if wish.type == shown.type else wish.type,
        year=UNSET if wish.year == shown.year else wish.year,
        themes=UNSET if same_themes else themes,
        private=UNSET if wish.private == shown.private else wish.private,
        withdrawn=UNSET if wish.withdrawn == (held.withdrawn is True) else wish.withdrawn,
    )


def _themes(shown: Resource, wish: Wish) -> tuple[str, ...]:
    kept = shown.themes if wish.themes is UNSET else wish.themes
    gone = {theme_key(theme) for theme in wish.remove}
    named = {theme_key(theme): theme for theme in (*kept, *wish.add)}
    return tuple(theme for key, theme in named.items() if key not in gone)
