"""Correct existing resources, recording their titles in the history."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.corpus import CATALOGUE, CORRECTIONS, Catalogue, Correction, Corrections, Field
from indexer.engine import Engine
from indexer.errors import CorrectionError, IndexMissingError
from indexer.parsing.urls import normalise
from indexer.resource import Audience, Resource
from indexer.settings import Settings


def corrections_of(settings: Settings) -> Corrections:
    """Return the corrections of this archive."""
    return Corrections(settings.corpus / CORRECTIONS)


def correct(
    settings: Settings,
    engine: Engine,
    resource_id: str,
    correction: Correction,
    *,
    clear: Iterable[Field] = (),
    actor: str,
) -> tuple[Field, ...]:
    """Correct a resource; the next indexing run applies it.

    Args:
        settings: settings of the archive.
        engine: gives the titles of resources.
        resource_id: the resource.
        correction: new values; fields that are unset are not changed.
        clear: fields to reset to the imported value.
        actor: the person who corrects: address of an account, or user name on the command line.

    Returns:
        The fields that changed.

    Raises:
        CorrectionError: there is no such resource, or a value makes no sense.
        CorpusError: the corrections cannot be written.
    """
    title = title_of(settings, engine, resource_id)
    return corrections_of(settings).change(resource_id, correction, clear=clear, actor=actor, title=title)


def also_at(settings: Settings, engine: Engine, address: str, resource_id: str) -> str | None:
    """Return the title of an indexed resource, other than `resource_id`, that has the address `address`, or None.

    Imported addresses count unless they were corrected; corrected ones count instead.

    Raises:
        CorpusError: catalogue or corrections cannot be read.
        EngineError: the index cannot answer.
    """
    key = normalise(address)
    corrected = {
        one: correction.address
        for one, correction in corrections_of(settings).all().items()
        if isinstance(correction.address, str)
    }
    others = [one for one, other in corrected.items() if normalise(other) == key]
    path = settings.corpus / CATALOGUE
    if path.exists():
        catalogue = Catalogue(path)
        try:
            imported = catalogue.identity(key)
        finally:
            catalogue.close()
        if imported is not None and imported.id not in corrected:
            others.append(imported.id)
    for other in others:
        resource = None if other == resource_id else _indexed(engine, other)
        if resource is not None:
            return resource.title
    return None


def _indexed(engine: Engine, resource_id: str) -> Resource | None:
    """Return a resource if it is in the index; there may be no index yet."""
    try:
        return engine.get(resource_id, audience=Audience.STAFF)
    except IndexMissingError:
        return None


def title_of(settings: Settings, engine: Engine, resource_id: str) -> str:
    """Return the title of a resource that is in the index or withdrawn.

    Raises:
        CorrectionError: no resource ever had this id.
    """
    resource = _indexed(engine, resource_id)
    if resource is not None:
        return resource.title
    path = settings.corpus / CATALOGUE
    if path.exists():
        catalogue = Catalogue(path)
        try:
            known = any(identity.id == resource_id for identity in catalogue.identities())
        finally:
            catalogue.close()
        if known:
            return corrections_of(settings).title(resource_id) or resource_id
    raise CorrectionError(
        f"Aucune ressource n’a l’identifiant « {resource_id} » : c’est la fin de son adresse, après /ressources/."
    )
