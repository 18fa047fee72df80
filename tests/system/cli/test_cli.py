"""Every command and option, exit statuses, and the streams: results on standard output, messages on standard error."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from search_app.cli.output import ProgressBar, ProgressLines, progress_for
from search_app.settings import SETTINGS, read_settings
from tests.support.archive import export, write
from tests.support.places import CHECKOUT
from tests.support.spaces import plain
from tests.support.waiting import PATIENCE

ENGLISH = re.compile(
    r"\b(error|usage:|required|invalid|choose|expected|show (this|the)|positional|traceback"
    r"|missing|no such|unexpected|did you mean|does not|requires|options:|commands:)\b",
    re.IGNORECASE,
)
"""Words of English messages from click and the interpreter."""


def subprocess_run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a separate process."""
    command = [sys.executable, str(CHECKOUT / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False, **options)


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chercher"], "commande inconnue : chercher"),
        (["serch"], "commande inconnue : serch ; vouliez-vous dire search ?"),
        (["--corpus"], "--corpus attend une valeur"),
        (["--corpu", "x", "index"], "option inconnue : --corpu ; vouliez-vous dire --corpus ?"),
        (["import"], "il manque : CHEMIN"),
        (["import", "a.html", "--theme"], "--theme attend une valeur"),
        (["index", "tout"], "argument inconnu : tout"),
        (["index", "--fu"], "option inconnue : --fu ; vouliez-vous dire --full ?"),
        (["index", "--corpus", "x"], "--corpus se place avant la commande"),
        (["user", "ad", "a@b.fr"], "commande inconnue : ad ; vouliez-vous dire add ?"),
        (["index", "--json=oui"], "--json ne prend pas de valeur"),
        (["search", "épicerie", "solidaire"], "argument inconnu : solidaire"),
        (["search", "--sort"], "--sort attend une valeur"),
        (["search", "--sort", "au hasard"], "au hasard"),
        (["search", "--page", "deux"], "numéro de page"),
        (["search", "--page", "0"], "numéro de page"),
        (["search", "--page", "5000"], "10"),
        (["search", "--year", "deux mille"], "deux mille"),
        (["search", "--private", "peut-être"], "« peut-être » n’est pas possible"),
        (["search", "--as", "admin"], "« admin » n’est pas possible"),
        (["serve", "--port", "abc"], "--port : « abc » n’est pas un nombre de 1 à 65535"),
        (["serve", "--port", "99999"], "--port : « 99999 » n’est pas un nombre de 1 à 65535"),
        (["serve", "--workers", "0"], "--workers : « 0 » n’est pas un nombre de 1 à 64"),
        (["user"], "il manque : COMMANDE"),
        (["user", "add", "a@b.fr"], "il manque : --role"),
        (["user", "add", "a@b.fr", "--role", "chef"], "« chef » n’est pas possible"),
        (["check", "--tout"], "option inconnue : --tout. « run.py check --help » montre ce qui est possible."),
    ],
)
def test_wrong_usage_is_2_and_said_in_french(cli: Callable[..., Any], arguments: list[str], says: str) -> None:
    outcome = cli(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert says in outcome.plain_err.replace("\n", " ")
    assert not ENGLISH.search(outcome.err)


@pytest.mark.parametrize(
    "arguments", [[], ["import"], ["index"], ["search"], ["serve"], ["user"], ["user", "add"], ["check"]]
)
def test_help_is_french_and_done(bare: Callable[..., Any], arguments: list[str]) -> None:
    outcome = bare(*arguments, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert plain(outcome.out).startswith("usage : run.py")
    assert not ENGLISH.search(outcome.out)


def test_help_names_every_setting(bare: Callable[..., Any]) -> None:
    assert all(setting.variable in bare("-h").out for setting in SETTINGS)


# import


def test_import_tells_people_what_it_did(cli: Callable[..., Any], site: Any) -> None:
    write(site.pages / "agenda.html", "<p>Rien.</p>")
    site.write_page("charte.html", "Charte des achats", private=None)
    outcome = cli("import", str(site.pages))
    assert outcome.status == 0  # read to the end, even if a page was set aside
    assert outcome.out == (
        "Pages importées : 2 (2 ressources) ; inchangées : 0 ; sans ressource : 1 ; non lus : 0 ; "
        "ignorés (images, styles…) : 0 ; avertissements : 1.\n"
    )
    assert "Sans ressource : " in outcome.err
    assert "À vérifier : " in outcome.err
    assert "python run.py index" in outcome.err


def test_import_json_is_the_contract(cli: Callable[..., Any], site: Any) -> None:
    write(site.pages / "agenda.html", "<p>Rien.</p>")
    site.write_page("charte.html", "Charte des achats", private=None)
    first = cli("import", str(site.pages), "--json").json
    assert list(first) == ["imported", "unchanged", "set_aside", "warnings", "passed_over", "publications"]
    assert (first["imported"], first["unchanged"]) == (2, 0)
    (aside,), (warning,) = first["set_aside"], first["warnings"]
    assert list(aside) == ["path", "reason"]
    assert list(warning) == ["path", "message"]
    assert aside["path"] == str(site.pages / "agenda.html")
    assert warning["path"] == str(site.pages / "charte.html")
    second = cli("import", str(site.pages), "--json").json
    assert (second["imported"], second["unchanged"], second["warnings"]) == (0, 2, [])


def test_import_of_a_missing_path_is_1_and_the_others_come_in(cli: Callable[..., Any], site: Any) -> None:
    outcome = cli("import", str(site.folder / "absent"), str(site.pages), "--json")
    assert outcome.status == 1
    assert outcome.json["imported"] == 1
    assert f"« {site.folder / 'absent'} » n’existe pas" in outcome.err


def test_import_of_a_corrupt_zip_is_1(cli: Callable[..., Any], site: Any) -> None:
    outcome = cli("import", str(write(site.folder / "lot.zip", b"rien")))
    assert outcome.status == 1
    assert "n’est pas un zip lisible" in outcome.err


def test_import_of_nothing_that_can_be_read_is_1(cli: Callable[..., Any], site: Any) -> None:
    outcome = cli("import", str(write(site.folder / "vide" / "budget.xlsx", b"PK").parent), "--json")
    assert outcome.status == 1
    assert len(outcome.json["set_aside"]) == 1
    assert "Aucune page n’a pu être lue" in outcome.err


def test_many_pages_without_a_resource_are_one_line(cli: Callable[..., Any], site: Any) -> None:
    for n in range(7):
        write(site.pages / f"agenda-{n}.html", "<p>Rien.</p>")
    write(site.pages / "budget.xlsx", b"PK")
    for name in ("logo.png", "site.css", "menu.js"):
        write(site.pages / "fichiers" / name, b"x")
    outcome = cli("import", str(site.pages))
    lines = [line for line in outcome.err.splitlines() if line.startswith("Sans ressource : ")]
    assert len(lines) == 1
    assert "7 pages" in lines[0]
    assert "sans ressource : 7 ; non lus : 1 ; ignorés (images, styles…) : 3" in outcome.out
    report = cli("import", str(site.pages), "--json").json
    assert len(report["set_aside"]) == 8
    assert report["passed_over"] == 3


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.html": b"<p>Rien.</p>", "budget.xlsx": b"PK"}, "pages lues qui n’en contiennent pas : 1 ; fichiers"),
        ({"budget.xlsx": b"PK"}, "Aucune page n’a pu être lue (fichiers mis de côté : 1)"),
        ({"logo.png": b"x", "site.css": b"x"}, "les fichiers trouvés (2) sont des images"),
        ({}, "Aucun fichier ici"),
    ],
    ids=["read", "unread", "passed over", "nothing"],
)
def test_the_last_sentence_says_why_nothing_came_in(
    cli: Callable[..., Any], site: Any, files: dict[str, bytes], said: str
) -> None:
    folder = site.folder / "autre"
    folder.mkdir()
    for name, content in files.items():
        write(folder / name, content)
    outcome = cli("import", str(folder))
    assert outcome.status == 1
    assert said in outcome.err.splitlines()[-1]


