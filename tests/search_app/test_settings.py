"""Every setting: valid values, error messages about invalid ones, and its row in README."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import SettingsError
from indexer.settings import Setting
from search_app.settings import RETIRED, SETTINGS, MailServer, SignOn, SiteSettings, read_secret, read_settings
from tests.support.archive import write
from tests.support.places import CHECKOUT

README = re.findall(
    r"^\| `(RTES_\w+)` \|\s*`?([^`|]*?)`?\s*\|", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE
)
"""Each setting and its default, as README shows them."""

OTHERS = {
    "RTES_CORPUS": "/c",
    "RTES_INDEX": "/i",
    "RTES_DATA": "/d",
    "RTES_SITE_URL": "http://reseau.example",
    "RTES_SITE_NAME": "Nos archives",
    "RTES_SEARCH_LOG_DAYS": "1",
    "RTES_AUDIT_DAYS": "2",
    "RTES_INBOX_DAYS": "3",
    "RTES_OIDC_ISSUER": "https://autre.exemple.fr",
    "RTES_OIDC_CLIENT_ID": "autre",
    "RTES_OIDC_CLIENT_SECRET": "autre secret",
    "RTES_OIDC_NAME": "un autre compte",
    "RTES_OIDC_ROLE_CLAIM": "groups",
    "RTES_OIDC_MEMBER_VALUES": "autre",
    "RTES_OIDC_STAFF_VALUES": "autre",
    "RTES_SMTP_HOST": "autre.exemple.fr",
    "RTES_SMTP_PORT": "465",
    "RTES_SMTP_SECURITY": "tls",
    "RTES_SMTP_USER": "autre",
    "RTES_SMTP_PASSWORD_FILE": "autre.secret",
    "RTES_SMTP_SENDER": "autre@exemple.fr",
    "RTES_MAIL_PRIVATE_TITLES": "oui",
    "RTES_MAIL_VISITORS": "oui",
    "RTES_MAIL_ALERTS": "nuit@exemple.fr",
    "RTES_WELCOME": "Bonjour.",
    "RTES_ACCENT": "#0a5c7d",
    "RTES_ADDRESS": "https://archives.exemple.fr/",
    "RTES_PRIVATE": "title",
    "RTES_CONTACT": "archives@exemple.fr",
    "RTES_GONE_DAYS": "30",
    "RTES_PUBLICATION_GRACE_DAYS": "7",
    "RTES_HTTPS": "oui",
    "RTES_PROXY": "1",
    "RTES_HOSTS": "archives.exemple.fr",
    "RTES_EMBED": "https://www.exemple.fr",
    "RTES_MCP": "oui",
    "RTES_ENGINE": "opensearch",
    "RTES_OPENSEARCH": "https://a.exemple.fr:9200,https://b.exemple.fr:9200",
    "RTES_OPENSEARCH_USER": "archives",
    "RTES_OPENSEARCH_PASSWORD_FILE": "/p",
    "RTES_OPENSEARCH_CA": "/ca.pem",
    "RTES_OPENSEARCH_CERTIFICATE": "/c.pem",
    "RTES_OPENSEARCH_KEY": "/k.pem",
    "RTES_OPENSEARCH_PREFIX": "archives",
    "RTES_OPENSEARCH_SHARDS": "3",
    "RTES_OPENSEARCH_REPLICAS": "2",
}
"""A value of each setting that is not its default."""

SIGN_ON = {
    "RTES_OIDC_ISSUER": "https://compte.exemple.fr",
    "RTES_OIDC_CLIENT_ID": "archives",
    "RTES_OIDC_CLIENT_SECRET": "secret",
    "RTES_OIDC_MEMBER_VALUES": "adherent",
    "RTES_OIDC_STAFF_VALUES": "equipe",
}

MAIL = {
    "RTES_SMTP_HOST": "courrier.exemple.fr",
    "RTES_SMTP_USER": "archives",
    "RTES_SMTP_PASSWORD_FILE": "smtp.secret",
    "RTES_SMTP_SENDER": "archives@exemple.fr",
}


def test_readme_tells_of_every_setting() -> None:
    assert [(setting.variable, setting.default) for setting in SETTINGS] == README


@pytest.mark.parametrize(("variable", "default"), README)
@pytest.mark.parametrize("around", [{}, SIGN_ON], ids=["alone", "sign-on"])
def test_the_default_that_readme_shows_may_be_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, default: str, around: dict[str, str]
) -> None:
    monkeypatch.chdir(CHECKOUT)  # the default folders are beside the program
    if variable in around and not default:
        pytest.skip("sans lui, l’authentification unique est incomplète")
    assert read_settings({**around, variable: default}) == read_settings(around)
    # In a file, as README shows it; folders in a file are relative to it.
    if variable not in {"RTES_CORPUS", "RTES_INDEX", "RTES_DATA"}:
        file = write(tmp_path / "archive.env", f"{variable}={default}\n")
        assert replace(read_settings(around, file=file), file=None) == read_settings(around)


def test_words_are_read_in_any_case() -> None:
    assert read_settings({"RTES_HOSTS": "TOUS", "RTES_ADDRESS": "Locale"}) == read_settings({})


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_every_setting_matters(setting: Setting[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value other than the default (`OTHERS`) changes what is read, so no setting in README is without effect."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "autre.secret", "un autre secret")
    write(tmp_path / "smtp.secret", "un secret")
    around = {**SIGN_ON, **MAIL, "RTES_PROXY": "2", "RTES_OPENSEARCH": "https://grappe.exemple.fr:9200"}
    assert read_settings({**around, setting.variable: OTHERS[setting.variable]}) != read_settings(around)


def test_defaults_stand_in_their_rows_alone() -> None:
    places = {name: Path(name) for name in ("corpus", "index", "data")}
    assert SiteSettings(**places) == replace(read_settings({}), **places)
    bare = SignOn("https://compte.exemple.fr", "archives", "secret", member_values=frozenset({"adherent"}))
    environ = {name: value for name, value in SIGN_ON.items() if "STAFF" not in name}
    assert read_settings(environ).sign_on == bare
    environ = {name: MAIL[name] for name in ("RTES_SMTP_HOST", "RTES_SMTP_SENDER")}
    assert read_settings(environ).mail == MailServer("courrier.exemple.fr", "archives@exemple.fr")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"RTES_ENGINE": "opensearch"}, "RTES_OPENSEARCH est vide"),
        ({"RTES_ENGINE": "lucene"}, "n’est pas un moteur"),
        ({"RTES_OPENSEARCH": "grappe:9200"}, "n’est pas une adresse"),
        (
            {"RTES_OPENSEARCH": "http://grappe:9200", "RTES_OPENSEARCH_USER": "archives"},
            "en clair à http://grappe:9200",
        ),
        ({"RTES_OPENSEARCH_PREFIX": "Rtes_*"}, "n’est pas un préfixe"),
        ({"RTES_OPENSEARCH_SHARDS": "0"}, "de 1 à 100"),
        ({"RTES_OPENSEARCH_REPLICAS": "-1"}, "de 0 à 10"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings(given)


def test_files_of_a_cluster_start_from_the_folder_of_the_settings_file(tmp_path: Path) -> None:
    file = write(tmp_path / "archive.env", "RTES_OPENSEARCH_CA=ca.pem\n")
    assert read_settings({}, file=file).cluster.ca == str(tmp_path / "ca.pem")


def test_a_password_is_read_from_its_file(tmp_path: Path) -> None:
    assert read_secret(str(write(tmp_path / "secret", " hunter2\n")), "écrivez-le") == "hunter2"
    assert read_secret("", "écrivez-le") == ""
    with pytest.raises(SettingsError, match="manque ou est vide : écrivez-le"):
        read_secret(str(tmp_path / "absent"), "écrivez-le")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("RTES_HTPS", "RTES_HTTPS"),
        ("RTES_HOST", "RTES_HOSTS"),
        ("RTES_PROXIES", "RTES_PROXY"),
        ("RTES_ADRESSE", "RTES_ADDRESS"),
        ("RTES_OIDC_SECRET", "RTES_OIDC_CLIENT_SECRET"),
        ("RTES_OIDC_CLIENTID", "RTES_OIDC_CLIENT_ID"),
        ("RTES_LOG_DAYS", "RTES_SEARCH_LOG_DAYS"),
    ],
)
def test_the_nearest_real_name(name: str, near: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} n’est pas un réglage : vouliez-vous écrire {near} \?$"):
        read_settings({name: "1"})


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_a_slip_of_the_finger_is_told_with_the_name_that_was_meant(setting: Setting[Any]) -> None:
    """If a letter of a name is missing, added or changed, at any position, the error message gives the right name."""
    name = setting.variable
    real = {one.variable for one in SETTINGS}
    for at in range(len("RTES_"), len(name)):
        slips = {name[:at] + name[at + 1 :], f"{name[:at]}X{name[at:]}", f"{name[:at]}X{name[at + 1 :]}"}
        for slip in slips - real:
            with pytest.raises(SettingsError, match=f"vouliez-vous écrire {name} "):
                read_settings({slip: "1"})


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    content = "RTES_CORPUS=/f/c\nRTES_INDEX=/f/i\nRTES_DATA=/f/d\nRTES_HTTPS=oui\nRTES_SITE_NAME=Fichier\n"
    file = write(tmp_path / "archive.env", content)
    environ = {"RTES_CORPUS": "/e/c", "RTES_INDEX": "/e/i", "RTES_HTTPS": "non"}
    settings = read_settings(environ, file=file, corpus="/l/c")
    assert (settings.corpus, settings.index, settings.data) == (Path("/l/c"), Path("/e/i"), Path("/f/d"))
    assert (settings.https, settings.site_name, settings.file) == (False, "Fichier", file)


def test_a_secret_of_the_file_is_shown_nowhere(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in SIGN_ON.items() if "SECRET" not in name]
    file = write(tmp_path / "archive.env", "\n".join([*lines, "RTES_OIDC_CLIENT_SECRET=hunter2"]))
    settings = read_settings({}, file=file)
    assert settings.sign_on is not None
    assert settings.sign_on.client_secret == "hunter2"
    assert "hunter2" not in repr(settings)
    for fault in ("RTES_HTTPS=bof", "RTES_HTPS=oui", "RTES_HTTPS"):
        write(file, file.read_text("utf-8") + f"\n{fault}")
        with pytest.raises(SettingsError) as caught:
            read_settings({}, file=file)
        assert "hunter2" not in str(caught.value)


# Mail


def test_nothing_is_sent_unless_a_server_is_named() -> None:
    assert read_settings({name: value for name, value in MAIL.items() if name != "RTES_SMTP_HOST"}).mail is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"RTES_SMTP_SENDER": ""}, "donnez aussi RTES_SMTP_SENDER"),
        ({"RTES_SMTP_SENDER": "nous"}, "n’est pas une adresse électronique"),
        ({"RTES_SMTP_PORT": "0"}, "n’est pas un port"),
        ({"RTES_SMTP_PORT": "65536"}, "n’est pas un port"),
        ({"RTES_SMTP_SECURITY": "ssl"}, "« starttls », « tls » ou « aucune »"),
        ({"RTES_SMTP_SECURITY": "aucune"}, "voyagerait en clair"),
        ({"RTES_SMTP_PASSWORD_FILE": "rien.secret"}, "manque ou est vide"),
        ({"RTES_SMTP_PASSWORD_FILE": ""}, "sans mot de passe"),
    ],
)
def test_a_mail_server_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "smtp.secret", "un secret")
    assert read_settings({**MAIL, "RTES_DATA": str(tmp_path / "data")}).mail is not None
    with pytest.raises(SettingsError, match=says):
        read_settings({**MAIL, "RTES_DATA": str(tmp_path / "data"), **changed})


def test_the_password_of_the_mail_server_is_shown_nowhere(tmp_path: Path) -> None:
    write(tmp_path / "smtp.secret", "hunter2\n")
    mail = {name: value for name, value in MAIL.items() if name != "RTES_SMTP_PASSWORD_FILE"}
    settings = read_settings({**mail, "RTES_DATA": str(tmp_path)})
    assert settings.mail is not None
    assert settings.mail.password == "hunter2"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("value", ["240/minute", "aucune", "beaucoup"])
def test_the_old_rate_limit_is_a_warning_that_names_what_replaces_it(tmp_path: Path, value: str) -> None:
    file = write(tmp_path / "archive.env", f"RTES_RATE_LIMIT={value}\nRTES_SITE_NAME=Fichier\n")
    settings = read_settings({}, file=file)
    (warning,) = settings.warnings
    assert warning.startswith(f"RTES_RATE_LIMIT ({file}, ligne 1) n’a plus d’effet")
    assert "limit_req" in warning
    assert replace(settings, warnings=(), file=None) == read_settings({"RTES_SITE_NAME": "Fichier"})
    assert read_settings({"RTES_RATE_LIMIT": ""}).warnings == ()


def test_a_retired_name_is_no_setting_and_nobody_is_led_to_it() -> None:
    assert not set(RETIRED) & {setting.variable for setting in SETTINGS}
    with pytest.raises(SettingsError) as caught:
        read_settings({"RTES_RATELIMIT": "1"})
    assert not any(name in str(caught.value) for name in RETIRED)


@pytest.mark.parametrize(("value", "count"), [("", 0), ("0", 0), ("1", 1), (" 2 ", 2)])
def test_proxies(value: str, count: int) -> None:
    assert read_settings({"RTES_PROXY": value}).proxies == count


@pytest.mark.parametrize("value", ["oui", "-1", "6", "127.0.0.1", "²"])
def test_proxies_that_make_no_sense(value: str) -> None:
    with pytest.raises(SettingsError, match="RTES_PROXY"):
        read_settings({"RTES_PROXY": value})


@pytest.mark.parametrize("value", ["tous, exemple.fr", ","])
def test_any_name_stands_alone(value: str) -> None:
    with pytest.raises(SettingsError, match="« tous »"):
        read_settings({"RTES_HOSTS": value})


def test_hosts() -> None:
    names = read_settings({"RTES_HOSTS": "Archives.exemple.fr, .reseau.fr 127.0.0.1"}).hosts
    assert names == ("archives.exemple.fr", ".reseau.fr", "127.0.0.1")
    assert read_settings({}).hosts == ()


@pytest.mark.parametrize(
    "value", ["https://exemple.fr", "exemple.fr:8000", "exemple.fr/", "*", "[::1]", "*.exemple.fr", "a..b"]
)
def test_hosts_that_make_no_sense(value: str) -> None:
    with pytest.raises(SettingsError, match="RTES_HOSTS"):
        read_settings({"RTES_HOSTS": value})
