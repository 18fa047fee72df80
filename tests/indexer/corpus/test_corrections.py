"""Corrections by staff override pages, and are kept through imports, full runs and rollbacks."""

from __future__ import annotations

import datetime

import pytest

from indexer.corpus.corrections import CORRECTIONS, FIRST_YEAR, Correction, Field
from indexer.corpus.store import Corpus
from indexer.errors import CorpusError, CorrectionError, IndexBusyError, IndexMissingError
from indexer.pipeline.correcting import corrections_of
from indexer.pipeline.rollback import roll_back
from indexer.resource import Audience, Resource, YearSource
from indexer.storage.locks import wait_until_free
from tests.support.archive import Archive, Models, page

EPICERIE, REGIE, CHARTE = "Monter une épicerie solidaire", "Ouvrir une régie de quartier", "Charte des achats"


def _three(archive: Archive) -> None:
    archive.put("s/epicerie.html", page(EPICERIE, theme="Alimentation", published="3 mars 2021"))
    archive.put("s/regie.html", page(REGIE, theme="Ruralité"))
    archive.put("s/charte.html", page(CHARTE, private="Oui"))
    archive.index()


@pytest.fixture
def three(archive: Archive, models: Models) -> Archive:
    """Two public resources and a private one, indexed."""
    return models.copy(_three, archive)


def resource(archive: Archive, title: str) -> Resource:
    return archive.resources()[archive.ids()[title]]


def test_each_field_is_corrected_and_its_pages_are_not_touched(three: Archive) -> None:
    before = three.corpus_files()
    three.correct(EPICERIE, type="Fiche", year=2019, themes=("Économie", "Alimentation"), private=True)
    report = three.index()
    assert (report.added, report.updated, report.removed) == (0, 1, 0)
    found = resource(three, EPICERIE)
    assert (found.type, found.year, found.year_source) == ("Fiche", 2019, YearSource.STAFF)
    assert (found.themes, found.private, found.date) == (("Alimentation", "Économie"), True, "2019")
    assert three.corpus_files() == before


def test_the_date_or_the_year_that_was_corrected_last_decides_about_both(three: Archive) -> None:
    known = three.ids()[EPICERIE]
    three.correct(EPICERIE, year=2019)
    assert three.correct(EPICERIE, date="2020-05") == (Field.YEAR, Field.DATE)
    assert corrections_of(three.settings).get(known) == Correction(date="2020-05")
    three.index()
    assert (resource(three, EPICERIE).date, resource(three, EPICERIE).year) == ("2020-05", 2020)
    assert three.correct(EPICERIE, year=2020) == (Field.YEAR,)
    three.correct(EPICERIE, year=2001)
    assert corrections_of(three.settings).get(known) == Correction(year=2001)
    three.correct(EPICERIE, date=None)
    assert corrections_of(three.settings).get(known) == Correction(date=None)
    three.index()
    assert (resource(three, EPICERIE).date, resource(three, EPICERIE).year) == (None, None)
    with pytest.raises(CorrectionError, match="s’accordent"):
        three.correct(EPICERIE, date="2020-05", year=2019)


def test_a_corrected_title_survives_a_new_import_and_keeps_the_id(three: Archive) -> None:
    known = three.ids()[EPICERIE]
    three.correct(EPICERIE, title="Une épicerie à soi", summary=None, address="https://reseau.example/neuve")
    three.put("s/epicerie.html", page(EPICERIE, theme="Alimentation", body="Un tout autre texte."))
    three.index()
    found = three.resources()[known]
    assert (found.title, found.url) == ("Une épicerie à soi", "https://reseau.example/neuve")
    three.correct(known, clear=(Field.TITLE, Field.ADDRESS))
    three.index()
    assert three.ids()[EPICERIE] == known


def test_a_year_that_the_page_confirms_keeps_its_date(three: Archive) -> None:
    three.correct(EPICERIE, year=2021)
    three.index()
    assert resource(three, EPICERIE).date == "2021-03-03"


def test_corrected_to_nothing_is_not_the_same_as_not_corrected(three: Archive) -> None:
    three.correct(EPICERIE, type=None, year=None, themes=())
    three.index()
    found = resource(three, EPICERIE)
    assert (found.type, found.year, found.year_source, found.date, found.themes) == (None, None, None, None, ())
    three.correct(EPICERIE, clear=(Field.TYPE, Field.YEAR, Field.THEMES))
    three.index()
    found = resource(three, EPICERIE)
    assert (found.type, found.year, found.year_source) == ("Guide", 2021, YearSource.PAGE)
    assert found.themes == ("Alimentation",)


