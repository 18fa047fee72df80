"""The rules of OAI-PMH 2.0, as its XML schema states them: elements of a response, their order and content."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

OAI = "http://www.openarchives.org/OAI/2.0/"
DC, OAI_DC = "http://purl.org/dc/elements/1.1/", "http://www.openarchives.org/OAI/2.0/oai_dc/"
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SPEC = re.compile(r"([A-Za-z0-9\-_\.!~\*'\(\)])+(:[A-Za-z0-9\-_\.!~\*'\(\)]+)*")
_EMAIL = re.compile(r"\S+@(\S+\.)+\S+")
_PREFIX = re.compile(r"[A-Za-z0-9\-_\.!~\*'\(\)]+")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x7e]+", re.ASCII)
_ELEMENTS = frozenset(
    "title creator subject description publisher contributor date type format identifier source language relation "
    "coverage rights".split()
)
_ERRORS = frozenset(
    "badArgument badResumptionToken badVerb cannotDisseminateFormat idDoesNotExist noMetadataFormats noRecordsMatch "
    "noSetHierarchy".split()
)
_VERBS = frozenset("Identify ListMetadataFormats ListSets GetRecord ListRecords ListIdentifiers".split())
_MODELS = {
    "OAI-PMH": f"responseDate request ((error )+|({'|'.join(_VERBS)}) )",
    "Identify": "repositoryName baseURL protocolVersion (adminEmail )+earliestDatestamp deletedRecord granularity "
    "(compression )*(description )*",
    "ListMetadataFormats": "(metadataFormat )+",
    "metadataFormat": "metadataPrefix schema metadataNamespace ",
    "ListSets": "(set )+(resumptionToken )?",
    "set": "setSpec setName (setDescription )*",
    "GetRecord": "record ",
    "ListRecords": "(record )+(resumptionToken )?",
    "ListIdentifiers": "(header )+(resumptionToken )?",
    "record": "header (metadata )?(about )*",
    "header": "identifier datestamp (setSpec )*",
}
"""For each element, a pattern of the names of its children, each followed by a space."""
_TEXTS: dict[str, Callable[[str], object]] = {
    "responseDate": _SECOND.fullmatch,
    "earliestDatestamp": _SECOND.fullmatch,
    "datestamp": _SECOND.fullmatch,
    "setSpec": _SPEC.fullmatch,
    "metadataPrefix": _PREFIX.fullmatch,
    "identifier": _IDENTIFIER.fullmatch,
    "adminEmail": _EMAIL.fullmatch,
    "protocolVersion": "2.0".__eq__,
    "deletedRecord": {"no", "persistent", "transient"}.__contains__,
    "granularity": {"YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"}.__contains__,
    "repositoryName": str.strip,
    "setName": str.strip,
    "baseURL": re.compile(r"https?://\S+").fullmatch,
}


def parsed(body: bytes) -> etree._Element:
    """Return the root of a response, which must be well-formed; external entities are not loaded."""
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def faults(body: bytes) -> list[str]:
    """Return a short message for each thing in a response that the protocol does not allow."""
    root = parsed(body)
    if root.tag != f"{{{OAI}}}OAI-PMH":
        return [f"the root is {root.tag}"]
    found = []
    for element in root.iter(f"{{{OAI}}}*"):
        name = etree.QName(element).localname
        children = "".join(
            f"{etree.QName(child).localname} " for child in element if child.tag.startswith(f"{{{OAI}}}")
        )
        if name in _MODELS and not re.fullmatch(_MODELS[name], children):
            found.append(f"{name} holds {children}")
        if name in _TEXTS and not _TEXTS[name](element.text or ""):
            found.append(f"{name} is {element.text!r}")
        found += _attributes(name, element)
        if name == "record":
            found += _record(element)
    for element in root.iter(f"{{{DC}}}*"):
        if etree.QName(element).localname not in _ELEMENTS or not (element.text or "").strip() or len(element):
            found.append(f"{element.tag} is no element of Dublin Core, or empty")
    verb = root.find(f"{{{OAI}}}request").get("verb")
    if verb is not None and root.find(f"{{{OAI}}}error") is None and root.find(f"{{{OAI}}}{verb}") is None:
        found.append(f"no {verb}")
    return found


def _attributes(name: str, element: etree._Element) -> list[str]:
    own = {key: value for key, value in element.attrib.items() if not key.startswith("{")}
    allowed = {
        "request": {"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"},
        "header": {"status"},
        "error": {"code"},
        "resumptionToken": {"expirationDate", "completeListSize", "cursor"},
    }.get(name, set())
    found = [f"{name}@{key}" for key in own.keys() - allowed]
    if name == "header" and own.get("status", "deleted") != "deleted":
        found.append("header@status")
    if name == "error" and own.get("code") not in _ERRORS:
        found.append("error@code")
    if name == "request" and "verb" in own and own["verb"] not in _VERBS:
        found.append("request@verb")
    if name == "resumptionToken":
        found += [f"resumptionToken@{key}" for key in own if not own[key].isdecimal()]
    return found


def _record(record: etree._Element) -> list[str]:
    deleted = record.find(f"{{{OAI}}}header").get("status") == "deleted"
    metadata = record.find(f"{{{OAI}}}metadata")
    if deleted:
        return [] if metadata is None else ["a deleted record has metadata"]
    if metadata is None or [child.tag for child in metadata] != [f"{{{OAI_DC}}}dc"]:
        return ["metadata is not oai_dc"]
    return []
