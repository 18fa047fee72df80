"""Scenarios of fault tests: each is a command that changes data, to be killed, refused writes or cut off from power."""

from __future__ import annotations

import sqlite3
import tarfile
from functools import partial

from indexer.corpus.corrections import Correction
from indexer.corpus.originals import PUBLICATIONS
from indexer.pipeline.correcting import corrections_of
from indexer.resource import Audience
from search_app.accounts.store import Account
from search_app.jobs.store import JobKind, Jobs
from search_app.stores import open_stores
from tests.support.archive import listing, node, page
from tests.support.faults import PASSWORD, Scenario, Trial, holdings, rows
from tests.support.publications import PROSE, Sheet, pdf
from tests.support.warc import response, warc

OTHER_PASSWORD = "un tout autre mot de passe"
OLD, NEW = "ancienne@exemple.fr", "nouveau@exemple.fr"
REGIE = "ouvrir-une-regie-1fc4c780"
BAIL = "le-bail-reel-solidaire-2d463456"


def address(name: str) -> str:
    return f"https://reseau.example/{name}"


def some_pages(archive: Trial) -> None:
    """Write four pages of five resources, one of them private."""
    archive.write("regie.html", page("Ouvrir une régie", address=address("regie"), theme="Ruralité"))
    archive.write("charte.html", page("Charte des achats", address=address("charte"), private="Oui"))
    archive.write("sous/bail.html", page("Le bail réel solidaire", address=address("bail"), published="3 mars 2021"))
    archive.write("liste.html", listing(node("Une épicerie", link="/epicerie"), node("Une cantine", link="/cantine")))


def imported(archive: Trial) -> None:
    some_pages(archive)
    archive.import_(theme="Premier thème")


def indexed(archive: Trial) -> None:
    imported(archive)
    archive.index()


def with_an_account(archive: Trial) -> None:
    indexed(archive)
    archive.accounts.add(OLD, "staff", PASSWORD)


def changed_pages(archive: Trial) -> None:
    """Create two generations, and pages that have changed since: one edited, one new, one turned private."""
    with_an_account(archive)
    archive.write("cafe.html", page("Un café associatif", address=address("cafe")))
    archive.import_()
    archive.index()
    archive.write("regie.html", page("Ouvrir une régie de quartier", address=address("regie")))
    archive.write("sous/bail.html", page("Le bail réel solidaire", address=address("bail"), private="Oui"))
    archive.write("jardin.html", page("Jardins partagés", address=address("jardin")))


def captured_again(archive: Trial) -> None:
    """Import a web archive, then write one with later captures: one page changed, one turned private, one new."""
    with_an_account(archive)
    first = {"bail": page("Le bail réel solidaire"), "halle": page("Une halle")}
    archive.write("crawl.warc", warc(*(response(address(name), html) for name, html in first.items())))
    archive.import_()
    archive.index()
    later = {
        "bail": page("Le bail réel solidaire", private="Oui"),
        "halle": page("Une halle couverte"),
        "moulin": page("Un moulin"),
    }
    captures = (response(address(name), html, date="2025-01-01T00:00:00Z") for name, html in later.items())
    archive.write("crawl.warc", warc(*captures))


def some_publications(archive: Trial) -> None:
    """Write pages that link to publications, of which one cannot be read, and one that no page links to."""
    with_an_account(archive)
    for name in ("guide", "abime"):
        link = f'<a href="{name}.pdf">La publication complète</a>'
        archive.write(f"{name}.html", page(f"Fiche {name}", address=address(name), body=link))
    archive.write("guide.pdf", pdf([Sheet(PROSE.splitlines())]))
    archive.write("abime.pdf", pdf([Sheet(PROSE.splitlines())])[:400])
    archive.write("sous/seul.pdf", pdf([Sheet(["Un fichier que personne ne cite."])]))


def some_publications_in_the_corpus(archive: Trial) -> None:
    some_publications(archive)
    archive.import_()


def to_index(archive: Trial) -> None:
    """Create an archive with changed pages in the corpus, one of them deleted, to be indexed."""
    changed_pages(archive)
    archive.import_()
    (archive.settings.corpus / "pages" / "charte.html").unlink()


