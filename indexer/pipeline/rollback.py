"""Roll back to the previous generation, without what visitors may no longer see; and preview what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from indexer.corpus import Catalogue, Correction, Corrections
from indexer.engine import Engine, PreviousGeneration, ShowsPrevious, SupportsRollback
from indexer.errors import EngineError
from indexer.pipeline.correcting import corrections_of
from indexer.pipeline.provenance import PROVENANCE, ProvenanceStore, SourceState, rewritten_between
from indexer.pipeline.publications import may_return
from indexer.pipeline.publishing import record_published
from indexer.pipeline.quality import Named
from indexer.pipeline.workspace import Workspace
from indexer.resolution import AssemblyInputs, Documents, Provenance
from indexer.resource import Audience
from indexer.settings import Settings


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """The report of a rollback.

    Attributes:
        generation: name of the current generation, after the rollback.
        like: name of the previous generation, whose resources it holds.
        resources: number of resources in it; public: number of public ones.
        kept_back: ids of resources of the previous generation that visitors may no longer see; they are left out, or
            stay private.
        kept: the resources of `kept_back`, with their titles.
    """

    generation: str
    like: str
    resources: int
    public: int
    kept_back: tuple[str, ...]
    kept: tuple[Named, ...] = ()


class RollbackChange(StrEnum):
    """What a rollback would do to a resource; the values are used in addresses."""

    ADDED = "reviennent"
    REMOVED = "partent"
    PUBLIC = "publiques"
    PRIVATE = "reservees"
    CHANGED = "changent"
    KEPT = "restent"
    """The resource is left out or stays private, since visitors may no longer see it."""


@dataclass(frozen=True, slots=True)
class RollbackPreview:
    """What a rollback would change.

    Attributes:
        generation: name of the generation to go back to; current: name of the current one.
        written: when the former was written, in seconds since 1970.
        resources: number of resources that would be in the index; public: number of public ones.
        counts: number of resources by what would happen to them; without `CHANGED` if the index cannot tell which
            resources would get back an earlier content.
        listed: the resources that were asked for, ordered by id.
    """

    generation: str
    current: str
    written: float
    resources: int
    public: int
    counts: Mapping[RollbackChange, int]
    listed: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The ids of the public and of the private resources after a rollback, and of those that it would change."""

    public: frozenset[str]
    private: frozenset[str]
    changes: Mapping[RollbackChange, frozenset[str]]


def preview_rollback(
    settings: Settings,
    engine: ShowsPrevious,
    *,
    which: RollbackChange | None = None,
    first: int = 0,
    limit: int = 50,
) -> RollbackPreview:
    """Return what `roll_back` would change; nothing is written, and no run is waited for.

    Args:
        settings: settings of the archive.
        engine: the engine, which must keep the previous generation.
        which: list the resources to which this would happen; None lists none.
        first: number of these resources to skip.
        limit: largest number of resources to list.

    Raises:
        IndexMissingError: there is no previous generation.
        IndexVersionError: another version of the program wrote it, or wrote the current generation.
        CorpusError: the corrections cannot be read.
        EngineError: the index cannot be read.
    """
    corrections = corrections_of(settings)
    with engine.previous() as before:
        outcome = _outcome(settings, before, corrections.all())
        ids = () if which is None else sorted(outcome.changes.get(which, ()))[first : first + limit]
        return RollbackPreview(
            generation=before.name,
            current=before.current,
            written=before.written,
            resources=len(outcome.public) + len(outcome.private),
            public=len(outcome.public),
            counts={what: len(held) for what, held in outcome.changes.items()},
            listed=tuple(Named(one, _title(one, engine, before, corrections)) for one in ids),
        )


def _outcome(settings: Settings, before: PreviousGeneration, corrections: Mapping[str, Correction]) -> _Outcome:
    withdrawn, reserved = _hidden_by_staff(corrections)
    kept = withdrawn | reserved | before.exposed
    public = before.public - kept
    private = (before.private - kept) | ((kept - withdrawn) & before.current_private)
    now, then = before.current_public | before.current_private, public | private
    changes: dict[RollbackChange, frozenset[str]] = {
        RollbackChange.ADDED: then - now,
        RollbackChange.REMOVED: now - then,
        RollbackChange.PUBLIC: public & before.current_private,
        RollbackChange.PRIVATE: private & before.current_public,
        RollbackChange.KEPT: (before.public | before.private) & kept,
    }
    rewritten = rewritten_between(settings.index / PROVENANCE, before.name, before.current)
    if rewritten is not None:
        changes[RollbackChange.CHANGED] = (rewritten & now & then) - kept
    return _Outcome(public, private, changes)


