"""`correct`, `withdraw` and `index --previous`: what is published, printed and refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from indexer.errors import IndexBusyError
from indexer.pipeline.indexing import index_corpus

EPICERIE, CHARTE = "Monter une épicerie solidaire", "Charte des achats"


@pytest.fixture
def ids(indexed: Any, cli: Callable[..., Any]) -> dict[str, str]:
    """The id of each resource, by title."""
    hits = cli("search", "--as", "staff", "--json").json["hits"]
    return {hit["title"]: hit["id"] for hit in hits}


def titles(cli: Callable[..., Any], audience: str = "visitor") -> set[str]:
    return {hit["title"] for hit in cli("search", "--as", audience, "--json").json["hits"]}


def test_correct_publishes_at_once(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    options = ("--type", "Fiche", "--year", "2019", "--theme", "Économie", "--theme", "Alimentation")
    done = cli("correct", ids[EPICERIE], *options, "--json")
    assert done.status == 0
    assert done.json["changed"] == ["type", "year", "theme"]
    assert done.json["correction"] == {"type": "Fiche", "year": 2019, "theme": ["Alimentation", "Économie"]}
    assert done.json["index"]["updated"] == 1
    hit = cli("search", "épicerie", "--json").json["hits"][0]
    assert (hit["type"], hit["year"], hit["year_source"]) == ("Fiche", 2019, "staff")
    assert hit["themes"] == ["Alimentation", "Économie"]


def test_none_and_clear(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    cli("correct", ids[EPICERIE], "--type", "none", "--year", "none", "--theme", "none")
    hit = cli("search", "épicerie", "--json").json["hits"][0]
    assert (hit["type"], hit["year"], hit["year_source"], hit["themes"]) == (None, None, None, [])
    cleared = cli("correct", ids[EPICERIE], "--clear", "type", "--clear", "year", "--clear", "theme", "--json")
    assert cleared.json["correction"] == {}
    hit = cli("search", "épicerie", "--json").json["hits"][0]
    assert (hit["type"], hit["year"], hit["themes"]) == ("Guide", 2021, ["Alimentation"])


def test_an_address_that_another_resource_has_is_told(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    assert cli("correct", ids[CHARTE], "--address", "https://ailleurs.example/charte", "--later").status == 0
    done = cli("correct", ids[EPICERIE], "--address", "https://www.ailleurs.example/charte", "--later")
    assert done.status == 0
    assert f"Une autre ressource a déjà cette adresse : « {CHARTE} »." in done.err


def test_an_address_is_corrected_without_an_index(indexed: Any, cli: Callable[..., Any], ids: dict[str, str]) -> None:
    assert cli("correct", ids[CHARTE], "--address", "https://ailleurs.example/charte", "--later").status == 0
    shutil.rmtree(indexed.folder / "index")
    done = cli("correct", ids[EPICERIE], "--address", "https://ailleurs.example/charte", "--later")
    assert (done.status, done.out.count("https://ailleurs.example/charte")) == (0, 1)


def test_title_summary_date_and_address(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    options = ("--title", "Une épicerie à soi", "--summary", "En bref.", "--date", "2019-02", "--address", "none")
    done = cli("correct", ids[EPICERIE], *options, "--json")
    assert done.json["correction"] == {
        "title": "Une épicerie à soi",
        "summary": "En bref.",
        "date": "2019-02",
        "address": None,
    }
    hit = cli("search", "soi", "--json").json["hits"][0]
    assert (hit["title"], hit["date"], hit["year"], hit["url"]) == ("Une épicerie à soi", "2019-02", 2019, None)
    refused = cli("correct", ids[EPICERIE], "--address", "ftp://a.example/")
    assert (refused.status, "https://" in refused.err) == (1, True)


def test_privacy_both_ways(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    cli("correct", ids[EPICERIE], "--private", "oui")
    assert EPICERIE not in titles(cli)
    cli("correct", ids[CHARTE], "--private", "non")
    assert CHARTE in titles(cli)


def test_later_leaves_it_to_the_next_run(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    done = cli("correct", ids[EPICERIE], "--type", "Fiche", "--later")
    assert "prochaine indexation" in done.err
    assert cli("search", "épicerie", "--json").json["hits"][0]["type"] == "Guide"
    assert cli("index", "--json").json["updated"] == 1


def test_without_options_it_shows_what_is_corrected(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    assert "ses pages ont la parole" in cli("correct", ids[EPICERIE]).out
    cli("correct", ids[EPICERIE], "--private", "oui", "--year", "none")
    shown = cli("correct", ids[EPICERIE])
    assert shown.status == 0
    assert EPICERIE in shown.out
    assert "private : oui" in shown.out
    assert "year : none" in shown.out


def test_withdraw_and_undo(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    gone = cli("withdraw", ids[EPICERIE], "--json")
    assert (gone.json["title"], gone.json["correction"], gone.json["index"]["removed"]) == (
        EPICERIE,
        {"withdrawn": True},
        1,
    )
    cli("index", "--full")
    assert EPICERIE not in titles(cli) | titles(cli, "staff")
    back = cli("withdraw", ids[EPICERIE], "--undo", "--json")
    assert (back.json["title"], back.json["correction"]) == (EPICERIE, {})
    assert EPICERIE in titles(cli)


def test_twice_the_same_is_said(cli: Callable[..., Any], ids: dict[str, str]) -> None:
    cli("withdraw", ids[EPICERIE])
    again = cli("withdraw", ids[EPICERIE])
    assert again.status == 0
    assert "déjà" in again.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--year", "20l4"), 2, "20l4"),
        (("--year", "0007"), 1, "7 n’est pas une année possible"),
        (("--type", ""), 1, "Un type"),
        (("--theme", "…"), 1, "Un thème"),
        (("--private", "peut-être"), 2, "peut-être"),
        (("--clear", "titre"), 2, "titre"),
        (("--type", "Fiche", "--clear", "type"), 2, "ne va pas avec"),
        (("--private", "oui", "--later"), 2, "tout de suite"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_refused_changes_nothing(
    cli: Callable[..., Any], ids: dict[str, str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    refused = cli("correct", ids[EPICERIE], *arguments)
    assert refused.status == status
    assert said in refused.err
    assert cli("correct", ids[EPICERIE], "--json").json["correction"] == {}


@pytest.mark.parametrize("command", ["correct", "withdraw"])
def test_an_unknown_resource(cli: Callable[..., Any], indexed: Any, command: str) -> None:
    unknown = cli(command, "rien-de-tel")
    assert unknown.status == 1
    assert "rien-de-tel" in unknown.err
    assert unknown.out == ""


def test_a_correction_waits_for_the_run_at_work(
    cli: Callable[..., Any], ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter([True, False])

    def busy_once(*args: Any, **options: Any) -> Any:
        if next(calls):
            raise IndexBusyError("occupé")
        return index_corpus(*args, **options)

    monkeypatch.setattr("search_app.cli.corrections.index_corpus", busy_once)
    done = cli("correct", ids[EPICERIE], "--private", "oui")
    assert done.status == 0
    assert "en cours" in done.err
    assert EPICERIE not in titles(cli)


def test_previous(cli: Callable[..., Any], indexed: Any, ids: dict[str, str]) -> None:
    cli("correct", ids[EPICERIE], "--type", "Fiche")
    cli("withdraw", ids[CHARTE])
    went = cli("index", "--previous", "--json")
    assert went.status == 0
    assert went.json["kept_back"] == [ids[CHARTE]]
    assert went.json["kept"] == [{"id": ids[CHARTE], "title": CHARTE}]
    assert "Retour de la génération 000003 à la 000002" in went.err
    assert CHARTE not in titles(cli, "staff")
    cli("index", "--previous")
    assert cli("search", "épicerie", "--json").json["hits"][0]["type"] == "Fiche"


def test_previous_without_one(cli: Callable[..., Any], indexed: Any) -> None:
    assert cli("index", "--previous").status == 1
    assert cli("index", "--previous", "--full").status == 2