def test_a_correction_survives_a_new_import_and_a_full_run(three: Archive) -> None:
    three.correct(EPICERIE, type="Fiche")
    three.put("s/epicerie.html", page(EPICERIE, theme="Alimentation", body="Un tout autre texte."))
    three.index()
    assert resource(three, EPICERIE).type == "Fiche"
    three.index(full=True)
    found = resource(three, EPICERIE)
    assert (found.type, found.body) == ("Fiche", "Un tout autre texte.")


def test_a_withdrawn_resource_stays_out_of_both_indexes_until_undone(three: Archive) -> None:
    known = three.ids()[EPICERIE]
    three.correct(EPICERIE, withdrawn=True)
    assert three.index().removed == 1
    three.put("s/epicerie.html", page(EPICERIE, theme="Alimentation", body="Un tout autre texte."))
    three.index()
    three.index(full=True)
    for audience in Audience:
        assert EPICERIE not in three.ids(audience)
        assert three.search("épicerie", audience).total == 0
    three.correct(known, clear=(Field.WITHDRAWN,))
    three.index()
    assert three.ids()[EPICERIE] == known


def test_making_private_leaves_nothing_in_the_public_index(three: Archive) -> None:
    three.correct(EPICERIE, private=True)
    three.index()
    assert three.search("épicerie", Audience.VISITOR).total == 0
    assert three.search("épicerie", Audience.MEMBER).total == 1


def test_a_private_resource_becomes_public_only_when_told_so(three: Archive) -> None:
    three.correct(CHARTE, type="Fiche", year=2020)
    three.index()
    assert CHARTE not in three.ids(Audience.VISITOR)
    three.correct(CHARTE, private=False)
    three.index()
    assert CHARTE in three.ids(Audience.VISITOR)


def test_only_what_changed_is_written_again(three: Archive) -> None:
    assert three.correct(REGIE, type="Fiche") == (Field.TYPE,)
    assert three.index().updated == 1
    assert three.correct(REGIE, type="Fiche") == ()
    assert not three.index().switched


def test_the_history_tells_who_and_when(three: Archive) -> None:
    known = three.ids()[REGIE]
    three.correct(REGIE, type="Fiche")
    three.correct(REGIE, clear=(Field.TYPE,))
    undone, done = corrections_of(three.settings).history(known)
    assert (done.actor, done.title, done.field, done.before, done.after) == ("essai", REGIE, "type", None, '"Fiche"')
    assert (undone.before, undone.after) == ('"Fiche"', None)
    assert datetime.datetime.fromisoformat(done.at).tzinfo is not None


@pytest.mark.parametrize(
    "values",
    [
        {"type": " "},
        {"type": "x" * 200},
        {"year": FIRST_YEAR - 1},
        {"year": datetime.date.today().year + 20},
        {"themes": ("Économie", "…")},
    ],
    ids=str,
)
def test_a_value_that_makes_no_sense_changes_nothing(three: Archive, values: dict[str, object]) -> None:
    with pytest.raises(CorrectionError):
        three.correct(REGIE, **values)
    assert corrections_of(three.settings).all() == {}


def test_what_does_not_exist_is_not_corrected(three: Archive) -> None:
    with pytest.raises(CorrectionError, match="rien-de-tel"):
        three.correct("rien-de-tel", type="Fiche")


def test_texts_are_kept_clean(three: Archive) -> None:
    three.correct(REGIE, type="  Fiche\u0000  de  cas ", themes=("E\u0301conomie", "économie"))
    held = corrections_of(three.settings).get(three.ids()[REGIE])
    assert held == Correction(type="Fiche de cas", themes=("économie",))


# Damage


def test_damaged_corrections_stop_the_run_rather_than_publish(three: Archive) -> None:
    three.correct(EPICERIE, private=True)
    three.index()
    (three.settings.corpus / CORRECTIONS).write_bytes(b"ce n'est pas une base" * 100)
    with pytest.raises(CorpusError, match="corrections"):
        three.index(full=True)
    assert EPICERIE not in three.ids(Audience.VISITOR)


# Themes


def test_a_renamed_theme_writes_again_its_own_resources_alone(three: Archive) -> None:
    corrections_of(three.settings).rename_theme("ALIMENTATION", "Bien manger", actor="essai")
    report = three.index()
    assert (report.added, report.updated) == (0, 1)
    assert resource(three, EPICERIE).themes == ("Bien manger",)
    assert not three.index().switched
    corrections_of(three.settings).restore_theme("alimentation", actor="essai")
    three.index()
    assert resource(three, EPICERIE).themes == ("Alimentation",)