def _title(resource_id: str, engine: Engine, before: PreviousGeneration, corrections: Corrections) -> str:
    found = engine.get(resource_id, audience=Audience.STAFF) or before.get(resource_id)
    return corrections.title(resource_id) or resource_id if found is None else found.title


def roll_back(settings: Settings, engine: SupportsRollback, *, expected: str | None = None) -> RollbackReport:
    """Publish the previous generation again, until the next indexing run applies the later changes again.

    Withdrawn resources stay out, and resources that are private now stay private: a rollback does not undo a
    correction. Nor does it give a resource back a file that only hidden resources hold now, or that staff detached.

    Args:
        settings: settings of the archive.
        engine: the engine, which must keep the previous generation.
        expected: name of the generation that the person has seen; None goes back to whichever is the previous one.

    Raises:
        IndexMissingError: there is no previous generation.
        IndexVersionError: another version of the program wrote it, or wrote the current generation.
        EngineError: another generation than `expected` is the previous one.
        IndexBusyError: another run holds the corpus or the index.
        CorpusError: the corrections cannot be read.
        EngineError: the index cannot be written.
    """
    with Workspace(settings) as workspace:
        catalogue = workspace.corpus.catalogue
        documents = Documents(catalogue, workspace.cache, workspace.texts)
        report = _roll_back(engine, workspace.corrections, workspace.provenance, documents, catalogue, expected)
        record_published(workspace, engine)
        return report


def _roll_back(
    engine: SupportsRollback,
    corrections: Corrections,
    provenance_store: ProvenanceStore,
    documents: Documents,
    catalogue: Catalogue,
    expected: str | None,
) -> RollbackReport:
    withdrawn, reserved = _hidden_by_staff(corrections.all())
    put: list[str] = []
    lessened: list[str] = []
    titles: dict[str, str] = {}
    with engine.rollback() as rollback:
        if expected is not None and rollback.generation != expected:
            raise EngineError(
                f"La génération d’avant n’est plus la {expected}, que vous avez vue, mais la {rollback.generation} : "
                "rien n’a changé. Regardez de nouveau ce que le retour changerait."
            )
        kept_back = sorted(withdrawn | reserved | set(rollback.exposed))
        for resource_id in kept_back:
            today = None if resource_id in withdrawn else engine.get(resource_id, audience=Audience.STAFF)
            earlier = today or rollback.before(resource_id)
            titles[resource_id] = corrections.title(resource_id) or resource_id if earlier is None else earlier.title
            if today is not None and today.private:
                rollback.writer.put(today, documents.pages(today.documents))
                put.append(resource_id)
            else:
                rollback.writer.remove(resource_id)
        for resource_id in catalogue.ids_with_documents():
            before = None if resource_id in kept_back else rollback.before(resource_id)
            if before is not None:
                given = tuple(one for one in before.documents if may_return(one, before.id, engine, catalogue))
                if given != before.documents:
                    rollback.writer.put(replace(before, documents=given), documents.pages(given))
                    lessened.append(resource_id)
    status = engine.status()
    provenances = provenance_store.provenances(rollback.generation)
    if provenances is not None and status.generation is not None:
        # Resources that differ get an outdated provenance, so that the next run writes them again or removes them.
        left = {i: provenance for i, provenance in provenances.items() if i not in kept_back} | dict.fromkeys(
            put, _ELSE
        )
        # Visitors see these, so the keys by which they are known stay.
        left |= {i: replace(left[i], signature="") for i in lessened if i in left}
        provenance_store.save(status.generation, SourceState(None, AssemblyInputs("", {})), left)
    return RollbackReport(
        status.generation or "",
        rollback.generation,
        status.total,
        status.public,
        tuple(kept_back),
        tuple(Named(one, titles[one]) for one in kept_back),
    )


def _hidden_by_staff(corrections: Mapping[str, Correction]) -> tuple[set[str], set[str]]:
    """Return the ids of withdrawn resources, and of those that staff reserved for members."""
    withdrawn = {resource_id for resource_id, correction in corrections.items() if correction.withdrawn is True}
    reserved = {resource_id for resource_id, correction in corrections.items() if correction.private is True}
    return withdrawn, reserved


_ELSE = Provenance("", (), "", ())
"""Provenance stored for a resource that no longer agrees with its pages, so that the next run writes it again."""
