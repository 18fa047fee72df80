"""Reading settings from files and the environment, and refusing unknown names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.errors import SettingsError
from indexer.settings import (
    CORPUS,
    DATA,
    INDEX,
    PRIVATE,
    SITE_URL,
    Given,
    Setting,
    Settings,
    collect,
    find_settings_file,
    plain,
)
from tests.support.archive import write

NAME = Setting("RTES_SITE_NAME", "Archives", plain, "nom")
KNOWN: tuple[Setting[Any], ...] = (CORPUS, INDEX, DATA, SITE_URL, PRIVATE, NAME)


def read(path: Path, content: str, **environ: str) -> dict[str, str]:
    """Return the values from a file and the environment, by name."""
    return {name: one.text for name, one in collect(environ, write(path / "s.env", content), KNOWN).items()}


def refused(path: Path, content: str | bytes) -> str:
    """Return the error message about an invalid file."""
    file = path / "refuse.env"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError) as caught:
        collect({}, file, KNOWN)
    assert str(file) in str(caught.value)
    return str(caught.value)


# Files


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("RTES_SITE_NAME=Archives du réseau", "Archives du réseau"),
        ("RTES_SITE_NAME = Archives  ", "Archives"),
        ("export RTES_SITE_NAME=Archives", "Archives"),
        ("RTES_SITE_NAME=L’archive de l'été", "L’archive de l'été"),
        ('RTES_SITE_NAME="L\'archive # 1"', "L'archive # 1"),
        ("RTES_SITE_NAME='Archives' # le nom", "Archives"),
        ("RTES_SITE_NAME=#8a2f1b", "#8a2f1b"),
        ("RTES_SITE_NAME=${HOME}/$USER `id`", "${HOME}/$USER `id`"),
        ("\ufeff# un commentaire\r\n\r\nRTES_SITE_NAME=Archives\r\n", "Archives"),
        ("RTES_SITE_NAME=Avant\nRTES_SITE_NAME=Après", "Après"),
    ],
)
def test_a_line(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, line) == {"RTES_SITE_NAME": value}


def test_an_empty_text_gives_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == {}
    assert read(tmp_path, "RTES_SITE_NAME=\nRTES_PRIVATE=''") == {}


def test_the_environment_wins_unless_it_is_empty(tmp_path: Path) -> None:
    content = "RTES_SITE_NAME=fichier\nRTES_PRIVATE=title"
    assert read(tmp_path, content, RTES_SITE_NAME="environnement", RTES_PRIVATE=" ", HOME="/") == {
        "RTES_SITE_NAME": "environnement",
        "RTES_PRIVATE": "title",
    }


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("RTES_SITE_NAME hunter2", 1),
        ("RTES_SITE_NAME", 1),
        ("# une note\n\n\nRTES_SITE_NAME:hunter2", 4),
        ("RTES_PRIVATE=title\nRTES_SITE_NAME:hunter=2", 2),
        ("RTES_SITE_NAME='hunter2", 1),
        ("RTES_SITE_NAME='Bienvenue dans l'archive hunter2'", 1),
        ("\n\nRTES_PRIVATE=title\n=hunter2\n", 4),
        ("; hunter2", 1),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_shown(tmp_path: Path, content: str, line: int) -> None:
    said = refused(tmp_path, content)
    assert f"à la ligne {line} :" in said
    assert "hunter" not in said


def test_a_quote_left_open_swallows_no_setting(tmp_path: Path) -> None:
    """Otherwise the settings on the lines inside the quote would be ignored, and their protections missing."""
    file = write(tmp_path / "s.env", "\nRTES_SITE_NAME='hunter2\nRTES_PRIVATE=hidden\n#'\n")
    with pytest.raises(SettingsError, match=r"RTES_SITE_NAME \(.*s\.env, ligne 2\) contient autre chose") as caught:
        NAME.read(collect({}, file, KNOWN))
    assert "hunter" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "UTF-8" in refused(tmp_path, "RTES_SITE_NAME=été".encode("latin-1"))
    for path, why in ((tmp_path / "rien.env", "il n’existe pas"), (tmp_path, "c’est un dossier")):
        with pytest.raises(SettingsError, match=why) as caught:
            collect({}, path, KNOWN)
        assert str(path) in str(caught.value)


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")) | st.just(" "), min_size=1
    ).filter(str.strip)
)
@example("'\"\\ #")
@example("\\")
def test_any_text_can_be_written_between_quotes(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert read(tmp_path_factory.mktemp("texte"), f'RTES_SITE_NAME="{quoted}" # note') == {
        "RTES_SITE_NAME": text.strip()
    }


@given(st.binary(max_size=200))
@example(b"RTES_SITE_NAME=\x00")
@example(b"RTES_CORPUS=\x00")
@example(b"RTES_CORPUS=~nobody-by-that-name/x")
def test_whatever_is_in_a_file_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("octets") / "s.env"
    file.write_bytes(content)
    try:
        found = collect({}, file, KNOWN)
        for setting in KNOWN:
            setting.read(found)
        said = "."
    except SettingsError as error:
        said = str(error)
    assert said.endswith((".", "?", "/"))


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_settings_file(None) is None
    assert find_settings_file("autre.env") == tmp_path / "autre.env"
    (tmp_path / "archive.env").symlink_to("nulle-part")
    with pytest.raises(SettingsError, match="il n’existe pas"):
        find_settings_file(None)
    (tmp_path / "archive.env").unlink()
    write(tmp_path / "archive.env", "")
    assert find_settings_file(None) == tmp_path / "archive.env"
    (tmp_path / "archive.env").chmod(0o666)
    with pytest.raises(SettingsError, match="un autre utilisateur"):
        find_settings_file(None)
    assert find_settings_file("archive.env") == tmp_path / "archive.env"


@pytest.mark.skipif(os.geteuid() != 0, reason="seul root donne un fichier à quelqu’un d’autre")
def test_a_file_of_somebody_else_is_not_followed_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.chown(write(tmp_path / "archive.env", ""), 12345, 12345)
    with pytest.raises(SettingsError, match=r"--settings archive\.env"):
        find_settings_file(None)


# Folders


def test_a_folder_is_relative_to_where_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "ici", tmp_path / "là"
    here.mkdir()
    there.mkdir()
    monkeypatch.chdir(here)
    found = collect({"RTES_INDEX": "b"}, write(there / "s.env", "RTES_CORPUS=a\nRTES_DATA=/c"), KNOWN)
    assert (CORPUS.read(found), INDEX.read(found), DATA.read(found)) == (there / "a", here / "b", Path("/c"))


def test_a_folder_of_nobody_is_none() -> None:
    with pytest.raises(SettingsError, match="RTES_CORPUS vaut « ~personne-de-ce-nom/corpus »"):
        CORPUS.read({"RTES_CORPUS": Given("~personne-de-ce-nom/corpus", Path())})


def test_a_ring_of_links_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SettingsError, match="RTES_CORPUS vaut"):
        CORPUS.read({"RTES_CORPUS": Given("a/x", tmp_path)})


# Names


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("RTES_SITENAME", "RTES_SITE_NAME"),
        ("RTES_CORPU", "RTES_CORPUS"),
        ("rtes_private", "RTES_PRIVATE"),
        ("RTES_DTAA", "RTES_DATA"),
        ("RTES_INDEXES", "RTES_INDEX"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(SettingsError) as caught:
        collect({name: "hunter2"}, None, KNOWN)
    assert str(caught.value) == f"{name} n’est pas un réglage : vouliez-vous écrire {near} ?"


def test_a_misspelt_name_is_told_even_if_empty() -> None:
    with pytest.raises(SettingsError, match="RTES_PRIVATE"):
        collect({"RTES_PRIVAT": ""}, None, KNOWN)


def test_a_name_like_no_other() -> None:
    with pytest.raises(SettingsError, match=r"RTES_QQQ n’est pas un réglage : .*run\.py --help"):
        collect({"RTES_QQQ": "1"}, None, KNOWN)


def test_all_misspelt_names_are_told() -> None:
    with pytest.raises(SettingsError, match=r"RTES_CORPU .*RTES_INDEXE "):
        collect({"RTES_CORPU": "1", "RTES_INDEXE": "2"}, None, KNOWN)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("RTES_PRIVAT=title", "vouliez-vous écrire RTES_PRIVATE ?"),
        ("RTS_PRIVATE=title", "vouliez-vous écrire RTES_PRIVATE ?"),
        ("PRIVATE=title", "vouliez-vous écrire RTES_PRIVATE ?"),
        ("TZ=Europe/Paris", "« python run.py --help » donne la liste des réglages."),
    ],
)
def test_a_file_holds_settings_alone(tmp_path: Path, line: str, says: str) -> None:
    said = refused(tmp_path, f"# réglages\n{line}\n")
    assert ", ligne 2) n’est pas un réglage : " in said
    assert said.endswith(says)


def test_what_else_the_environment_holds_is_not_ours() -> None:
    assert collect({"PATH": "/bin", "RTS_PRIVATE": "title", "LANG": "fr"}, None, KNOWN) == {}


# Values


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31m", "a\x00", "\udce9t\udce9"])
def test_a_value_that_is_no_text_is_not_shown(text: str) -> None:
    with pytest.raises(SettingsError, match="RTES_SITE_NAME contient autre chose que du texte") as caught:
        NAME.read(collect({"RTES_SITE_NAME": text}, None, KNOWN))
    assert text not in str(caught.value)


def test_a_value_of_a_file_is_refused_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "s.env", "\nRTES_PRIVATE=titre")
    with pytest.raises(SettingsError, match=r"RTES_PRIVATE \(.*s\.env, ligne 2\) vaut « titre », .*« title »"):
        PRIVATE.read(collect({}, file, KNOWN))


def test_a_default_stands_in_its_row_alone() -> None:
    settings = Settings(Path("a"), Path("b"), Path("c"))
    assert (settings.site_url, settings.private_titles) == (SITE_URL.read({}), PRIVATE.read({}))
