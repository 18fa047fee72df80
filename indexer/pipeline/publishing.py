"""Record which resources a new generation shows visitors, for harvesters."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.corpus import PublicState, public_state
from indexer.engine import Engine
from indexer.pipeline.workspace import Workspace
from indexer.resource import Audience


def record_published(
    workspace: Workspace,
    engine: Engine,
    states: Mapping[str, PublicState | None] | None = None,
    *,
    since: str | None = None,
) -> None:
    """Record what visitors see of the current generation, unless it is recorded already.

    Args:
        workspace: the locked corpus.
        engine: the engine whose current generation is recorded.
        states: what visitors see, by id, of the resources that the run wrote or removed; None if it wrote none.
        since: the generation that all other resources are shared with; None if `states` names all that visitors see.

    Raises:
        CorpusError: the records cannot be read or written.
        EngineError: the index cannot be read.
    """
    records, generation = workspace.public_records, engine.status().generation
    if generation is None:
        return
    recorded = records.generation()
    if states is not None and since is None:
        records.update(generation, states, whole=True)
    elif states is not None and recorded == since:
        records.update(generation, states, whole=False)
    elif states is not None or recorded != generation:
        # The archive is of an earlier version, or a run was killed before it came here.
        provenances = workspace.provenance.provenances(generation)
        if provenances is not None:
            ids = [i for i, provenance in provenances.items() if provenance.shown_as]
            records.update(generation, {i: _seen(engine, i) for i in ids}, whole=True)


def _seen(engine: Engine, resource_id: str) -> PublicState | None:
    found = engine.get(resource_id, audience=Audience.VISITOR)
    return None if found is None else public_state(found)
