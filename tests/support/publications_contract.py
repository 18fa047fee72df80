"""Publications: tests of publications that every engine must pass; part of the contract of engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.engine import Engine
from indexer.query import FORMATS, MAX_PAGE_HITS, MAX_PASSAGES, Hit, PageHit
from tests.support.engines import MEMBER, VISITOR, ask, counts, found, listed, private, resource, selected
from tests.support.published import Published, publish, published

GUIDE = published(
    resource("Guide des communes", "La mairie ouvre ses dossiers.", id="guide"),
    [
        "= Guide pratique\nUn marché de plein vent réunit les maraîchers de la vallée.\n= 1",
        "= Guide pratique\nLes régies de quartier emploient des habitants. Le marché y tient une place.\n= 2",
        "= Guide pratique\nLe compostage collectif se fait au pied des immeubles ; le marché, le marché encore.\n= 3",
        "",
        "= Guide pratique\nLa suite du compostage collectif demande une\n= 5",
        "= Guide pratique\nassociation foncière pastorale, que la commune rejoint.\n= 6",
    ],
    ["Une annexe sur les fours banals.", "Le marché des producteurs."],
    formats=("pdf", "docx"),
    labels=("i", "ii", None, None, None, None),
)
NOTE = resource("Note sur les maraîchers", "Rien d’autre.", id="note")


def only(engine: Engine, query: str, **filters: object) -> Hit:
    """Return the only hit of a search."""
    (hit,) = ask(engine, query, **filters).hits
    return hit


def numbers(pages: tuple[PageHit, ...]) -> list[tuple[int, int]]:
    """Return the number of the publication and the number of the page, for each page."""
    return [(page.document, page.page) for page in pages]


def passage(page: PageHit) -> str:
    return "".join(piece.text for piece in page.snippet)


def highlighted(page: PageHit) -> list[str]:
    return [piece.text for piece in page.snippet if piece.matched]


class Publications:
    """Tests of resources with publications."""

    @pytest.fixture
    def shelf(self, engine: Engine) -> Engine:
        publish(engine, GUIDE, NOTE)
        return engine

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ("compostage", {"guide"}),
            ("publication:compostage", {"guide"}),
            ("publication:mairie", set()),
            ("texte:compostage", set()),
            ("maraîchers", {"guide", "note"}),
            ("maraîchers ET fours", {"guide"}),  # on pages of two publications
            ("mairie ET compostage", {"guide"}),
            ("maraîchers SAUF fours", {"note"}),
            ("compost*", {"guide"}),
            ("publication:fonci*", {"guide"}),
            ("publication:p?storale", {"guide"}),
            ('"une association foncière"', {"guide"}),  # crosses two pages
            ('"commune rejoint une"', set()),  # does not cross two publications
            ('"rejoint une annexe"', set()),
            ('"rejoint annexe"~100', set()),
            ('publication:"régies de quartier"', {"guide"}),
            ("(publication:fours OU titre:note)", {"guide", "note"}),
        ],
    )
    def test_words_of_publications_are_found(self, shelf: Engine, query: str, ids: set[str]) -> None:
        assert found(shelf, query) == ids

    def test_a_title_comes_first(self, shelf: Engine) -> None:
        assert listed(shelf, "maraîchers") == ["note", "guide"]

    @pytest.mark.parametrize(
        ("query", "pages", "total"),
        [
            ("marché", [(1, 3), (2, 2), (1, 1)], 4),
            ("régies", [(1, 2)], 1),
            ("marché régies", [(1, 2), (1, 3), (2, 2)], 4),
            ('"une association"', [(1, 5)], 1),
            ("mairie", [], 0),
            ("titre:guide", [], 0),
            ("compost*", [(1, 3), (1, 5)], 2),
            ("-fours marché", [], 0),
            ("", [], 0),
        ],
    )
    def test_the_best_pages(self, shelf: Engine, query: str, pages: list[tuple[int, int]], total: int) -> None:
        hits = {hit.id: hit for hit in ask(shelf, query).hits}
        if "guide" in hits:
            assert numbers(hits["guide"].pages) == pages
            assert hits["guide"].pages_total == total
            assert len(hits["guide"].pages) <= MAX_PAGE_HITS
        else:
            assert not pages
        assert all(not hit.pages and not hit.pages_total for key, hit in hits.items() if key != "guide")

    def test_pages_have_their_label(self, shelf: Engine) -> None:
        (page,) = only(shelf, "régies").pages
        assert (page.label, page.page) == ("ii", 2)
        (page,) = only(shelf, "pastorale").pages
        assert page.label is None

    def test_passages_mark_what_was_asked(self, shelf: Engine) -> None:
        (page,) = only(shelf, "régies").pages
        assert passage(page).startswith("Les régies de quartier")
        assert highlighted(page) == ["régies"]
        (page,) = only(shelf, '"une association"').pages
        assert highlighted(page) == ["une"]  # the rest stands on the next page
        first, _ = only(shelf, "compost*").pages
        assert highlighted(first) == ["compostage"]

    def test_running_lines_are_found_but_never_shown(self, shelf: Engine) -> None:
        hit = only(shelf, "pratique")
        assert hit.pages_total == 5
        assert numbers(hit.pages) == [(1, 5), (1, 6), (1, 1)]
        for page in hit.pages:
            assert "pratique" not in passage(page)
            assert highlighted(page) == []

    def test_a_hyphen_that_may_belong_to_the_word(self, engine: Engine) -> None:
        publish(engine, published(resource("Plan", id="plan"), ["Les arrière-\u00adboutiques et le moni-\u00adteur."]))
        for query, words in (
            ("arrière-boutiques", ["arrière", "boutiques"]),
            ("moniteur", ["moni", "teur"]),
            ("monit*", ["moni", "teur"]),
        ):
            (page,) = only(engine, query).pages
            assert highlighted(page) == words
            assert passage(page) == "Les arrière-boutiques et le moni-teur."

    def test_without_snippets_pages_are_numbers(self, shelf: Engine) -> None:
        hit = only(shelf, "régies", snippets=False)
        assert hit.pages == (PageHit(1, 2, "ii", ()),)

    def test_a_hit_by_its_publication_alone_keeps_its_own_snippet(self, shelf: Engine) -> None:
        assert "".join(piece.text for piece in only(shelf, "régies").snippet) == "La mairie ouvre ses dossiers."

    def test_the_best_page_counts_not_their_number(self, engine: Engine) -> None:
        filler = " et la suite du rapport" * 8
        many = published(resource("Rapport long", id="many"), [f"Une friche{filler}." for _ in range(30)])
        dense = published(resource("Rapport bref", id="dense"), [f"Une friche, puis une friche{filler}."])
        publish(engine, many, dense)
        assert listed(engine, "friche") == ["dense", "many"]
        one = published(resource("Rapport long", id="many"), [f"Une friche{filler}."])
        before = {hit.id: hit.score for hit in ask(engine, "friche").hits}
        publish(engine, one)
        assert {hit.id: hit.score for hit in ask(engine, "friche").hits} == before

    def test_a_long_publication_is_found_at_its_end(self, engine: Engine) -> None:
        pages = ["mot " * 1_500 for _ in range(150)]
        pages[-1] += "la pastèque bleue"
        publish(engine, published(resource("Long", id="long"), pages))
        hit = only(engine, '"pastèque bleue"')
        assert numbers(hit.pages) == [(1, 150)]
        assert highlighted(hit.pages[0]) == ["pastèque", "bleue"]

    def test_words_of_publications_are_not_corrected(self, engine: Engine) -> None:
        publish(
            engine, published(resource("Un marché", id="a"), ["Le marchés du marchet."]), resource("Marcher", id="b")
        )
        response = ask(engine, "marchet")
        assert (response.did_you_mean, [hit.id for hit in response.hits]) == (None, ["a"])
        assert ask(engine, "marcheet").did_you_mean == "marchet"

    def test_titles_of_publications_are_completed_their_text_is_not(self, engine: Engine) -> None:
        publish(
            engine,
            published(
                resource("Un guide", id="a"), ["Le glanage en ville. Le glanage en ville."], title="Jardins\nau nord"
            ),
        )
        assert engine.suggest("jard", audience=VISITOR) == ("Jardins au nord",)
        assert engine.suggest("glan", audience=VISITOR) == ()


class PagesOfOneResource:
    """Tests of the search inside of a resource's publications."""

    @pytest.fixture
    def shelf(self, engine: Engine) -> Engine:
        publish(engine, GUIDE, NOTE)
        return engine

    @pytest.mark.parametrize(
        ("query", "document", "pages"),
        [
            ("marché", None, [(1, 1), (1, 2), (1, 3), (2, 2)]),
            ("marché", 1, [(1, 1), (1, 2), (1, 3)]),
            ("marché", 2, [(2, 2)]),
            ("marché", 3, []),
            ("régies marché introuvable", 1, [(1, 1), (1, 2), (1, 3)]),
            ("publication:marché", 2, [(2, 2)]),
            ("titre:marché", 2, []),
            ('"compostage collectif"', None, [(1, 3), (1, 5)]),
            ("compost* OU fours", None, [(1, 3), (1, 5), (2, 1)]),
            ("régies-pastorale", None, [(1, 2), (1, 6)]),  # a compound that nothing holds, by its parts
            ("-marché", None, []),
            ("introuvable", None, []),
            ("", None, []),
        ],
    )
    def test_every_page_that_answers(
        self, shelf: Engine, query: str, document: int | None, pages: list[tuple[int, int]]
    ) -> None:
        answering = shelf.pages("guide", query, audience=VISITOR, document=document)
        assert numbers(answering) == pages
        assert all(highlighted(page) for page in answering)
        bare = shelf.pages("guide", query, audience=VISITOR, document=document, snippets=False)
        assert bare == tuple(page._replace(snippet=()) for page in answering)

    def test_the_first_of_many_carry_passages(self, engine: Engine) -> None:
        pages = [f"Le compostage de la page {number}." for number in range(MAX_PASSAGES + 5)]
        publish(engine, published(resource("Longue étude", "Un texte.", id="long"), pages))
        answering = engine.pages("long", "compostage", audience=VISITOR)
        assert numbers(answering) == [(1, number) for number in range(1, MAX_PASSAGES + 6)]
        assert [highlighted(page) for page in answering] == [["compostage"]] * MAX_PASSAGES + [[]] * 5
        assert answering[-1].snippet == ()

    def test_of_a_resource_without_any(self, shelf: Engine) -> None:
        assert shelf.pages("note", "maraîchers", audience=VISITOR) == ()
        assert shelf.pages("nothing", "maraîchers", audience=VISITOR) == ()