def test_import_takes_a_theme(cli: Callable[..., Any], site: Any) -> None:
    assert cli("import", str(site.pages), "--theme", "Ruralité").status == 0
    cli("index")
    (hit,) = cli("search", "--json").json["hits"]
    assert hit["themes"] == ["Alimentation", "Ruralité"]


def test_import_json_holds_names_that_are_no_text(cli: Callable[..., Any], site: Any) -> None:
    write(site.pages / os.fsdecode(b"\xe9t\xe9.xlsx"), b"PK")
    (aside,) = cli("import", str(site.pages), "--json").json["set_aside"]
    assert aside["path"].endswith(".xlsx")


def test_import_counts_publications(cli: Callable[..., Any], site: Any) -> None:
    write(site.pages / os.fsdecode(b"\xe9t\xe9.pdf"), b"%PDF-1.7")
    write(site.pages / "copie" / "hiver.pdf", b"%PDF-1.7 hiver")
    assert cli("import", str(site.pages), "--json").json["publications"] == 2
    outcome = cli("import", str(site.pages))
    assert "publications : 2, dont 2 déjà connues ; sans ressource : 0 ; non lus : 0" in outcome.out
    report = cli("index", "--json").json
    assert {entry["path"].rpartition("/")[2] for entry in report["set_aside"]} == {"été.pdf", "hiver.pdf"}
    site.write_page("guide.html", "Un guide", body='<a href="copie/hiver.pdf">Le guide</a>')
    cli("import", str(site.pages))
    assert " pages, publications : 1) ;" in cli("index").out


