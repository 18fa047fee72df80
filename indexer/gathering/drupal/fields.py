"""The bundle (content type) of a Drupal site that holds the resources, and the fields of their privacy, type, themes,
summary and files, guessed from the labels of fields.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from indexer.errors import GatheringError
from indexer.gathering.drupal.client import Client, Resource
from indexer.gathering.fetching import FetchError
from indexer.parsing.text import fold

_WORD = re.compile(r"[a-z]+")
_COLLECTION = re.compile(r"node--[a-z0-9_]+")
_NEVER = frozenset({"type", "node_type", "revision_uid", "uid", "menu_link", "path", "body", "title"})
_PRIVATE = ("prive", "privee", "private", "reserve", "reservee", "restreint", "restreinte")
_TYPE = ("type",)
_THEMES = ("categorie", "categories", "theme", "themes", "thematique", "thematiques")
_SUMMARY = ("resume", "chapo", "chapeau", "summary", "accroche")
_NAMED = ("private", "type", "themes", "summary")
_MACHINE_NAME = re.compile(r"[a-z0-9_]{1,64}")
_FILE = "file--file"
_MEDIA = "media--"


@dataclass(frozen=True, slots=True)
class Fields:
    """The bundle that holds the resources, and its fields by their public names.

    Attributes:
        bundle: machine name of the content type.
        collection: address of its nodes.
        private: field of « Ressource privée », empty if there is none: all nodes are then private.
        type, themes, summary: fields of the type of resource, the themes and the summary, each empty if there is none.
        files: fields that refer to files or media items.
        references: fields that refer to other entities (terms, media, files), which answers are to include.
    """

    bundle: str
    collection: str
    private: str = ""
    type: str = ""
    themes: str = ""
    summary: str = ""
    files: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return the fields as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_fields(text: str) -> Fields | None:
    """Return the fields that `Fields.as_json` wrote, or None for anything else."""
    try:
        held = json.loads(text)
        return Fields(**{**held, "files": tuple(held["files"]), "references": tuple(held["references"])})
    except (ValueError, KeyError, TypeError):
        return None


def given_fields(raw: bytes) -> Mapping[str, str]:
    """Return the fields that a profile (TOML) names, which need not be guessed: ``bundle``, ``private``, ``type``,
    ``themes``, ``summary``.

    Raises:
        GatheringError: the text is no such profile.
    """
    try:
        held = tomllib.loads(raw.decode("utf-8-sig"))
    except ValueError:
        held = {"": ""}
    if not set(held) <= {"bundle", *_NAMED} or not all(
        isinstance(value, str) and _MACHINE_NAME.fullmatch(value) for value in held.values()
    ):
        raise GatheringError(
            "Le profil d’une source Drupal est un fichier TOML qui nomme le type de contenu (bundle) et ses champs par "
            'leurs noms système, ainsi : bundle = "ressource", private = "field_ressource_privee" ; aussi type, themes '
            "et summary."
        )
    return held


def guess_fields(client: Client, given: Mapping[str, str]) -> Fields:
    """Look at the content types of a site, and return the one that holds resources.

    Args:
        client: the site.
        given: names that a profile gives: of the content type (``bundle``), and of fields, by use (``private``).

    Raises:
        GatheringError: the site does not show JSON:API, or no content type with nodes.
        FetchError: there is no usable answer.
    """
    try:
        entry = client.get("/jsonapi")
    except FetchError as error:
        if error.passing:
            raise
        raise GatheringError(
            f"Le site ne montre pas son interface JSON:API ({error.reason}) : activez le module JSON:API de Drupal, ou "
            "ajoutez la source avec --kind site."
        ) from error
    found: list[tuple[int, Fields]] = []
    for name, address in sorted(entry.links.items()):
        if not _COLLECTION.fullmatch(name) or given.get("bundle", name[6:]) != name[6:]:
            continue
        try:
            sample = client.get(address, {"page[limit]": "5"}).data
        except FetchError as error:
            if error.passing:
                raise
            continue
        if sample:
            fields = _fields_of(name.removeprefix("node--"), address, sample, _labels(client, name), given)
            found.append((_score(fields), fields))
    if not found:
        raise GatheringError(
            "L’interface JSON:API du site ne montre aucun contenu de ce type : vérifiez ses droits d’accès, donnez un "
            "compte par --token-file, ou vérifiez le nom du type dans le profil."
        )
    return _with_files_of_media(client, max(found, key=lambda one: one[0])[1])


def _labels(client: Client, name: str) -> Mapping[str, str]:
    """Return the labels of a bundle's fields, by machine name; empty if the site does not show them, as most do not."""
    query = {
        "filter[entity_type]": "node",
        "filter[bundle]": name.removeprefix("node--"),
        "fields[field_config--field_config]": "field_name,label",
    }
    try:
        found = client.get("/jsonapi/field_config/field_config", query).data
    except FetchError as error:
        if error.passing:
            raise
        return {}
    return {str(one.attributes.get("field_name")): str(one.attributes.get("label") or "") for one in found}


