"""Pairs of archives, one with private resources and one that never had them, in several states.

Each resource is defined once, with its copies (on a separate page, in a theme's listing, in a text export) and what
each copy says about its privacy; pages are generated from that. The archive without private resources has the same
pages without any copy of a private resource.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from search_app import cli
from tests.support.archive import SITE, export, listing, node, page, write
from tests.support.publications import PROSE, Sheet, pdf

YES, NO, SILENT, UNCLEAR = "Oui", "Non", None, "Peut-être"
"""What a page may say about the privacy of a resource (SILENT: nothing); only NO makes it public."""


@dataclass(frozen=True)
class Entry:
    """A resource and its copies: `copies` holds, for each page on which it occurs, the privacy that the page states."""

    name: str
    title: str
    text: str
    copies: Mapping[str, str | None] = field(default_factory=lambda: {"page": NO})
    type: str = "Guide"
    themes: tuple[str, ...] = ()
    published: str | None = None
    summary: str | None = None
    address: str | None = None
    publication: tuple[str, ...] = ()
    """Texts of the pages of the PDF to which the resource's own page links; empty if there is none."""

    @property
    def private(self) -> bool:
        """Whether the resource must be hidden from visitors: one private copy is enough."""
        return any(said != NO for said in self.copies.values())

    @property
    def link(self) -> str:
        """The address of the resource on the original site."""
        return self.address or f"{SITE}/{self.name}"

    def hidden(self, said: str | None = YES) -> Entry:
        """Return the same resource, with the privacy `said` stated on every page; None states nothing."""
        return replace(self, copies=dict.fromkeys(self.copies, said))

    def shown(self) -> Entry:
        """Return the same resource, public on every page."""
        return self.hidden(NO)


State = tuple[Entry, ...]


def pages_of(state: State) -> dict[str, str]:
    """Return the pages and text exports of an archive in a state, by file name."""
    pages: dict[str, str] = {}
    places = dict.fromkeys(place for entry in state for place in entry.copies)
    for place in places:
        here = [entry for entry in state if place in entry.copies]
        if place == "page":
            pages |= {f"{entry.name}.html": own_page(entry) for entry in here}
        elif place == "export":
            pages["liste.txt"] = export(*((e.title, e.copies[place] or "", e.text) for e in here))
        else:
            nodes = (article(entry, entry.copies[place], link=entry.link) for entry in here)
            pages[f"{place}.html"] = listing(*nodes, heading=place, address=f"{SITE}/themes/{place}")
    return pages


@cache
def _pdf(pages: tuple[str, ...]) -> bytes:
    return pdf([Sheet(text.split("\n")) for text in pages])


def files_of(state: State) -> dict[str, bytes]:
    """Return the PDFs of an archive in a state, by path."""
    return {f"documents/{entry.name}.pdf": _pdf(entry.publication) for entry in state if entry.publication}


def own_page(entry: Entry) -> str:
    said = entry.copies["page"]
    fields = {"type": entry.type, "theme": entry.themes or None, "published": entry.published}
    shaped = (
        f'Voir <a href="/documents/{entry.name}.pdf">{entry.title} en PDF</a>.</p><h3>Plan : {entry.title}</h3>'
        f'<ul><li>Lire <a href="https://ailleurs.example/{entry.name}">{entry.title}</a></li></ul>'
        f"<table><caption>Chiffres : {entry.title}</caption><tr><th>Part</th><td>{entry.name}</td></tr></table>"
        f"<blockquote>{entry.title}</blockquote><figure><figcaption>Vue : {entry.title}</figcaption></figure><p>Fin."
    )
    body = (entry.text, shaped)
    return page(entry.title, address=entry.link, body=body, summary=entry.summary, private=said, **fields)


def article(entry: Entry, said: str | None, *, link: str) -> str:
    return node(entry.title, link=link, body=entry.text[:80], type=entry.type, private=said)


def without_private(state: State) -> State:
    """Return the same state without private resources."""
    return tuple(entry for entry in state if not entry.private)


# Content of the archives

_WORDS = (
    "coopérative commune habitants épicerie marché public clause sociale foncier agricole logement insertion emploi "
    "mobilité solidaire régie quartier monnaie locale énergie citoyenne alimentation durable convention subvention "
    "association salariés économie circulaire réemploi tiers-lieu numérique responsable jeunesse culture sport santé"
).split()
_THEMES = ("Alimentation durable", "Mobilite solidaire", "Economie circulaire", "Commande publique")
_TYPES = ("Guide", "Compte rendu", "Rapport")


