"""Settings of the log of searches, the audit log and single sign-on."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import SettingsError
from search_app.settings import SETTINGS, SignOn, read_settings
from tests.support.places import CHECKOUT

WHOLE = {
    "RTES_OIDC_ISSUER": "https://compte.exemple.fr/realms/reseau",
    "RTES_OIDC_CLIENT_ID": "archives",
    "RTES_OIDC_CLIENT_SECRET": "secret",
    "RTES_OIDC_MEMBER_VALUES": " adherent, ami ,",
    "RTES_OIDC_STAFF_VALUES": "equipe",
}


def test_off_by_default() -> None:
    assert read_settings({}).sign_on is None
    assert read_settings({"RTES_OIDC_CLIENT_ID": "archives"}).sign_on is None


def test_whole() -> None:
    found = read_settings(WHOLE).sign_on
    assert found == SignOn(
        "https://compte.exemple.fr/realms/reseau",
        "archives",
        "secret",
        "le compte du réseau",
        "roles",
        frozenset({"adherent", "ami"}),
        frozenset({"equipe"}),
    )
    assert "'secret'" not in repr(found)


def test_the_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    environ = {name: value for name, value in WHOLE.items() if name != "RTES_OIDC_CLIENT_SECRET"}
    with pytest.raises(SettingsError, match="RTES_OIDC_CLIENT_SECRET"):
        read_settings(environ, data=str(tmp_path))
    (tmp_path / "oidc.secret").write_text("du fichier\n")
    found = read_settings(environ, data=str(tmp_path)).sign_on
    assert found is not None
    assert found.client_secret == "du fichier"
    (tmp_path / "oidc.secret").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"oidc\.secret"):
        read_settings(environ, data=str(tmp_path))


@pytest.mark.parametrize(
    "missing", ["RTES_OIDC_CLIENT_ID", "RTES_OIDC_CLIENT_SECRET", ("RTES_OIDC_MEMBER_VALUES", "RTES_OIDC_STAFF_VALUES")]
)
def test_incomplete(tmp_path: Path, missing: str | tuple[str, str]) -> None:
    names = (missing,) if isinstance(missing, str) else missing
    environ = {name: value for name, value in WHOLE.items() if name not in names}
    with pytest.raises(SettingsError, match=" ou ".join(names)):
        read_settings(environ, data=str(tmp_path))


@pytest.mark.parametrize(
    "issuer", ["http://compte.exemple.fr", "compte.exemple.fr", "https://", "https://[", "ftp://compte.exemple.fr"]
)
def test_an_issuer_that_could_be_impersonated(issuer: str) -> None:
    with pytest.raises(SettingsError, match="https"):
        read_settings({**WHOLE, "RTES_OIDC_ISSUER": issuer})


def test_on_this_machine_plain_http_will_do() -> None:
    assert read_settings({**WHOLE, "RTES_OIDC_ISSUER": "http://127.0.0.1:9400"}).sign_on is not None


@pytest.mark.parametrize(("given", "days"), [("", 90), (" 30 ", 30), ("0", 0)])
def test_days(given: str, days: int) -> None:
    assert read_settings({"RTES_SEARCH_LOG_DAYS": given}).search_log_days == days
    assert read_settings({"RTES_AUDIT_DAYS": given}).audit_days == (days if given else 365)


@pytest.mark.parametrize("given", ["-1", "un", "1.5", "99999", "²"])
def test_days_that_are_none(given: str) -> None:
    with pytest.raises(SettingsError, match="nombre de jours"):
        read_settings({"RTES_SEARCH_LOG_DAYS": given})
    with pytest.raises(SettingsError, match="RTES_AUDIT_DAYS"):
        read_settings({"RTES_AUDIT_DAYS": given})


def test_readme_lists_every_setting_with_its_default() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        default = f" `{setting.default}`" if setting.default else ""
        assert f"| `{setting.variable}` |{default} |" in readme