class PublicationFilters:
    """Tests of the filters and facets on publications."""

    @pytest.fixture
    def filed_shelf(self, engine: Engine) -> Engine:
        odt = published(resource("Règlement", "Un marché.", id="odt", type="Fiche"), ["Un texte."], formats=("odt",))
        other = published(resource("Vieux marché", id="other", type="Étude"), ["Un texte."], formats=("doc",))
        publish(engine, GUIDE, NOTE, odt, other)
        return engine

    def test_with_and_without(self, filed_shelf: Engine) -> None:
        assert found(filed_shelf, with_publication=True) == {"guide", "odt", "other"}
        assert found(filed_shelf, with_publication=False) == {"note"}
        assert found(filed_shelf, "marché", with_publication=False) == set()

    def test_by_format(self, filed_shelf: Engine) -> None:
        assert found(filed_shelf, formats=(FORMATS["docx"],)) == {"guide"}
        assert found(filed_shelf, formats=(FORMATS["odt"], FORMATS["pdf"])) == {"guide", "odt"}
        assert found(filed_shelf, formats=(FORMATS["pptx"],)) == set()
        assert found(filed_shelf, formats=("text/x-unknown",)) == set()

    def test_facets_honour_each_other(self, filed_shelf: Engine) -> None:
        facets = ask(filed_shelf).facets
        assert counts(facets.publication) == {"oui": 3, "non": 1}
        assert counts(facets.format) == {"pdf": 1, "docx": 1, "odt": 1}
        facets = ask(filed_shelf, with_publication=False, types=("Fiche",)).facets
        assert counts(facets.publication) == {"oui": 1, "non": 0}
        assert selected(facets.publication) == {"non"}
        assert counts(facets.type) == {"none": 1, "Fiche": 0}
        facets = ask(filed_shelf, formats=(FORMATS["odt"],)).facets
        assert counts(facets.format) == {"pdf": 1, "docx": 1, "odt": 1}
        assert selected(facets.format) == {"odt"}
        assert counts(facets.type) == {"Fiche": 1}
        assert counts(facets.publication) == {"oui": 1}

    def test_nothing_to_filter(self, engine: Engine) -> None:
        publish(engine, NOTE)
        facets = ask(engine).facets
        assert (facets.publication, facets.format) == ((), ())
        assert counts(ask(engine, with_publication=True).facets.publication) == {"oui": 0, "non": 1}
        assert counts(ask(engine, formats=(FORMATS["pdf"],)).facets.format) == {"pdf": 0}