def test_import_into_a_place_that_is_no_folder_is_1(bare: Callable[..., Any], site: Any) -> None:
    outcome = bare("--corpus", str(write(site.folder / "fichier", "x")), "import", str(site.pages))
    assert (outcome.status, outcome.out) == (1, "")
    assert "vérifiez les droits et l’espace disque" in outcome.err


# index


INDEX_KEYS = ["generation", "switched", "pages", "resources", "public", "added", "updated", "removed"]
INDEX_KEYS += ["set_aside", "warnings", "seconds", "publications", "recognised"]


def test_index_json_is_one_object(cli: Callable[..., Any], site: Any) -> None:
    cli("import", str(site.pages))
    first = cli("index", "--json").json
    assert list(first) == INDEX_KEYS
    assert (first["generation"], first["switched"], first["resources"], first["added"]) == ("000001", True, 1, 1)
    again = cli("index", "--json").json
    assert (again["generation"], again["switched"], again["added"]) == ("000001", False, 0)
    full = cli("index", "--full", "--json").json
    assert (full["generation"], full["switched"], full["added"]) == ("000002", True, 1)


def test_index_tells_people_what_it_did(cli: Callable[..., Any], indexed: Any) -> None:
    outcome = cli("index")
    assert outcome.status == 0
    assert re.fullmatch(
        r"Génération 000001 : 3 ressources, dont 2 publiques \(3 pages\) ; rien n’a changé ; \d+,\d s\.\n", outcome.out
    )
    assert "Lecture des pages : 3" in outcome.err
    full = cli("index", "--full")
    assert "ajoutées : 3 ; modifiées : 0 ; retirées : 0" in full.out


def test_index_without_a_corpus_is_1_and_says_what_to_do(bare: Callable[..., Any], site: Any) -> None:
    outcome = bare(*site.places, "index")
    assert (outcome.status, outcome.out) == (1, "")
    assert "importez d’abord des pages" in outcome.err


# user


def add_user(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, password: str, *arguments: str, email: str = "a@reseau.fr"
) -> Any:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password))
    return cli("user", "add", email, "--role", "member", "--password-stdin", *arguments)