def with_traces(archive: Trial) -> None:
    """Create data of a person who signed in, saved a selection, made a token, corrected a resource and started a job;
    and of another person.
    """
    with_an_account(archive)
    archive.accounts.add(NEW, "member", PASSWORD)
    stores = open_stores(archive.settings)
    for email in (OLD, NEW):
        account = archive.accounts.get(email)
        assert account is not None
        stores.throttle.succeeded(stores.throttle.begin(email, "192.0.2.7"))
        stores.tokens.make(email, "robot")
        stores.sessions.begin(account)
        stores.lists.select(account.key, REGIE)
        stores.audit.record("sign-in", email)
        Jobs(archive.settings.data).add(JobKind.SURVEY, email)
    corrections_of(archive.settings).change(BAIL, Correction(year=2020), actor=OLD, title="Le bail")
    archive.index()


def disabled(archive: Trial) -> None:
    with_traces(archive)
    archive.accounts.set_disabled(OLD, True)


def of_an_earlier_version(archive: Trial) -> None:
    """Create an accounts file in the format of an earlier version of the program, which stored no sessions."""
    with_an_account(archive)
    database = sqlite3.connect(archive.settings.data / "accounts.sqlite")
    database.executescript(
        "ALTER TABLE accounts DROP COLUMN lapsed; ALTER TABLE accounts DROP COLUMN feed_epoch; DROP TABLE sessions;"
        "DROP TABLE links;"
        "PRAGMA user_version=3"
    )
    database.close()


def withdrawn(archive: Trial) -> None:
    with_traces(archive)
    archive.correct(REGIE, withdrawn=True)
    archive.index()


def turned_private(archive: Trial) -> None:
    """Create a public resource whose page, not imported yet, now says that it is private."""
    indexed(archive)
    archive.write("regie.html", page("Ouvrir une régie", address=address("regie"), theme="Ruralité", private="Oui"))


def backed_up(archive: Trial) -> None:
    """Create a back-up, and change everything in the archive afterwards."""
    with_traces(archive)
    assert archive.command("backup", str(archive.backup)).status == 0
    archive.write("cafe.html", page("Un café associatif", address=address("cafe")))
    archive.import_()
    (archive.settings.corpus / "pages" / "charte.html").unlink()
    archive.accounts.remove(NEW)
    archive.correct(BAIL, year=2018)


# What each command must have done


def account(archive: Trial) -> Account:
    found = archive.accounts.get(OLD)
    assert found is not None
    return found


def opens_with_another_password(archive: Trial) -> bool:
    return archive.accounts.verify(OLD, OTHER_PASSWORD) is not None


def is_tied(archive: Trial) -> bool:
    """Return whether the sign-on provider's identity `anne-1` is bound to the account with address `OLD`."""
    found = archive.accounts.by_subject("https://id.exemple.fr anne-1")
    return found is not None and found.email == OLD


def is_gone(archive: Trial) -> bool:
    """Return whether the account `OLD`, its data and its tokens are deleted, and those of the account `NEW` are not."""
    found = holdings(archive)
    others = {*found.tokens, *found.accounts}
    sessions = rows(archive.settings.data / "accounts.sqlite", "SELECT account FROM sessions")
    return {row[0] for row in others} == {NEW} and len(found.tokens) == len(found.selected) == len(sessions) == 1


def is_forgotten(archive: Trial) -> bool:
    """Return whether the account `OLD` is deleted, and no file of the corpus or the data contains its address."""
    files = (path for place in ("corpus", "data") for path in (archive.state / place).rglob("*") if path.is_file())
    return is_gone(archive) and not [path for path in files if OLD.encode() in path.read_bytes()]


def is_hidden(archive: Trial, resource: str = REGIE) -> bool:
    """Return whether visitors do not find a resource that members find."""
    return resource not in archive.ids(Audience.VISITOR).values() and resource in archive.ids().values()


def is_withdrawn(archive: Trial) -> bool:
    return REGIE not in archive.ids().values()


def is_back(archive: Trial) -> bool:
    return REGIE in archive.ids(Audience.VISITOR).values()


def is_corrected(archive: Trial) -> bool:
    hit = archive.hits()["Ouvrir une régie"]
    return (hit.year, hit.themes) == (2019, ("Alimentation",))


