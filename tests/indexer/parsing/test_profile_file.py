"""Files of import profiles: what they may contain, and the message for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ProfileError
from indexer.parsing.profile import Privacy, Profile
from indexer.parsing.profile_file import parse_profile, read_profile
from indexer.parsing.shipped_profile import RTES, label_of
from tests.support.other_sites import SPIP_PROFILE, WORDPRESS_PROFILE

LEAST = 'name = "Site"\n[title]\nselector = "h1"\n'


def parse(text: str) -> Profile:
    return parse_profile(text.encode(), called="site.toml")


def test_a_profile_says_where_fields_stand() -> None:
    profile = parse(WORDPRESS_PROFILE)
    assert (profile.name, profile.stated) == ("Territoires en commun", True)
    assert profile.resource is not None
    assert profile.resource.text == "article.type-fiche"
    assert profile.date is not None
    assert profile.date.attribute == "datetime"
    assert [(one.path, one.theme) for one in profile.listings] == [
        ("/theme/eau", "Eau et rivières"),
        ("/theme/foret/*", "Forêt"),
    ]
    assert parse(SPIP_PROFILE).private.public == ("Ouverte à tous",)


def test_without_privacy_all_is_private() -> None:
    profile = parse(LEAST)
    assert (profile.stated, profile.private.rule, profile.private.otherwise) == (False, None, Privacy.PRIVATE)
    assert parse(LEAST + '[private]\nall = "public"\n').private.otherwise is Privacy.PUBLIC


def test_another_file_is_another_profile() -> None:
    assert parse(LEAST).digest != parse(LEAST + "\n").digest


def test_the_shipped_profile_has_the_labels_of_the_network() -> None:
    assert RTES.private.public == ("Non",)
    assert label_of("private") == "Ressource privée"
    with pytest.raises(ValueError, match="body"):
        label_of("body")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name = ", 1, "n’est pas du TOML"),
        ('name = "a"\nname = "b"', 2, "n’est pas du TOML"),
        ("[title]\nselector = 'h1'\n", None, "« name » manque"),
        ('name = "Site"\n', None, "[title] manque"),
        (LEAST + "[titre]\nselector = 'h2'\n", 4, "« titre » n’existe pas : les clés sont"),
        (LEAST + "[type]\nselecteur = 'b'\n", 5, "« selecteur » de [type] n’existe pas"),
        (LEAST + "[type]\n", 4, "[type] veut une des clés selector, label, value, et n’en donne aucune"),
        (LEAST + "[type]\nselector = 'b'\nlabel = 'Type'\n", 6, "« label » de [type] veut une des clés"),
        (LEAST + "[body]\nselector = 'p:has(a)'\n", 5, "« selector » de [body] n’est pas un sélecteur CSS"),
        (LEAST + "[body]\nselector = 3\n", 5, "« selector » de [body] veut un texte entre guillemets"),
        (LEAST + "[body]\nselector = ''\n", 5, "veut un texte entre guillemets"),
        (LEAST + "[body]\nvalue = 'x'\n", 5, "« value » de [body] ne va que dans"),
        (
            LEAST + "[date]\nlabel = 'Date'\nattribute = 'datetime'\n",
            6,
            "« attribute » de [date] ne va qu’avec selector",
        ),
        (LEAST + "[date]\nselector = 'b'\nattribute = '<'\n", 6, "n’est pas un nom d’attribut"),
        (LEAST + "[type]\nselector = 'b'\nseparator = ','\n", 6, "« separator » de [type] ne va que dans"),
        (LEAST + "[private]\n", 4, "[private] veut une des clés selector, label, all"),
        (LEAST + "[private]\nall = 'oui'\n", 5, '« all » de [private] vaut "public" ou "private"'),
        (LEAST + "[private]\nall = 'public'\npublic = ['Non']\n", 6, "« public » de [private] ne va pas avec all"),
        (LEAST + "[private]\nlabel = 'Privé'\n", 4, "« public » de [private] manque"),
        (LEAST + "[private]\nlabel = 'Privé'\npublic = 'Non'\n", 6, "« public » de [private] veut une liste"),
        (LEAST + "[private]\nlabel = 'P'\npublic = ['Non']\nprivate = ['non']\n", 6, "que private donne aussi"),
        (LEAST + "[private]\nlabel = 'P'\notherwise = 1\n", 6, "« otherwise » de [private] vaut"),
        (LEAST + "[listings]\neau = 'Eau'\n", 5, "« eau » de [listings] n’est pas un chemin"),
        (LEAST + "[listings]\n'/e*u' = 'Eau'\n", 5, "n’est pas un chemin"),
        ("title = 'h1'\nname = 'S'\n", 1, "« title » est une section"),
        (LEAST + "[type]\nvalue = '" + "x" * 400 + "'\n", 5, "de 1 à 300 caractères"),
        ("#" * 70_000, None, "a plus de 64 ko"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int | None, said: str) -> None:
    with pytest.raises(ProfileError) as raised:
        parse(text)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"Le profil « site.toml »{f', ligne {line}' if line else ' '}")


def test_a_file_that_is_no_text_or_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_bytes('name = "é"'.encode("cp1252"))
    with pytest.raises(ProfileError, match="enregistrez-le en UTF-8"):
        read_profile(tmp_path / "p.toml")
    with pytest.raises(ProfileError, match="vérifiez le chemin"):
        read_profile(tmp_path / "absent.toml")


LINES = st.sampled_from(
    [
        *LEAST.splitlines(),
        "[private]",
        "all = 'public'",
        "label = 'x'",
        "[[title]]",
        "title.selector = 'a'",
        "public = [1]",
        "listings = {}",
        "remove = 'p >'",
        "[type]",
        "value = 1979-05-27",
        "private = true",
        "[listings.a]",
        "name = []",
    ]
)


@given(st.lists(LINES | st.text(max_size=20), max_size=12).map("\n".join))
def test_any_text_is_a_profile_or_an_error(text: str) -> None:
    try:
        assert isinstance(parse(text), Profile)
    except ProfileError as error:
        assert str(error).endswith(".")  # noqa: PT017
