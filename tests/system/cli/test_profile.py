"""`run.py profile check` and `import --profile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.archive import write
from tests.support.other_sites import WORDPRESS_PROFILE, wordpress_article, wordpress_page


def test_a_profile_is_tried_and_nothing_is_stored(cli: Callable[..., Any], site: Any) -> None:
    profile = write(site.folder / "site.toml", WORDPRESS_PROFILE)
    page = write(site.folder / "eau.html", wordpress_page(wordpress_article("Rendre l’eau"), path="/theme/eau"))
    outcome = cli("profile", "check", str(profile), str(page))
    assert outcome.status == 0
    for line in ("  thème de la liste : Eau et rivières", "  titre : Rendre l’eau", "    accès : Publique"):
        assert line in outcome.out.splitlines()
    assert not site.corpus.exists()
    (tried,) = cli("profile", "check", str(profile), str(page), "--json").json["pages"]
    assert [node["private"] for node in tried["resources"]] == [False]


def test_a_page_of_which_nothing_is_read_is_1(cli: Callable[..., Any], site: Any) -> None:
    profile = write(site.folder / "site.toml", WORDPRESS_PROFILE)
    outcome = cli("profile", "check", str(profile), str(write(site.folder / "a.html", "<h1>Accueil</h1>")))
    assert outcome.status == 1
    assert "rien n’est lu : La page ne montre rien" in outcome.out


def test_a_profile_without_privacy_says_that_all_is_private(cli: Callable[..., Any], site: Any) -> None:
    profile = write(site.folder / "site.toml", 'name = "S"\n[title]\nselector = "h1"\n')
    outcome = cli("profile", "check", str(profile), str(write(site.folder / "a.html", "<h1>Titre</h1>")))
    assert "toutes les ressources sont privées" in outcome.err
    assert "accès : Réservée aux adhérents" in outcome.out


def test_a_profile_that_cannot_be_used_is_named_with_its_line(cli: Callable[..., Any], site: Any) -> None:
    profile = write(site.folder / "site.toml", 'name = "S"\n[title]\nselector = "h1:hover"\n')
    for command in (("profile", "check", str(profile), str(site.pages)), ("import", str(site.pages), "--profile")):
        outcome = cli(*command, *([str(profile)] if command[-1] == "--profile" else []))
        assert outcome.status == 1
        assert "ligne 3 : « selector » de [title]" in outcome.err


def test_a_site_is_imported_by_its_profile(cli: Callable[..., Any], site: Any) -> None:
    profile = write(site.folder / "site.toml", WORDPRESS_PROFILE)
    write(site.folder / "wp" / "eau.html", wordpress_page(wordpress_article("Rendre l’eau")))
    assert cli("import", str(site.folder / "wp"), "--profile", str(profile), "--json").json["imported"] == 1
    cli("index")
    (hit,) = cli("search", "--json").json["hits"]
    assert (hit["title"], hit["private"]) == ("Rendre l’eau", False)