def _fields_of(
    bundle: str, collection: str, sample: Iterable[Resource], labels: Mapping[str, str], given: Mapping[str, str]
) -> Fields:
    attributes: dict[str, None] = {}
    references: dict[str, set[str]] = {}
    for node in sample:
        attributes |= dict.fromkeys(node.attributes)
        for name, targets in node.relationships.items():
            references.setdefault(name, set()).update(kind for kind, _ in targets)
    names = [name for name in (*attributes, *references) if name.startswith("field_") or name in labels]

    def best(words: tuple[str, ...], among: Iterable[str] = names, *, plain: bool = False) -> str:
        scored = [(_match(name, labels.get(name, ""), words), name) for name in among if name not in _NEVER]
        usable = [one for one in scored if one[0] and (not plain or one[1] in attributes)]
        return max(usable, key=lambda one: (one[0], -len(one[1])))[1] if usable else ""

    private = given.get("private") or best(_PRIVATE)
    files = tuple(name for name, kinds in references.items() if any(_is_file(kind) for kind in kinds))
    kind = given.get("type") or best(_TYPE, [name for name in names if name != private and name not in files])
    themes = given.get("themes") or best(_THEMES, [name for name in names if name not in (private, kind, *files)])
    summary = given.get("summary") or best(_SUMMARY, plain=True)
    included = tuple(name for name in (private, kind, themes, *files) if name in references)
    return Fields(bundle, collection, private, kind, themes, summary, files, included)


def _with_files_of_media(client: Client, fields: Fields) -> Fields:
    """Return `fields` with more `references`: the fields by which media items refer to their files. A node may refer to
    a file only through a media item.

    Raises:
        FetchError: there is no usable answer.
    """
    further: dict[str, None] = {}
    for name in fields.files:
        try:
            media = client.get(fields.collection, {"page[limit]": "5", "include": name}).included.values()
        except FetchError as error:
            if error.passing:
                raise
            continue
        for one in media:
            if one.type.startswith(_MEDIA):
                files = (rel for rel, to in one.relationships.items() if any(kind == _FILE for kind, _ in to))
                further |= dict.fromkeys(f"{name}.{rel}" for rel in files if rel != "thumbnail")
    return replace(fields, references=(*fields.references, *further))


def _is_file(kind: str) -> bool:
    return kind == _FILE or kind.startswith(_MEDIA)


def _match(name: str, label: str, words: tuple[str, ...]) -> int:
    """Return how well a field matches words: 2 if its label has one of them, plus 1 if its machine name has one.

    Drupal makes the machine name from the label that the field had first.
    """
    given = set(_WORD.findall(fold(label)))
    made = set(name.removeprefix("field_").split("_"))
    return 2 * bool(given & set(words)) + bool(made & set(words))


def _score(fields: Fields) -> int:
    named = {"ressource", "ressources", "resource"} & set(fields.bundle.split("_"))
    return 4 * bool(fields.private) + 2 * bool(fields.type) + bool(fields.themes) + 2 * bool(named)