SECRET = published(
    private("Dossier réservé", "Un texte réservé.", id="secret"),
    ["Une page secrète sur la pisciculture et les maraîchers."],
    formats=("pptx",),
    title="Pisciculture en vallée",
)


class PrivatePublications:
    """Tests of what visitors learn of publications of private resources: nothing."""

    @pytest.fixture
    def private_shelf(self, engine: Engine) -> Engine:
        publish(engine, GUIDE, NOTE, SECRET)
        return engine

    def test_members_find_them(self, private_shelf: Engine) -> None:
        assert numbers(only(private_shelf, "pisciculture", audience=MEMBER).pages) == [(1, 1)]
        assert numbers(private_shelf.pages("secret", "pisciculture", audience=MEMBER)) == [(1, 1)]
        assert private_shelf.suggest("pisci", audience=MEMBER) == ("Pisciculture en vallée",)
        assert counts(ask(private_shelf, audience=MEMBER).facets.format) == {"pdf": 1, "docx": 1, "pptx": 1}

    def test_visitors_do_not(self, private_shelf: Engine) -> None:
        assert found(private_shelf, "pisciculture") == set()
        assert found(private_shelf, formats=(FORMATS["pptx"],)) == set()
        assert private_shelf.pages("secret", "pisciculture", audience=VISITOR) == ()
        assert private_shelf.suggest("pisci", audience=VISITOR) == ()
        assert ask(private_shelf, "pisciculturre").did_you_mean is None

    @pytest.mark.parametrize(
        "query", ["", "maraîchers", "marché", '"compostage collectif"', "compost*", "pisciculture"]
    )
    def test_a_visitor_s_answers_are_those_without_them(
        self, private_shelf: Engine, engine: Engine, query: str
    ) -> None:
        before = ask(private_shelf, query)
        publish(engine, GUIDE, NOTE, fresh=True)
        after = ask(engine, query)
        assert (before.hits, before.facets, before.total) == (after.hits, after.facets, after.total)

    def test_a_resource_turns_private(self, private_shelf: Engine) -> None:
        publish(private_shelf, Published(replace(GUIDE.resource, private=True), GUIDE.texts))
        assert found(private_shelf, "compostage") == set()
        assert found(private_shelf, "compostage", audience=MEMBER) == {"guide"}
        assert private_shelf.pages("guide", "compostage", audience=VISITOR) == ()
        publish(private_shelf, private("Guide des communes", id="guide"))
        assert found(private_shelf, "compostage", audience=MEMBER) == set()

    def test_publications_are_replaced_and_removed(self, private_shelf: Engine) -> None:
        publish(private_shelf, published(GUIDE.resource, ["Une ferme pédagogique."]))
        assert found(private_shelf, "compostage") == set()
        assert numbers(only(private_shelf, "ferme").pages) == [(1, 1)]
        with private_shelf.writer(fresh=False) as writer:
            writer.remove("guide")
        assert found(private_shelf, "ferme") == set()
        assert private_shelf.pages("guide", "ferme", audience=MEMBER) == ()


class PublicationContract(Publications, PagesOfOneResource, PublicationFilters, PrivatePublications):
    """All tests of publications that an engine must pass."""