def test_user_add_makes_a_private_file(cli: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = add_user(cli, monkeypatch, "un mot de passe\n", email="A@Reseau.FR")
    assert (outcome.status, outcome.out, outcome.err) == (0, "Compte créé : a@reseau.fr (member).\n", "")
    assert stat.S_IMODE((site.data / "accounts.sqlite").stat().st_mode) == 0o600
    again = add_user(cli, monkeypatch, "un autre mot de passe\n")
    assert (again.status, again.out) == (1, "")
    assert "a@reseau.fr" in again.err


@pytest.mark.parametrize(
    ("password", "email", "says"),
    [("trop-bref\n", "a@reseau.fr", "10"), ("un mot de passe\n", "sans arobase", "sans arobase")],
)
def test_user_add_refuses_what_cannot_be_used(
    cli: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch, password: str, email: str, says: str
) -> None:
    outcome = add_user(cli, monkeypatch, password, email=email)
    assert (outcome.status, outcome.out) == (1, "")
    assert says in outcome.err
    assert password.strip() not in outcome.err
    assert not (site.data / "accounts.sqlite").exists()


def test_user_add_asks_for_the_password_twice(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["un mot de passe", "un mot de posse", "un mot de passe", "un mot de passe"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    differ = cli("user", "add", "a@reseau.fr", "--role", "staff")
    assert (differ.status, differ.out) == (1, "")
    assert "diffèrent" in differ.err
    assert cli("user", "add", "a@reseau.fr", "--role", "staff").out == "Compte créé : a@reseau.fr (staff).\n"


def test_user_add_without_a_terminal_says_what_to_do(site: Any) -> None:
    outcome = subprocess_run(
        *site.places, "user", "add", "a@b.fr", "--role", "staff", stdin=subprocess.DEVNULL, start_new_session=True
    )
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert "--password-stdin" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


# SiteSettings


def test_places_come_from_the_environment(bare: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("corpus", "index", "data"):
        monkeypatch.setenv(f"RTES_{name.upper()}", str(site.folder / name))
    assert bare("import", str(site.pages)).status == 0
    assert bare("index").status == 0
    assert bare("search", "--json").json["total"] == 1
    add_user(bare, monkeypatch, "un mot de passe\n")
    assert all((site.folder / name).is_dir() for name in ("corpus", "index", "data"))


def test_places_on_the_command_line_win(bare: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CORPUS", "INDEX", "DATA"):
        monkeypatch.setenv(f"RTES_{name}", str(site.folder / "ailleurs"))
    assert bare(*site.places, "import", str(site.pages)).status == 0
    assert not (site.folder / "ailleurs").exists()


def test_places_are_the_checkouts_own_by_default() -> None:
    settings = read_settings({})
    assert (settings.corpus, settings.index, settings.data) == (
        CHECKOUT / "corpus",
        CHECKOUT / "index",
        CHECKOUT / "data",
    )


@pytest.mark.parametrize(
    ("variable", "value"), [("RTES_SITE_URL", "reseau.example"), ("RTES_SITE_URL", "https://["), ("RTES_HTTPS", "bof")]
)
def test_a_setting_that_cannot_be_used_is_1(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    outcome = cli("check")
    assert (outcome.status, outcome.out) == (1, "")
    assert f"{variable} vaut « {value} »" in outcome.err


# Terminal, signals and operating system


def test_an_interruption_is_1_and_says_that_nothing_is_lost(
    cli: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("search_app.cli.archive.import_paths", interrupted)
    outcome = cli("import", str(site.pages))
    assert (outcome.status, outcome.out) == (1, "")
    assert "rien n’est perdu" in outcome.err


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_reader_that_is_gone_is_no_error(indexed: Any, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, str(CHECKOUT / "run.py"), *indexed.places, "search", *arguments]
    outcome = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    os.close(writer)
    assert (outcome.returncode, outcome.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [["search", "--json"], *(pytest.param([name], marks=pytest.mark.slow) for name in ("check", "--help", "index"))],
)
def test_a_closed_output_stops_nothing(indexed: Any, arguments: list[str]) -> None:
    command = [sys.executable, str(CHECKOUT / "run.py"), *indexed.places, *arguments]
    shell = ["sh", "-c", '"$@" >&-', "sh", *command]
    done = subprocess.run(shell, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is missing")
@pytest.mark.parametrize("arguments", [["search", "--json"], ["--version"]])
def test_an_output_that_is_full_is_1_and_said(indexed: Any, arguments: list[str]) -> None:
    command = [sys.executable, str(CHECKOUT / "run.py"), *indexed.places, *arguments]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=PATIENCE, check=False
        )
    assert done.returncode == 1
    assert "il n’y a plus de place sur le disque" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(name, marks=pytest.mark.slow) for name in ("utf-8", "latin-1"))]
)
def test_a_terminal_that_cannot_show_french_stops_nothing(indexed: Any, encoding: str) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, str(CHECKOUT / "run.py"), *indexed.places, "search", "épicerie"]
    listed = subprocess.run(command, env=environ, capture_output=True, timeout=PATIENCE, check=False)
    assert (listed.returncode, listed.stderr) == (0, b"")
    answered = subprocess.run([*command, "--json"], env=environ, capture_output=True, timeout=PATIENCE, check=False)
    assert json.loads(answered.stdout.decode(encoding))["hits"][0]["title"] == "Monter une épicerie solidaire"


def test_a_python_without_the_libraries_says_which_one_has_them() -> None:
    bare = [sys.executable, "-S", str(CHECKOUT / "run.py"), "search", "épicerie"]
    done = subprocess.run(bare, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert ".venv/bin/python run.py" in done.stderr
    assert "pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_in_a_process_of_its_own(site: Any) -> None:
    exported = write(site.pages / "liste.txt", export(("Bilan d’activité 2022", "Non", "Une année de coopération.")))
    imported = subprocess_run(*site.places, "import", str(exported), "--json")
    assert (imported.returncode, json.loads(imported.stdout)["imported"]) == (0, 1)
    assert subprocess_run(*site.places, "index").returncode == 0
    found = subprocess_run(*site.places, "search", "activité", "--json")
    assert json.loads(found.stdout)["hits"][0]["title"] == "Bilan d’activité 2022"
    wrong = subprocess_run("chercher")
    assert (wrong.returncode, wrong.stdout) == (2, "")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    plain = io.StringIO()
    assert isinstance(progress_for(plain), ProgressLines)
    lines = ProgressLines(plain, every=0.0)
    lines.begin("Lecture des pages", 3)
    lines.advance(2)
    lines.begin("Écriture", 0)
    lines.advance(1)
    lines.close()
    assert plain.getvalue() == "Lecture des pages : 3\nLecture des pages : 2 sur 3\nÉcriture\nÉcriture : 1\n"
    shown = Terminal()
    bar = progress_for(shown)
    assert isinstance(bar, ProgressBar)
    bar.advance(1)  # no effect before the first stage
    bar.begin("Lecture des pages", 3)
    bar.advance(3)
    bar.close()
    assert "Lecture des pages" in shown.getvalue()