def _prose(chance: random.Random, words: int, more: Iterable[str] = ()) -> str:
    chosen = [chance.choice(_WORDS) for _ in range(words)] + list(more)
    chance.shuffle(chosen)
    return " ".join(chosen).capitalize() + "."


SHARED = (f"Guide commun\n{PROSE}", "La légumerie collective, à lire dans plusieurs ressources.")
"""Texts of the pages of a publication to which public and private resources link."""
_OWN = (f"Fiche propre\n{PROSE}", "La légumerie n’est que dans celle-ci.", "Une dernière page.")


def _public() -> Iterator[Entry]:
    chance = random.Random(11)
    for n in range(16):
        title = (
            f"{chance.choice(_WORDS)} et {chance.choice(_WORDS)} : {chance.choice(_WORDS)} de {2008 + n}".capitalize()
        )
        yield Entry(
            f"fiche-{n}",
            title,
            _prose(chance, 40 + 9 * n),
            copies={"page": NO, "Alimentation": NO} if n % 4 == 0 else {"page": NO},
            type=_TYPES[n % 3],
            themes=(_THEMES[n % 4],) if n % 5 else (),
            published=f"{n + 1} mars {2008 + n}" if n % 6 else None,
            summary=_prose(chance, 12) if n % 2 else None,
            publication=_OWN if n == 1 else SHARED if n in {0, 2, 4, 7, 9, 11} else (),
        )
    yield Entry("bilan", "Bilan de la coopérative", "La coopérative a tenu son assemblée avec la commune.")
    yield Entry("bilan-0", "Bilan de la coopérative", "Une autre coopérative, une autre commune, le même titre.")
    yield Entry("charte", "Charte des achats", "La charte engage les acheteurs publics.", {"page": NO, "export": NO})
    yield Entry("lettre", "Lettre d’information", "La lettre paraît chaque mois.", {"export": NO})
    yield Entry("passage", "Passage en régie", "La régie reprend le service, la ville l’accompagne.", {"page": NO})
    yield Entry("annuaire", "Annuaire des régies", "Les régies de quartier du pays.", {"page": NO, "Alimentation": NO})
    yield Entry("rennes", "Régie à Rennes", "La ville de Rennes, en Bretagne, tient une régie. À Rennes, la suite.")


_SECRETS = ("zanzibar", "quetsche", "xylophone", "gouvernaille", "tontinage")
"""Words that only private resources contain."""


_HIDDEN_PAGES = (f"Note cachée\n{PROSE}", "L’hippogriffe de zanzibar, et la légumerie du personnel.")


def _private() -> Iterator[Entry]:
    chance = random.Random(12)
    kinds: tuple[str | None, ...] = (YES, SILENT, UNCLEAR, "oui", "")
    for n in range(10):
        yield Entry(
            f"note-{n}",
            f"Arbitrages {_SECRETS[n % 5]} : coopérative de {1987 + n}",
            _prose(chance, 160, _SECRETS * 3),
            copies={"page": kinds[n % 5], "Alimentation": kinds[n % 5]} if n % 3 == 0 else {"page": kinds[n % 5]},
            type="Note confidentielle" if n % 2 else "Guide",
            themes=(("Arbitrages budgétaires", "Mobilité solidaire", "Économie circulaire")[n % 3],),
            published=f"{n + 1} mai {1987 + 5 * n}",
            summary=_prose(chance, 30, _SECRETS),
            publication=(SHARED if n == 4 else _HIDDEN_PAGES) if n < 5 else (),
        )
    # Namesakes, and copies that disagree.
    yield Entry("bilan-interne", "Bilan de la coopérative", "Bilan caché, zanzibar compris.", {"page": YES})
    yield Entry("charte-interne", "Charte des achats", "Charte cachée, quetsche comprise.", {"page": YES})
    yield Entry("pacte", "Pacte de gouvernaille", "Le pacte de gouvernaille.", {"page": NO, "Alimentation": YES})
    yield Entry("budget", "Budget de zanzibar", "Le budget détaillé de zanzibar.", {"page": YES, "export": NO})
    yield Entry("circulaire", "Circulaire xylophone", "La circulaire xylophone.", {"export": UNCLEAR})
    # Territories that no public resource names, and one inside a région that some name.
    yield Entry(
        "gueret", "Régie cachée à Guéret", "La ville de Guéret, dans la Creuse. À Guéret, la suite.", {"page": YES}
    )
    yield Entry("brest", "Régie cachée à Brest", "La ville de Brest, en Bretagne. À Brest, la suite.", {"page": SILENT})
    yield Entry("secret-a", "Secret partagé", "Premier secret.", {"page": YES})
    yield Entry("secret-b", "Secret partagé", "Second secret, plus long que le premier.", {"page": YES})