def test_themes_merge_and_names_never_chain(three: Archive) -> None:
    corrections = corrections_of(three.settings)
    corrections.rename_theme("Alimentation", "Ruralité", actor="essai")
    three.index()
    assert resource(three, EPICERIE).themes == resource(three, REGIE).themes == ("Ruralité",)
    corrections.rename_theme("Ruralité", "Campagnes", actor="essai")
    three.index()
    assert resource(three, EPICERIE).themes == resource(three, REGIE).themes == ("Campagnes",)
    corrections.rename_theme("Campagnes", "Alimentation", actor="essai")
    three.index()
    assert resource(three, EPICERIE).themes == resource(three, REGIE).themes == ("Alimentation",)


def test_a_renamed_theme_holds_for_pages_that_come_later(three: Archive) -> None:
    corrections_of(three.settings).rename_theme("Ruralité", "Campagnes", actor="essai")
    three.put("s/ferme.html", page("Reprendre une ferme", theme=("ruralité", "Campagnes")))
    three.index()
    assert resource(three, "Reprendre une ferme").themes == ("Campagnes",)


@pytest.mark.parametrize(("theme", "name"), [("", "Ruralité"), ("Ruralité", " ? "), ("Ruralité", "x" * 200)])
def test_a_theme_needs_words(three: Archive, theme: str, name: str) -> None:
    with pytest.raises(CorrectionError):
        corrections_of(three.settings).rename_theme(theme, name, actor="essai")
    assert corrections_of(three.settings).renames() == {}


# Rollback


def back(archive: Archive) -> tuple[str, ...]:
    with archive.engine() as engine:
        return roll_back(archive.settings, engine).kept_back


def test_going_back_and_the_run_that_redoes(three: Archive) -> None:
    before = three.ids()
    three.put("s/ferme.html", page("Reprendre une ferme"))
    three.correct(REGIE, type="Fiche")
    three.index()
    assert back(three) == ()
    assert three.ids() == before
    assert resource(three, REGIE).type == "Guide"
    again = three.index()
    assert (again.added, again.updated, again.removed) == (1, 1, 0)  # only what was undone
    assert resource(three, REGIE).type == "Fiche"
    assert not three.index().switched


def test_going_back_twice_undoes_it(three: Archive) -> None:
    three.put("s/ferme.html", page("Reprendre une ferme"))
    three.index()
    after = three.ids()
    back(three)
    back(three)
    assert three.ids() == after


def test_going_back_shows_visitors_nothing_that_was_withdrawn_or_made_private(three: Archive) -> None:
    epicerie, regie = three.ids()[EPICERIE], three.ids()[REGIE]
    three.put("s/ferme.html", page("Reprendre une ferme"))
    three.index()
    ferme = three.ids()["Reprendre une ferme"]
    three.correct(EPICERIE, withdrawn=True)
    three.correct(REGIE, private=True)
    three.put("s/ferme.html", page("Reprendre une ferme", private="Oui"))
    three.index()
    assert back(three) == tuple(sorted((epicerie, regie, ferme)))
    assert three.ids(Audience.VISITOR) == {}
    assert set(three.ids(Audience.MEMBER)) == {REGIE, CHARTE, "Reprendre une ferme"}
    three.index()
    assert three.ids(Audience.VISITOR) == {}


def test_a_privacy_correction_not_published_yet_holds_when_going_back(three: Archive) -> None:
    three.put("s/ferme.html", page("Reprendre une ferme"))
    three.index()
    three.correct(EPICERIE, private=True)
    back(three)
    assert EPICERIE not in three.ids(Audience.VISITOR)
    three.index()
    assert EPICERIE not in three.ids(Audience.VISITOR)
    assert EPICERIE in three.ids(Audience.MEMBER)


def test_there_may_be_nothing_to_go_back_to(three: Archive) -> None:
    before = three.ids()
    with pytest.raises(IndexMissingError, match="antérieure"):
        back(three)
    assert three.ids() == before


def test_a_run_waits_for_the_one_at_work_and_then_gives_up(three: Archive) -> None:
    told: list[str] = []
    corpus = Corpus(three.settings.corpus, create=False)
    with corpus.lock(), pytest.raises(IndexBusyError):
        wait_until_free(three.index, lambda: told.append("attend"), patience=0.01)
    corpus.close()
    assert told == ["attend"]
    assert not wait_until_free(three.index, lambda: told.append("attend")).switched
    assert told == ["attend"]