def holds_publications(archive: Trial) -> bool:
    originals = (path for path in (archive.settings.corpus / PUBLICATIONS).rglob("*") if path.is_file())
    return {path.read_bytes() for path in originals} == {path.read_bytes() for path in archive.pages.rglob("*.pdf")}


def publishes_publications(archive: Trial) -> bool:
    found = {one.title: one.documents for one in archive.resources().values() if one.documents}
    return {title: [one.status for one in documents] for title, documents in found.items()} == {
        "Fiche guide": ["read"],
        "Fiche abime": ["damaged"],
    }


def is_restored(archive: Trial) -> bool:
    found = holdings(archive)
    return "pages/charte.html" in dict(found.pages) and "pages/cafe.html" not in dict(found.pages)


def is_whole(archive: Trial) -> bool:
    with tarfile.open(archive.backup) as file:
        names = file.getnames()
        return names[-1] == "manifest.json" and "corpus/pages/regie.html" in names and "data/accounts.sqlite" in names


ADD = ("user", "add", NEW, "--role", "member", "--password-stdin")
CORRECT = ("correct", REGIE, "--year", "2019", "--theme", "Alimentation")

_account = partial(Scenario, kills=7, alone=True)
_staff = partial(Scenario, kills=6, alone=True)

SCENARIOS = (
    Scenario("first import", some_pages, ("import", "PAGES", "--theme", "Premier thème")),
    Scenario("import of changes", changed_pages, ("import", "PAGES"), proof=partial(is_hidden, resource=BAIL)),
    Scenario("import that withdraws", turned_private, ("import", "PAGES"), proof=is_hidden, kills=12),
    Scenario(
        "import of captures", captured_again, ("import", "PAGES"), proof=partial(is_hidden, resource=BAIL), kills=12
    ),
    Scenario("import of publications", some_publications, ("import", "PAGES"), proof=holds_publications, kills=25),
    Scenario(
        "index of publications",
        some_publications_in_the_corpus,
        ("index",),
        proof=publishes_publications,
        kills=25,
        alone=True,
    ),
    Scenario("first index", imported, ("index",)),
    Scenario("incremental index", to_index, ("index",)),
    Scenario("full index", to_index, ("index", "--full")),
    Scenario("first account", indexed, ADD, PASSWORD + "\n", done="existe déjà", kills=14),
    Scenario("another account", with_an_account, ADD, PASSWORD + "\n", done="existe déjà", kills=14),
    Scenario("account changed", with_an_account, ("user", "role", OLD, "member"), kills=12),
    Scenario("accounts brought up to date", of_an_earlier_version, ("user", "role", OLD, "member"), kills=12),
    _account(
        "password changed",
        with_traces,
        ("user", "password", OLD, "--password-stdin"),
        OTHER_PASSWORD + "\n",
        proof=opens_with_another_password,
        kills=5,
    ),
    _account("account disabled", with_traces, ("user", "disable", OLD), proof=lambda a: account(a).disabled),
    _account("account enabled", disabled, ("user", "enable", OLD), proof=lambda a: not account(a).disabled),
    _account("account tied", with_traces, ("user", "link", OLD, "anne-1"), proof=is_tied),
    _account("token made", with_traces, ("user", "token", OLD, "--label", "autre")),
    _account("token revoked", with_traces, ("user", "token", OLD, "--revoke", "1"), done="pas de jeton"),
    _account("account removed", with_traces, ("user", "remove", OLD), done="Aucun compte", proof=is_gone),
    _account("traces erased", with_traces, ("user", "erase", OLD), proof=is_forgotten, kills=16, alone=False),
    _staff("corrected", with_traces, CORRECT, proof=is_corrected),
    _staff("made private", with_traces, ("correct", REGIE, "--private", "oui"), proof=is_hidden),
    _staff("withdrawn", with_traces, ("withdraw", REGIE), proof=is_withdrawn, alone=False),
    _staff("brought back", withdrawn, ("withdraw", REGIE, "--undo"), proof=is_back),
    Scenario("back-up", with_traces, ("backup", "BACKUP"), proof=is_whole, kills=6, alone=True),
    Scenario("restored", backed_up, ("restore", "BACKUP", "--force"), proof=is_restored, kills=10),
)
TO_A_FAILING_DISK = tuple(scenario for scenario in SCENARIOS if not scenario.alone)