PUBLIC, PRIVATE = tuple(_public()), tuple(_private())


def _change(state: State, **changes: Entry | None) -> State:
    """Return a state in which some resources (by name, with _ for -) are replaced, or removed (None)."""
    wanted = {name.replace("_", "-"): entry for name, entry in changes.items()}
    assert wanted.keys() <= {entry.name for entry in state}
    return tuple(kept for e in state if (kept := wanted.get(e.name, e)) is not None)


_ALL = {entry.name: entry for entry in (*PUBLIC, *PRIVATE)}
_START: State = (*PRIVATE[:12], *PUBLIC, *PRIVATE[12:])
_HIDDEN = _change(
    _START,
    fiche_0=_ALL["fiche-0"].hidden(),
    fiche_3=_ALL["fiche-3"].hidden(SILENT),
    fiche_5=_ALL["fiche-5"].hidden(UNCLEAR),
    annuaire=replace(_ALL["annuaire"], copies={"page": NO, "Alimentation": YES}),
    bilan_0=_ALL["bilan-0"].hidden(),
    lettre=_ALL["lettre"].hidden(),
)
_SHOWN = _change(
    _HIDDEN,
    note_1=replace(_ALL["note-1"], title="Note rendue publique", text="Ce qui peut se dire.", summary=None).shown(),
    note_2=_ALL["note-2"].shown(),
    bilan_interne=_ALL["bilan-interne"].shown(),
    pacte=_ALL["pacte"].shown(),
    fiche_3=_ALL["fiche-3"],
)
_GONE = _change(
    _SHOWN,
    note_2=None,
    note_3=None,
    fiche_1=None,
    fiche_5=None,
    charte_interne=None,
    budget=None,
    bilan=None,
)
STATES: dict[str, State] = {
    "first": _START,
    "public ones made private": _HIDDEN,
    "private ones made public": _SHOWN,
    "some gone": _GONE,
    "all back": _START,
}
"""The states that an archive goes through, each with one import and one indexing run."""
IMPORTED = "public ones made private, imported only"
"""Name of the second state before its indexing run: the import alone must have hidden what became private."""


# The archives themselves


@dataclass(frozen=True)
class Places:
    """The folders of one archive."""

    folder: Path

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(part for name in ("corpus", "index", "data") for part in (f"--{name}", str(self.folder / name)))

    def command(self, *arguments: str) -> None:
        """Run a command, which must succeed."""
        assert cli.main([*self.options, *arguments]) == 0, arguments

    def fill(self, state: State) -> None:
        """Bring the pages to a state: import changed ones, delete removed ones from the corpus."""
        pages, files, source = pages_of(state), files_of(state), self.folder / "pages"
        for name, content in pages.items():
            write(source / name, content)
        (source / "documents").mkdir(parents=True, exist_ok=True)
        for name, raw in files.items():
            (source / name).write_bytes(raw)
        for old in (source / "documents").iterdir():
            if f"documents/{old.name}" not in files:
                old.unlink()
        for old in source.iterdir():
            if old.is_file() and old.name not in pages:
                old.unlink()
                (self.folder / "corpus" / "pages" / old.name).unlink()
        self.command("import", str(source))


def history(folder: Path, states: Mapping[str, State]) -> dict[str, Places]:
    """Create an archive that goes through several states, one run after the other; return a copy of it in each state,
    by name.
    """
    archive, kept = Places(folder / "vivante"), {}
    for number, (name, state) in enumerate(states.items()):
        archive.fill(state)
        if number == 1:
            shutil.copytree(archive.folder, folder / "imported")
            kept[IMPORTED] = Places(folder / "imported")
        archive.command("index")
        shutil.copytree(archive.folder, folder / str(number))
        kept[name] = Places(folder / str(number))
    return kept


def fresh(folder: Path, state: State) -> Places:
    """Create an archive that never held anything but the public resources of a state."""
    archive = Places(folder)
    archive.fill(without_private(state))
    archive.command("index")
    return archive
