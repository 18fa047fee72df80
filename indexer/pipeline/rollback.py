"""Roll back to the previous generation, without what visitors may no longer see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from indexer.corpus import Catalogue, Correction
from indexer.engine import SupportsRollback
from indexer.pipeline.provenance import ProvenanceStore, SourceState
from indexer.pipeline.publications import may_return
from indexer.pipeline.publishing import record_published
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
    """

    generation: str
    like: str
    resources: int
    public: int
    kept_back: tuple[str, ...]


def roll_back(settings: Settings, engine: SupportsRollback) -> RollbackReport:
    """Publish the previous generation again, until the next indexing run applies the later changes again.

    Withdrawn resources stay out, and resources that are private now stay private: a rollback does not undo a
    correction. Nor does it give a resource back a file that only hidden resources hold now, or that staff detached.

    Args:
        settings: settings of the archive.
        engine: the engine, which must keep the previous generation.

    Raises:
        IndexMissingError: there is no previous generation.
        IndexBusyError: another run holds the corpus or the index.
        CorpusError: the corrections cannot be read.
        EngineError: the index cannot be written.
    """
    with Workspace(settings) as workspace:
        catalogue = workspace.corpus.catalogue
        documents = Documents(catalogue, workspace.cache, workspace.texts)
        report = _roll_back(engine, workspace.corrections.all(), workspace.provenance, documents, catalogue)
        record_published(workspace, engine)
        return report


def _roll_back(
    engine: SupportsRollback,
    corrections: Mapping[str, Correction],
    provenance_store: ProvenanceStore,
    documents: Documents,
    catalogue: Catalogue,
) -> RollbackReport:
    withdrawn = {resource_id for resource_id, correction in corrections.items() if correction.withdrawn is True}
    reserved = {resource_id for resource_id, correction in corrections.items() if correction.private is True}
    put: list[str] = []
    lessened: list[str] = []
    with engine.rollback() as rollback:
        kept_back = sorted(withdrawn | reserved | set(rollback.exposed))
        for resource_id in kept_back:
            today = None if resource_id in withdrawn else engine.get(resource_id, audience=Audience.STAFF)
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
        # Visitors see these, so what they are known by stays.
        left |= {i: replace(left[i], signature="") for i in lessened if i in left}
        provenance_store.save(status.generation, SourceState(None, AssemblyInputs("", {})), left)
    return RollbackReport(status.generation or "", rollback.generation, status.total, status.public, tuple(kept_back))


_ELSE = Provenance("", (), "", ())
"""Provenance of a resource that differs from what its pages give: never current, so the next run writes it again."""
