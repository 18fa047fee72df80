"""EngineContract: tests that every engine must pass.

A subclass defines two fixtures: `engine` gives an empty engine to each test; `another_engine`, with scope "class",
gives a function that opens further empty engines, each of which is filled once for many tests that only read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.engine import Engine
from indexer.errors import IndexBusyError, IndexMissingError
from indexer.query import MAX_REACH, CompletionKind, FacetValue, Matching, Sort
from indexer.resource import Attachment, Audience, YearSource
from tests.support.engines import (
    MEMBER,
    STAFF,
    VISITOR,
    ask,
    counts,
    fill,
    found,
    listed,
    marked,
    private,
    published,
    resource,
    selected,
    shown,
)

LOI = resource("Loi de 2014", "La loi relative à l’économie sociale et solidaire, dite loi ESS.")
SCIC = resource("SCIC en Bretagne", "Des collectivités entrent au capital de coopératives. Un élu témoigne.")
LIEUX = resource("Tiers-lieux et marché", "Le marché du samedi anime le tiers-lieu ; les habitantes y tiennent.")
CANTINE = resource("Cantine solidaire", "L’alimentation durable des enfants. Les agent·e·s s’y forment, un peu.")
PLAIN = (LOI, SCIC, LIEUX, CANTINE)

FILED = (
    resource("un", type="Fiche", year=2024, themes=("Habitat", "Mobilité")),
    resource("deux", type="Fiche", year=2023, themes=("Habitat",)),
    resource("trois", type="Étude", year=2024, themes=("Mobilité",)),
    resource("quatre", type="Étude", year=None, themes=()),
    resource("cinq", type=None, year=2021, themes=("Achats",)),
    private("six", type="Note interne", year=2024, themes=("Gouvernance", "Habitat")),
)

SIGNS = ('"', "«", "»", "(", ")", "*", "?", "-", "+", "~5", "..", ":", "\\", "'", "·", "&", "\x00", "\ud800", "\u202e")
WORDS = ("titre:", "annee:", "theme:", "ET", "OU", "SAUF", "le", "la", "loi", "ESS", "élu·e·s", "coop*", "c*p?", "2014")
TYPED = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(SIGNS + WORDS), max_size=12).map("".join),
    st.lists(st.sampled_from(SIGNS + WORDS), max_size=12).map(" ".join),
)


class Found:
    """Tests of which resources a query finds."""

    @pytest.fixture(scope="class")
    @classmethod
    def archive(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(engine, *PLAIN)
        return engine

    @pytest.mark.parametrize("query", ["", "   ", "*"])
    def test_an_empty_query_lists_everything(self, archive: Engine, query: str) -> None:
        assert found(archive, query) == {"loi", "scic", "tiers-lieux", "cantine"}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            # Most words are enough if few resources have all of them; operators are never relaxed.
            ("loi", {"loi"}),
            ("loi solidaire", {"loi", "cantine"}),
            ("loi ET solidaire", {"loi"}),
            ("+loi +solidaire", {"loi"}),
            ("solidaire", {"loi", "cantine"}),
            ("loi Bretagne", {"loi", "scic"}),
            ("loi ET Bretagne", set()),
            ("introuvable", set()),
            # Accents, capitals, inflection, elision.
            ("marche", {"tiers-lieux"}),
            ("MARCHÉ", {"tiers-lieux"}),
            ("l'economie", {"loi"}),
            ("coopérative", {"scic"}),
            ("alimentation", {"cantine"}),
            ("élus", {"scic"}),
            # Compounds and inclusive writing.
            ("tiers lieux", {"tiers-lieux"}),
            ("tiers-lieu", {"tiers-lieux"}),
            ("agente", {"cantine"}),
            ("agents", {"cantine"}),
            ("S.C.I.C.", {"scic"}),
            # Phrases: in order, side by side, stop words counted.
            ('"sociale et solidaire"', {"loi"}),
            ('"solidaire et sociale"', set()),
            ("« marché du samedi »", {"tiers-lieux"}),
            ('"sociale solidaire"', set()),
            ('"sociale solidaire"~1', {"loi"}),
            ('"économie solidaire"~1', set()),
            ('"économie solidaire"~2', {"loi"}),
            ('"solidaire économie"~9', set()),
            ('"bretagne collectivités"~9', set()),  # distances do not extend across fields
            ('"agents se forment"', set()),
            ('"agentes s’y forment"', {"cantine"}),
            # Operators.
            ("loi OU bretagne", {"loi", "scic"}),
            ("loi OR bretagne", {"loi", "scic"}),
            ("économie ET solidaire", {"loi"}),
            ("(loi OU cantine) solidaire", {"loi", "cantine"}),
            ("solidaire SAUF cantine", {"loi"}),
            ("solidaire -cantine", {"loi"}),
            ("-solidaire", {"scic", "tiers-lieux"}),
            ("-solidaire -bretagne", {"tiers-lieux"}),
            ('-"sociale et solidaire"', {"scic", "tiers-lieux", "cantine"}),
            ("-introuvable", {"loi", "scic", "tiers-lieux", "cantine"}),
            ("bretagne OU -solidaire", {"scic", "tiers-lieux"}),
            # Prefixes and wildcards, over forms as written, accents folded.
            ("coop*", {"scic"}),
            ("econ*", {"loi"}),
            ("ÉCON*", {"loi"}),
            ("zzz*", set()),
            ("habit?nte*", {"tiers-lieux"}),
            ("c*pératives", {"scic"}),
            ("m?rché", {"tiers-lieux"}),
            ("agente*", {"cantine"}),
            ("l’écon*", {"loi"}),
            ("tiers-li*", {"tiers-lieux"}),
            ("tiers-zz*", set()),
            ("solid* -loi", {"cantine"}),
        ],
    )
    def test_query(self, archive: Engine, query: str, expected: set[str]) -> None:
        assert found(archive, query) == expected

    @pytest.mark.parametrize("query", ["de", "du le", "à", "et", "la loi de"])
    def test_stop_words_answer(self, archive: Engine, query: str) -> None:
        assert found(archive, query)

    def test_stop_words_count_when_nothing_else_is_asked(self, archive: Engine) -> None:
        assert found(archive, "un") == {"scic", "cantine"}
        assert found(archive, "un solidaire") == {"loi", "cantine"}

    def test_a_summary_that_repeats_the_body_counts_once(self, engine: Engine) -> None:
        once = resource("A", "Le glanage.\n\nAutre chose.", summary="Le glanage.")
        fill(engine, once, resource("B", "Autre chose.", summary="Le glanage."))
        first, second = ask(engine, "glanage").hits
        assert first.score == second.score > 0

    def test_resources_without_text_are_listed(self, engine: Engine) -> None:
        fill(engine, resource("Sans rien d’autre"), resource("…", id="signes"))
        assert found(engine) == {"sans", "signes"}
        assert found(engine, "rien") == {"sans"}

    def test_no_typed_text_raises(self, filed: Engine) -> None:
        @settings(max_examples=150, deadline=None)
        @given(query=TYPED, sort=st.sampled_from([None, *Sort]))
        @example('"', None)
        @example("-(-(", None)
        @example('titre:"l\'"~99999999999', None)
        @example("annee:..", Sort.TITLE)
        @example("\ud800", None)
        def answers(query: str, sort: Sort | None) -> None:
            response = ask(filed, query, sort=sort, audience=MEMBER)
            assert response.query == query
            assert len(response.hits) == response.total <= len(FILED)
            assert all(isinstance(message, str) for message in response.messages)
            assert len(filed.suggest(query, audience=VISITOR)) <= 8
            assert len(filed.complete(query, audience=VISITOR)) <= 8
            assert filed.get(query, audience=VISITOR) is None

        answers()

    @pytest.fixture(scope="class")
    @classmethod
    def filed(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(engine, *FILED)
        return engine

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("titre:un", {"un"}),
            ("type:fiche", {"un", "deux"}),
            ("type:etude", {"trois", "quatre"}),
            ("theme:mobilite", {"un", "trois"}),
            ("theme:habitat -type:fiche", set()),
            ("annee:2024", {"un", "trois"}),
            ("annee:2021..2023", {"deux", "cinq"}),
            ("annee:2023..", {"un", "deux", "trois"}),
            ("annee:..2022", {"cinq"}),
            ("annee:aucune", {"quatre"}),
            ("-annee:2024", {"deux", "quatre", "cinq"}),
            ("annee:2024 theme:habitat", {"un"}),
            ("annee:1999", set()),
            ("fiche", set()),  # names of types and themes match only if their field is given
            ("habitat", set()),
        ],
    )
    def test_fields(self, filed: Engine, query: str, expected: set[str]) -> None:
        assert found(filed, query) == expected

    def test_fields_of_texts(self, engine: Engine) -> None:
        fill(engine, resource("glanage", "autre"), resource("b", "glanage"), resource("c", "x", summary="glanage"))
        assert found(engine, "titre:glanage") == {"glanage"}
        assert found(engine, "texte:glanage") == {"b"}
        assert found(engine, "resume:glanage") == {"c"}
        assert found(engine, "titre:glan*") == {"glanage"}
        assert found(engine, "titre:(glanage OU b)") == {"glanage", "b"}


class Forgiving:
    """Tests of relaxed queries, spelling corrections and synonyms."""

    @pytest.fixture(scope="class")
    @classmethod
    def wide(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(
            engine,
            resource("coopérative", "une coopérative de territoire"),
            resource("monnaie", "la monnaie locale du territoire"),
            resource("ess", "les acteurs de l’ESS"),
            resource("economie", "l’économie sociale et solidaire"),
            resource("interdit", "la gouvernance", private=True),
        )
        return engine

    def test_most_words_are_said(self, wide: Engine) -> None:
        response = ask(wide, "monnaie locale coopérative")
        assert response.matching is Matching.MOST
        assert [(hit.id, hit.missing) for hit in response.hits] == [
            ("monnaie", ("coopérative",)),
            ("coopérative", ("monnaie", "locale")),
        ]
        assert (response.total, response.total_all) == (2, 0)
        strict = ask(wide, "monnaie locale")
        assert (strict.total_all, strict.hits[0].missing) == (1, ())
        assert ask(wide, "monnaie locale").matching is Matching.ALL
        assert ask(wide, '"monnaie locale" coopérative').matching is Matching.ALL

    def test_words_that_tell_nothing_are_not_enough(self, wide: Engine) -> None:
        assert found(wide, "territoire monnaie locale gouvernance") == {"monnaie"}

    def test_all_or_most_can_be_asked_for(self, wide: Engine) -> None:
        strict = ask(wide, "monnaie locale coopérative", match=Matching.ALL)
        assert (strict.matching, strict.total, strict.total_all) == (Matching.ALL, 0, 0)
        assert ask(wide, "monnaie-gouvernance", match=Matching.ALL).total == 0
        most = ask(wide, "coopérative territoire", match=Matching.MOST)
        assert (most.matching, most.total_all) == (Matching.MOST, 1)
        assert ask(wide, "monnaie", match=Matching.MOST).matching is Matching.ALL

    def test_filters_do_not_change_whether_all_words_are_required(self, engine: Engine) -> None:
        fill(
            engine,
            *(resource(f"Note {n}", "eau douce", type="Autres") for n in range(6)),
            resource("guide", "eau douce", type="Guide"),
            resource("autre guide", "eau salée", type="Guide"),
        )
        assert ask(engine, "eau douce").matching is Matching.ALL
        guides = ask(engine, "eau douce", types=("Guide",))
        assert (guides.matching, [hit.id for hit in guides.hits]) == (Matching.ALL, ["guide"])

    def test_a_word_that_nobody_has_is_named(self, wide: Engine) -> None:
        response = ask(wide, "monnaie zzzzzz")
        assert response.unknown == ("zzzzzz",)
        assert any("zzzzzz" in message for message in response.messages)
        assert ask(wide, "zzzzzz yyyyyy").unknown == ()

    def test_a_compound_that_nothing_holds_is_taken_apart(self, wide: Engine) -> None:
        response = ask(wide, "monnaie-gouvernance")
        assert (response.matching, [hit.id for hit in response.hits]) == (Matching.MOST, ["monnaie"])
        assert ask(wide, '"monnaie-gouvernance"').total == 0

    def test_unknown_words_do_not_count(self, wide: Engine) -> None:
        assert found(wide, "monnaie zzzzzz") == {"monnaie"}

    def test_total_facets_and_pages_describe_the_set_in_use(self, wide: Engine) -> None:
        response = ask(wide, "monnaie locale coopérative", sort=Sort.TITLE)
        assert response.total == len(response.hits) == sum(value.count for value in response.facets.type)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("coperative", "coopérative"),
            ("cooperatove", "coopérative"),
            ("cooeprative", "coopérative"),
            ("territoires", None),
            ("monaie", "monnaie"),
            ("xylophone", None),
        ],
    )
    def test_a_spelling_is_corrected_where_nothing_is_found(self, wide: Engine, typed: str, meant: str | None) -> None:
        response = ask(wide, typed)
        assert response.query == typed
        assert response.did_you_mean == meant
        assert response.corrected == (meant is not None)
        assert bool(response.total) == (typed != "xylophone")

    def test_a_correction_is_only_offered_where_something_is_found(self, wide: Engine) -> None:
        response = ask(wide, "territoire monaie")
        assert (response.did_you_mean, response.corrected) == ("territoire monnaie", False)
        assert {hit.id for hit in response.hits} == {"coopérative", "monnaie"}

    def test_a_correction_keeps_the_signs_of_the_query(self, wide: Engine) -> None:
        assert ask(wide, "titre:(monaie OU xyz)").did_you_mean == "titre:(monnaie OU xyz)"
        assert ask(wide, "l’economie -monaie").did_you_mean == "l’economie -monnaie"

    def test_corrections_come_from_the_readers_own_world(self, wide: Engine) -> None:
        assert ask(wide, "gouvernanse").did_you_mean is None
        assert ask(wide, "gouvernanse", audience=MEMBER).did_you_mean == "gouvernance"

    @pytest.mark.parametrize(
        ("query", "order"),
        [
            ("ESS", ["ess", "economie"]),
            ("économie sociale et solidaire", ["economie", "ess"]),
            ("economies sociales et solidaires", ["economie", "ess"]),
            ('"acteurs de l’économie sociale et solidaire"', ["ess"]),
        ],
    )
    def test_synonyms_come_after_what_was_typed(self, wide: Engine, query: str, order: list[str]) -> None:
        assert listed(wide, query) == order

    def test_words_side_by_side_come_first(self, engine: Engine) -> None:
        fill(
            engine,
            resource("a", "commande, puis beaucoup d’autres mots avant de lire enfin publique"),
            resource("b", "une commande publique, puis beaucoup d’autres mots avant de finir"),
            resource("c", "publique, puis beaucoup d’autres mots avant de lire enfin commande"),
        )
        assert listed(engine, "commande publique")[0] == "b"

    def test_where_enough_is_found_only_spaces_are_doubted(self, engine: Engine) -> None:
        titles = (*(f"Ressource {n}" for n in range(60)), *(f"Formation {n}" for n in range(3)))
        fill(engine, *(resource(title, id=title.replace(" ", "-").lower()) for title in titles))
        for query, better in (
            ("ressource for mation", "ressource formation"),
            ("ressource formatoin", None),
            ("formatoin", "formation"),
            ("ressource formation", None),
        ):
            assert ask(engine, query, match=Matching.MOST).did_you_mean == better, query


class Ranked:
    """Tests of the order of hits, and of pages of hits."""

    def test_scores_fall(self, engine: Engine) -> None:
        fill(engine, *PLAIN)
        scores = [hit.score for hit in ask(engine, "solidaire OU loi").hits]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > 0

    def test_titles_come_first(self, engine: Engine) -> None:
        fill(engine, resource("autre", "le glanage"), resource("glanage", "autre"))
        assert listed(engine, "glanage") == ["glanage", "autre"]

    @pytest.mark.parametrize(
        ("query", "order"), [("marché", ["b", "a"]), ("marche", ["a", "b"]), ("MARCHÉ", ["b", "a"])]
    )
    def test_the_form_as_typed_comes_first(self, engine: Engine, query: str, order: list[str]) -> None:
        fill(engine, resource("a", "la marche"), resource("b", "le marché"))
        assert listed(engine, query) == order

    def test_the_form_as_typed_comes_first_with_an_apostrophe_inside(self, engine: Engine) -> None:
        fill(engine, resource("a", "au prud'homme"), resource("b", "aux prud'hommes"))
        assert listed(engine, "prud'homme") == ["a", "b"]
        assert listed(engine, "prud'hommes") == ["b", "a"]

    def test_rare_words_weigh_more(self, engine: Engine) -> None:
        fill(engine, *(resource(f"r{i}", "commun") for i in range(5)), resource("z", "glanage"))
        assert listed(engine, "commun OU glanage")[0] == "z"

    def test_equal_scores_break_on_the_id(self, engine: Engine) -> None:
        fill(engine, *(resource(name, "pareil") for name in ("d", "a", "c", "b")))
        assert listed(engine, "pareil") == ["a", "b", "c", "d"]

    def test_default_orders(self, engine: Engine) -> None:
        fill(engine, resource("vieux", "loi", year=2001), resource("neuf", "autre loi", year=2020))
        assert ask(engine).sort is Sort.NEWEST
        assert ask(engine, "loi").sort is Sort.RELEVANCE
        assert ask(engine, "loi", sort=Sort.OLDEST).sort is Sort.OLDEST
        assert listed(engine) == ["neuf", "vieux"]

    @pytest.mark.parametrize("date", ["", "20l4", "mars 2020", "2020-3-1", "²⁰²⁰", "٢٠٢٠", "2020-01-01T08", "9" * 30])
    def test_what_is_no_date_sorts_by_its_year(self, engine: Engine, date: str) -> None:
        fill(
            engine,
            resource("avant", date="2019-12-31"),
            resource("odd", date=date, year=2020),
            resource("après", id="apres", date="2020-01-01"),
        )
        assert listed(engine, sort=Sort.NEWEST) == ["apres", "odd", "avant"]
        assert listed(engine, sort=Sort.OLDEST) == ["avant", "odd", "apres"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (Sort.NEWEST, ["jour", "mois", "an", "vieux", "sans-a", "sans-b"]),
            (Sort.OLDEST, ["vieux", "an", "mois", "jour", "sans-a", "sans-b"]),
            (Sort.TITLE, ["an", "sans-b", "jour", "vieux", "mois", "sans-a"]),
            (Sort.RELEVANCE, ["an", "jour", "mois", "sans-a", "sans-b", "vieux"]),
        ],
    )
    def test_sorts(self, engine: Engine, sort: Sort, order: list[str]) -> None:
        fill(
            engine,
            resource("Zone", id="sans-a"),
            resource("écologie", id="sans-b"),
            resource("Été", id="jour", date="2024-02-16"),
            resource("tiers", id="mois", date="2024-02"),
            resource("Âge", id="an", date="2024"),
            resource("loi", id="vieux", year=2014),
        )
        assert listed(engine, sort=sort) == order

    def test_titles_are_sorted_as_people_read_them(self, engine: Engine) -> None:
        titles = ["Aider", "« Bâtir »", "Lettre n° 2", "Lettre n° 10", "Zone"]
        fill(engine, *(resource(title, id=f"r{len(titles) - place}") for place, title in enumerate(titles)))
        assert listed(engine, sort=Sort.TITLE) == ["r5", "r4", "r3", "r2", "r1"]

    @pytest.mark.parametrize("sort", list(Sort))
    @pytest.mark.parametrize("query", ["", "loi"])
    def test_pages_cut_one_order(self, engine: Engine, query: str, sort: Sort) -> None:
        fill(engine, *(resource(f"r{i:02}", "loi " * (i % 4 + 1), year=2000 + i % 5) for i in range(23)))
        whole = listed(engine, query, sort=sort)
        pages = [listed(engine, query, sort=sort, page=page, per_page=10) for page in (1, 2, 3, 4)]
        assert len(whole) == 23
        assert [len(page) for page in pages] == [10, 10, 3, 0]
        assert [key for page in pages for key in page] == whole
        assert listed(engine, query, sort=sort, per_page=MAX_REACH) == whole

    def test_a_page_past_the_end_keeps_the_total_and_the_facets(self, engine: Engine) -> None:
        fill(engine, *FILED)
        first, past = ask(engine, page=1), ask(engine, page=1000)
        assert past.hits == ()
        assert (past.total, past.facets, past.page) == (first.total, first.facets, 1000)

    def test_response_says_what_was_asked(self, engine: Engine) -> None:
        fill(engine, *PLAIN)
        response = ask(engine, "loi ) ESS", page=2, per_page=3)
        assert (response.query, response.page, response.per_page) == ("loi ) ESS", 2, 3)
        assert response.took_ms >= 0
        assert response.matching is Matching.ALL
        assert not response.corrected
        assert len(response.messages) == 1


class Filtered:
    """Tests of filters and facets, on one set of resources."""

    @pytest.fixture(scope="class")
    @classmethod
    def filed(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(engine, *FILED)
        return engine

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"types": ("Fiche",)}, {"un", "deux"}),
            ({"types": ("Fiche", "Étude")}, {"un", "deux", "trois", "quatre"}),
            ({"types": (None,)}, {"cinq"}),
            ({"types": (None, "Fiche")}, {"un", "deux", "cinq"}),
            ({"types": ("Inconnu",)}, set()),
            ({"types": ("Note interne",)}, set()),
            ({"years": (2024,)}, {"un", "trois"}),
            ({"years": (2024, 2021)}, {"un", "trois", "cinq"}),
            ({"years": (None,)}, {"quatre"}),
            ({"years": (None, 2023)}, {"deux", "quatre"}),
            ({"years": (10**30,)}, set()),
            ({"year_from": 2023}, {"un", "deux", "trois"}),
            ({"year_to": 2023}, {"deux", "cinq"}),
            ({"year_from": 2022, "year_to": 2023}, {"deux"}),
            ({"year_from": 2024, "year_to": 2023}, set()),
            ({"year_from": 10**30}, set()),
            ({"years": (2024, None), "year_from": 2000}, {"un", "trois"}),
            ({"themes": ("Habitat",)}, {"un", "deux"}),
            ({"themes": ("Habitat", "Mobilité")}, {"un", "deux", "trois"}),
            ({"themes": ("mobilite",)}, {"un", "trois"}),
            ({"themes": (None,)}, {"quatre"}),
            ({"themes": (None, "Achats")}, {"quatre", "cinq"}),
            ({"themes": ("Inconnu",)}, set()),
            ({"themes": ("Gouvernance",)}, set()),
            ({"themes": ("Habitat",), "types": ("Étude",)}, set()),
            ({"themes": ("Mobilité",), "types": ("Étude",), "years": (2024,)}, {"trois"}),
            ({"private": (False,)}, {"un", "deux", "trois", "quatre", "cinq"}),
            ({"private": (True,)}, set()),
            ({"private": (True, False)}, {"un", "deux", "trois", "quatre", "cinq"}),
        ],
    )
    def test_filters(self, filed: Engine, filters: dict[str, object], expected: set[str]) -> None:
        assert found(filed, **filters) == expected
        assert ask(filed, **filters).total == len(expected)

    def test_filters_narrow_a_query(self, filed: Engine) -> None:
        assert found(filed, "un OU deux OU trois", types=("Fiche",)) == {"un", "deux"}

    def test_facets_count_the_hits(self, filed: Engine) -> None:
        facets = ask(filed).facets
        assert list(counts(facets.type).items()) == [("Étude", 2), ("Fiche", 2), ("none", 1)]
        assert list(counts(facets.year).items()) == [("2024", 2), ("2023", 1), ("2021", 1), ("none", 1)]
        assert list(counts(facets.theme).items()) == [("Habitat", 2), ("Mobilité", 2), ("Achats", 1), ("none", 1)]
        assert facets.private == ()

    def test_facets_of_members(self, filed: Engine) -> None:
        facets = ask(filed, audience=MEMBER).facets
        assert facets.private == (
            FacetValue("non", "Publique", 5, False),
            FacetValue("oui", "Réservée aux adhérents", 1, False),
        )
        assert counts(facets.type) == {"Fiche": 2, "Étude": 2, "Note interne": 1, "none": 1}
        assert list(counts(facets.theme)) == ["Habitat", "Mobilité", "Achats", "Gouvernance", "none"]

    def test_equal_counts_stand_in_alphabetical_order(self, engine: Engine) -> None:
        fill(engine, *(resource(name, themes=(name,)) for name in ("Zones", "Écologie", "énergie", "Eau", "Habitat")))
        assert list(counts(ask(engine).facets.theme)) == ["Eau", "Écologie", "énergie", "Habitat", "Zones"]

    def test_labels(self, filed: Engine) -> None:
        facets = ask(filed).facets
        assert facets.type[1] == FacetValue("Fiche", "Fiche", 2, False)
        assert [values[-1].label for values in (facets.type, facets.year, facets.theme)] == [
            "Sans type",
            "Sans année",
            "Sans thème",
        ]

    def test_a_facet_ignores_its_own_selection_and_honours_the_others(self, filed: Engine) -> None:
        facets = ask(filed, types=("Fiche",), years=(2024,)).facets
        assert counts(facets.type) == {"Fiche": 1, "Étude": 1}
        assert counts(facets.year) == {"2024": 1, "2023": 1}
        assert counts(facets.theme) == {"Habitat": 1, "Mobilité": 1}
        assert (selected(facets.type), selected(facets.year), selected(facets.theme)) == ({"Fiche"}, {"2024"}, set())

    def test_several_values_are_selected_at_once(self, filed: Engine) -> None:
        response = ask(filed, themes=("habitat", None), years=(2024, None))
        assert {hit.id for hit in response.hits} == {"un", "quatre"}
        assert selected(response.facets.theme) == {"Habitat", "none"}
        assert selected(response.facets.year) == {"2024", "none"}
        assert counts(response.facets.theme) == {"Habitat": 1, "Mobilité": 2, "none": 1}

    def test_year_bounds_are_the_year_facet_s_own(self, filed: Engine) -> None:
        facets = ask(filed, year_from=2022, year_to=2023).facets
        assert counts(facets.year) == {"2024": 2, "2023": 1, "2021": 1, "none": 1}
        assert counts(facets.type) == {"Fiche": 1}

    def test_zero_counts_are_left_out_unless_selected(self, filed: Engine) -> None:
        facets = ask(filed, "cinq", types=("Étude",), years=(2023,), themes=("Habitat", "Inconnu")).facets
        assert counts(facets.type) == {"Étude": 0}
        assert counts(facets.year) == {"2023": 0}
        assert counts(facets.theme) == {"Habitat": 0, "Inconnu": 0}
        assert counts(ask(filed, "un", years=(None,), themes=(None,), types=(None,)).facets.year) == {"none": 0}

    def test_facets_describe_the_query_s_hits(self, filed: Engine) -> None:
        facets = ask(filed, "un OU cinq").facets
        assert counts(facets.type) == {"Fiche": 1, "none": 1}
        assert counts(facets.year) == {"2024": 1, "2021": 1}

    def test_private_facet_honours_the_other_filters(self, filed: Engine) -> None:
        facets = ask(filed, audience=STAFF, themes=("Habitat",), private=(True,)).facets
        assert counts(facets.private) == {"non": 2, "oui": 1}
        assert selected(facets.private) == {"oui"}
        assert counts(facets.theme) == {"Gouvernance": 1, "Habitat": 1}

    def test_two_writings_of_a_theme_are_one(self, engine: Engine) -> None:
        fill(
            engine,
            resource("a", themes=("EGALITE",)),
            resource("b", themes=("Egalité",)),
            resource("c", themes=("egalite", "Égalité")),
        )
        assert counts(ask(engine).facets.theme) == {"Égalité": 3}
        assert found(engine, themes=("ÉGALITÉ",)) == {"a", "b", "c"}
        assert {hit.themes for hit in ask(engine).hits} == {("Égalité",)}
        for each in "abc":
            got = engine.get(each, audience=VISITOR)
            assert got is not None
            assert got.themes == ("Égalité",)

    def test_themes_are_written_as_the_reader_s_own_world_does(self, engine: Engine) -> None:
        fill(engine, resource("a", themes=("Egalite",)), private("b", themes=("Égalité",)))
        for audience, form in ((VISITOR, "Egalite"), (MEMBER, "Égalité")):
            response = ask(engine, audience=audience, themes=("egalite",))
            assert selected(response.facets.theme) == {form}
            assert {hit.themes for hit in response.hits} == {(form,)}
            got = engine.get("a", audience=audience)
            assert got is not None
            assert got.themes == (form,)

    def test_a_theme_goes_back_to_its_other_form_when_the_best_is_gone(self, engine: Engine) -> None:
        fill(engine, resource("a", themes=("Egalite",)), resource("b", themes=("Égalité",)))
        fill(engine, remove=["b"])
        assert counts(ask(engine).facets.theme) == {"Egalite": 1}


class Territories:
    """Tests of territories: a resource is found by each of its territories, and by larger ones that contain them."""

    PLACES = (
        resource("rennes", territories=("35238",)),
        resource("metropole", territories=("243500139",)),
        resource("finistere", type="Fiche", territories=("D29",)),
        resource("lyon", "Une coopérative", territories=("69123", "35238")),
        resource("ailleurs"),
        private("gueret", territories=("23096",)),
    )

    @pytest.fixture(scope="class")
    @classmethod
    def placed(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(engine, *cls.PLACES)
        return engine

    @pytest.mark.parametrize(
        ("codes", "names"),
        [
            (("35238",), {"rennes", "lyon"}),
            (("243500139",), {"rennes", "metropole", "lyon"}),
            (("R53",), {"rennes", "metropole", "finistere", "lyon"}),
            (("D29", "69123"), {"finistere", "lyon"}),
            ((None,), {"ailleurs"}),
            ((None, "D29"), {"ailleurs", "finistere"}),
            (("R99",), set()),
            (("D23",), set()),
        ],
    )
    def test_filter(self, placed: Engine, codes: tuple[str | None, ...], names: set[str]) -> None:
        assert found(placed, territories=codes) == names

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("territoire:bretagne", {"rennes", "metropole", "finistere", "lyon"}),
            ('territoire:"rennes métropole"', {"rennes", "metropole", "lyon"}),
            ("territoire:d29", {"finistere"}),
            ("territoire:rennes coopérative", {"lyon"}),
            ("-territoire:bretagne", {"ailleurs"}),
            ("territoire:(finistère OU lyon)", {"finistere", "lyon"}),
            ("territoire:aucun", {"ailleurs"}),
            ("territoire:creuse", set()),
        ],
    )
    def test_language(self, placed: Engine, query: str, names: set[str]) -> None:
        assert found(placed, query) == names

    def test_facet_counts_what_holds_a_territory(self, placed: Engine) -> None:
        facet = ask(placed).facets.territory
        shown = [(value.value, value.label, value.count) for value in facet[:3]]
        assert shown == [("R53", "Bretagne", 4), ("D35", "Ille-et-Vilaine", 3), ("243500139", "Rennes Métropole", 3)]
        assert facet[-1] == FacetValue("none", "Sans territoire", 1, False)
        assert "D23" not in counts(facet)
        assert counts(ask(placed, audience=MEMBER).facets.territory)["D23"] == 1

    def test_facet_ignores_its_own_selection_and_honours_the_others(self, placed: Engine) -> None:
        facets = ask(placed, territories=("D29", "D23"), types=("Fiche",)).facets
        assert counts(facets.territory) == {"D29": 1, "R53": 1, "D23": 0}
        assert selected(facets.territory) == {"D29", "D23"}
        assert counts(facets.type) == {"Fiche": 1}
        assert counts(ask(placed, territories=("35238",)).facets.theme) == {"none": 2}

    def test_without_any_territory_there_is_no_facet(self, engine: Engine) -> None:
        fill(engine, resource("a"), private("b", territories=("D23",)))
        assert ask(engine).facets.territory == ()
        assert ask(engine, territories=("D23",)).facets.territory[0].count == 0

    def test_a_resource_keeps_its_own_territories(self, placed: Engine) -> None:
        got = placed.get("lyon", audience=VISITOR)
        assert got is not None
        assert got.territories == ("69123", "35238")

    def test_territories_change_and_go(self, engine: Engine) -> None:
        fill(engine, *self.PLACES)
        fill(engine, resource("rennes", territories=("D29",)), remove=["metropole"])
        assert found(engine, territories=("D29",)) == {"rennes", "finistere"}
        assert counts(ask(engine).facets.territory)["D35"] == 1


class HitFields:
    """Tests of the fields of hits and resources, of snippets, and of suggestions for the search box."""

    FULL = resource(
        "La SCIC, mode d’emploi",
        "Un premier paragraphe.\n\nLes collectivités entrent au capital.",
        id="scic",
        url="https://exemple.fr/scic",
        summary="Un résumé.",
        type="Fiche",
        themes=("Coopération", "Droit"),
        date="2021-11",
        attachments=(Attachment("https://exemple.fr/a.pdf", "Le guide"),),
        source="pages/scic.html",
        warnings=("Date incomplète.",),
        body_shape='[1,["https://exemple.fr/b"],[[2,0,21],[0,2,4,4,31,0]]]',
        summary_shape="[1,[],[[0,0,10]]]",
    )

    def test_get_gives_the_resource_whole(self, engine: Engine) -> None:
        fill(engine, self.FULL)
        assert engine.get("scic", audience=VISITOR) == self.FULL
        assert engine.get("autre", audience=VISITOR) is None

    def test_hits_show_the_resource(self, engine: Engine) -> None:
        fill(engine, self.FULL)
        (hit,) = ask(engine, "scic").hits
        assert (hit.id, hit.url, hit.title, hit.type) == ("scic", self.FULL.url, self.FULL.title, "Fiche")
        assert (hit.year, hit.year_source, hit.date) == (2021, YearSource.PAGE, "2021-11")
        assert (hit.private, hit.themes) == (False, ("Coopération", "Droit"))

    def test_what_is_unknown_is_none(self, engine: Engine) -> None:
        fill(engine, resource("rien"))
        (hit,) = ask(engine).hits
        assert (hit.url, hit.type, hit.year, hit.year_source, hit.date, hit.themes) == (None,) * 5 + ((),)
        assert hit.snippet == ()

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("collectivite", ["collectivités"]),
            ("CAPITAL collectivités", ["collectivités", "capital"]),
            ("economie", ["économie"]),
            ("élue", ["élu·e·s"]),
            ("tiers-lieu", ["tiers", "lieux"]),
            ('"collectivités entrent"', ["collectivités", "entrent"]),
            ('"collectivités au"', []),
            ('"collectivités capital"~9', ["collectivités", "capital"]),
            ("entr*", ["entrent"]),
            ("c*pital", ["capital"]),
            ("capital OU zèbre", ["capital"]),
            ("capital -zèbre", ["capital"]),
            ("titre:capital", []),
        ],
    )
    def test_snippets_mark_the_original_text(self, engine: Engine, query: str, words: list[str]) -> None:
        body = "Les collectivités entrent au capital de l’économie, avec des élu·e·s et des tiers-lieux."
        fill(engine, resource("Un capital", body, id="a"))
        response = ask(engine, query)
        if words:
            assert marked(response) == words
        assert response.total == 0 or shown(response) == body

    def test_a_snippet_shows_the_passage_that_answers(self, engine: Engine) -> None:
        filler = "Une phrase qui ne dit rien de tout cela. " * 30
        fill(engine, resource("a", f"{filler}Le glanage est un droit ancien. {filler}"))
        response = ask(engine, "glanage")
        assert marked(response) == ["glanage"]
        assert "Le glanage est un droit ancien." in shown(response)
        assert len(shown(response)) < 400

    def test_snippets_come_on_demand(self, engine: Engine) -> None:
        fill(engine, *PLAIN)
        assert all(hit.snippet for hit in ask(engine, "solidaire").hits)
        assert not any(hit.snippet for hit in ask(engine, "solidaire", snippets=False).hits)

    TITLES = (
        "Écologie populaire",
        "L’eau… et l’œuvre collective",
        "École populaire",
        "Sœurs d’œuvre, œuvre d’école",
        "Œuvres : débats de société",
        "Cœurs et débats de société",
    )

    @pytest.mark.parametrize(
        ("typed", "titles"),
        [
            ("ecol", TITLES[:4:2] + TITLES[3:4]),
            ("ÉCOL", TITLES[:4:2] + TITLES[3:4]),
            ("Écologie pop", TITLES[:1]),
            ("pop", TITLES[:4:2]),
            ("oeuv", TITLES[1:5]),
            ("œuvre col", TITLES[1:2]),
            ("soeurs d'", TITLES[3:4]),
            ("debat", TITLES[4:]),
        ],
    )
    def test_suggestions_are_words_of_titles(self, engine: Engine, typed: str, titles: tuple[str, ...]) -> None:
        fill(engine, *(resource(title, id=str(number)) for number, title in enumerate(self.TITLES)))
        suggestions = engine.suggest(typed, audience=VISITOR)
        assert set(suggestions) & set(titles)
        for suggestion in suggestions:
            places = [(title, title.find(suggestion)) for title in titles if suggestion in title]
            assert places, f"{suggestion} stands in no title that goes on so"
            for title, start in places:
                before, after = title[:start], title[start + len(suggestion) :]
                assert not before[-1:].isalnum()
                assert not after[:1].isalnum()

    def test_suggestions_are_few(self, engine: Engine) -> None:
        fill(engine, *(resource(f"Loi {i}", id=str(i)) for i in range(20)))
        assert len(engine.suggest("loi", audience=VISITOR)) == 8
        assert len(engine.suggest("loi", audience=VISITOR, limit=3)) == 3

    @pytest.mark.parametrize("typed", ["ruralite et", "quart", "QUARTIERS POP"])
    def test_themes_are_suggested(self, engine: Engine, typed: str) -> None:
        themes = ("Ruralité et quartiers populaires", "Insertion")
        fill(engine, resource("Une ferme", id="a", themes=themes), resource("Un marché", id="b", themes=themes[:1]))
        assert engine.suggest(typed, audience=VISITOR) == themes[:1]

    def test_a_theme_is_suggested_to_those_who_find_it(self, engine: Engine) -> None:
        fill(engine, private("Note", id="a", themes=("Zanzibar",)), resource("Loi", id="b", themes=("Ruralité",)))
        assert engine.suggest("zan", audience=VISITOR) == ()
        assert engine.suggest("zan", audience=MEMBER) == ("Zanzibar",)
        fill(engine, remove=["a"])
        assert engine.suggest("zan", audience=MEMBER) == ()

    def test_what_is_a_title_and_a_theme_is_suggested_once(self, engine: Engine) -> None:
        fill(engine, *(resource("Commande publique", id=name, themes=("Commande publique",)) for name in ("a", "b")))
        assert engine.suggest("comm", audience=VISITOR) == ("Commande publique",)

    @pytest.mark.parametrize("typed", ["", "  ", "zzz"])
    def test_nothing_to_suggest(self, engine: Engine, typed: str) -> None:
        fill(engine, *PLAIN)
        assert engine.suggest(typed, audience=VISITOR) == ()


class Completed:
    """Tests of completions for the search box, each with its kind: theme, resource, document or phrase."""

    ANNEXES = (published(1, "bail_2024.pdf"), published(2, "x", "Modèle de bail"))
    HABITAT = (
        resource("Habitat participatif : le guide", id="guide", themes=("Habitat et logement",)),
        resource("Le logement en commun", id="logement", themes=("Habitat et logement", "Communs")),
        resource("Bail réel solidaire", id="bail", documents=ANNEXES),
        resource("Journal de bord", id="j1", year=2020),
        resource("Journal de bord", id="j2", year=2021),
    )

    @pytest.fixture
    def habitat(self, engine: Engine) -> Engine:
        fill(engine, *self.HABITAT)
        return engine

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("habi", [("theme", "Habitat et logement", 2), ("resource", "guide")]),
            ("habitat et lo", [("theme", "Habitat et logement", 2)]),
            ("communs", [("theme", "Communs", 1)]),
            ("bail r", [("resource", "bail")]),
            ("BAIL", [("resource", "bail"), ("document", "bail", 1), ("document", "bail", 2)]),
            ("modele", [("document", "bail", 2)]),
            ("2024", [("document", "bail", 1)]),
            # Of two resources with one title none is better: the words are searched.
            ("journal", [("phrase", "Journal de bord")]),
            # In another order; from the start of later words; with a slip.
            ("guide habitat", [("resource", "guide")]),
            ("logement habitat", [("theme", "Habitat et logement", 2)]),
            ("partic guid", [("resource", "guide")]),
            ("partcip", [("resource", "guide")]),
            ("abitat part", [("resource", "guide")]),
            ("solidiare", [("resource", "bail")]),
            ("modelle", [("document", "bail", 2)]),
            ("journall", [("phrase", "Journal de bord")]),
            # Two slips, a slip in a short word or in a number, words of different texts.
            ("partcip gide", []),
            ("bial", [("resource", "bail"), ("document", "bail", 1), ("document", "bail", 2)]),
            ("bia", []),
            ("2042", []),
            ("guide solidaire", []),
            ("zzzz", []),
            ("", []),
            (" ' ", []),
        ],
    )
    def test_completions_say_what_they_lead_to(
        self, habitat: Engine, typed: str, expected: list[tuple[object, ...]]
    ) -> None:
        found: list[tuple[object, ...]] = []
        for one in habitat.complete(typed, audience=VISITOR):
            match one.kind:
                case CompletionKind.THEME:
                    found.append(("theme", one.text, one.count))
                case CompletionKind.RESOURCE:
                    found.append(("resource", one.resource))
                case CompletionKind.DOCUMENT:
                    found.append(("document", one.resource, one.document))
                case CompletionKind.PHRASE:
                    found.append(("phrase", one.text))
        assert found == expected

    def test_what_begins_as_typed_comes_first(self, engine: Engine) -> None:
        titles = ("Du temps pour une loi", "Lois du temps", "Loi du temps libre", "Le temps du droit", "Loi du temps")
        fill(engine, *(resource(title, id=str(number)) for number, title in enumerate(titles)))
        found = [one.resource for one in engine.complete("loi temps", audience=VISITOR)]
        assert found == ["4", "1", "2", "0"]
        found = [one.resource for one in engine.complete("du temps", audience=VISITOR) if one.resource]
        assert found == ["0", "4", "1", "2", "3"]

    def test_no_kind_crowds_out_the_others(self, engine: Engine) -> None:
        documents = tuple(published(n, f"Loi, annexe {n}") for n in range(1, 20))
        themes = tuple(f"Lois {n}" for n in range(10))
        fill(engine, *(resource(f"Loi n° {i} {i}", id=str(i), documents=documents, themes=themes) for i in range(9)))
        kinds = [one.kind for one in engine.complete("loi", audience=VISITOR) if one.kind is not CompletionKind.PHRASE]
        assert [kinds.count(kind) for kind in (CompletionKind.THEME, CompletionKind.DOCUMENT)] == [2, 2]
        assert CompletionKind.RESOURCE in kinds
        assert kinds == sorted(kinds, key=["theme", "resource", "document"].index)
        assert len(engine.complete("loi", audience=VISITOR)) == 8
        assert len(engine.complete("loi", audience=VISITOR, limit=3)) == 3
        assert engine.complete("loi", audience=VISITOR, limit=0) == ()

    def test_places_left_are_filled(self, engine: Engine) -> None:
        fill(engine, resource("Eau", id="a", themes=tuple(f"Loi {n}" for n in range(12))))
        assert len(engine.complete("loi", audience=VISITOR)) == 8

    def test_counts_and_publications_are_those_of_the_reader(self, engine: Engine) -> None:
        secret = private("Zèbre", id="s", themes=("Eau",), documents=(published(1, "Zébrures"),))
        fill(engine, resource("Eau vive", id="a", themes=("Eau",)), secret)
        assert engine.complete("zeb", audience=VISITOR) == ()
        assert [one.text for one in engine.complete("zeb", audience=MEMBER)] == ["Zèbre", "Zébrures"]
        for audience, count in ((VISITOR, 1), (MEMBER, 2)):
            theme = engine.complete("eau", audience=audience)[0]
            assert (theme.kind, theme.text, theme.count) == (CompletionKind.THEME, "Eau", count)

    def test_what_is_removed_is_not_completed(self, engine: Engine) -> None:
        fill(engine, *self.HABITAT)
        fill(engine, remove=["bail", "j2"])
        assert engine.complete("bail", audience=VISITOR) == ()
        assert [(one.kind, one.resource) for one in engine.complete("journal", audience=VISITOR)] == [
            (CompletionKind.RESOURCE, "j1")
        ]


class Private:
    """Tests that visitors find public resources only, and learn nothing of private ones."""

    PUBLIC = tuple(resource(f"p{i}", "Le glanage et la loi", year=2020 + i, themes=("Eau",)) for i in range(3))
    SECRET = (
        private("Glanage secret", "Le glanage, la loi, le zèbre", id="s1", type="Note", year=1999, themes=("Zèbre",)),
        private("Zèbre", "Tout sur la loi du zèbre", id="s2", themes=("Éau",)),
    )

    @pytest.fixture(scope="class")
    @classmethod
    def mixed(cls, another_engine: Callable[[], Engine]) -> Engine:
        engine = another_engine()
        fill(engine, *cls.PUBLIC, *cls.SECRET)
        return engine

    def test_visitors_do_not_find_private_resources(self, mixed: Engine) -> None:
        assert found(mixed) == found(mixed, "glanage") == {"p0", "p1", "p2"}
        for query in ("zèbre", "zeb*", "titre:zèbre", "type:note", "theme:zèbre", "annee:1999", '"glanage secret"'):
            response = ask(mixed, query)
            assert (response.total, response.hits) == (0, ())
            assert response.facets == ask(mixed, "introuvable").facets

    @pytest.mark.parametrize("audience", [MEMBER, STAFF])
    def test_members_and_staff_find_all(self, mixed: Engine, audience: Audience) -> None:
        assert found(mixed, audience=audience) == {"p0", "p1", "p2", "s1", "s2"}
        assert found(mixed, "zèbre", audience=audience) == {"s1", "s2"}
        assert found(mixed, private=(True,), audience=audience) == {"s1", "s2"}
        assert found(mixed, private=(False,), audience=audience) == {"p0", "p1", "p2"}
        assert {hit.id: hit.private for hit in ask(mixed, "loi", audience=audience).hits}["s1"]

    def test_facets_do_not_tell(self, mixed: Engine) -> None:
        facets = ask(mixed).facets
        assert counts(facets.type) == {"none": 3}
        assert counts(facets.year) == {"2022": 1, "2021": 1, "2020": 1}
        assert counts(facets.theme) == {"Eau": 3}
        assert facets.private == ask(mixed, private=(True,)).facets.private == ()

    def test_get_and_suggest_do_not_tell(self, mixed: Engine) -> None:
        assert mixed.get("s1", audience=VISITOR) is None
        assert mixed.get("s1", audience=MEMBER) == self.SECRET[0]
        assert mixed.suggest("z", audience=VISITOR) == ()
        assert mixed.suggest("glan", audience=VISITOR) == ()
        assert mixed.suggest("z", audience=MEMBER) == ("Zèbre",)

    def test_a_visitor_s_answers_are_those_of_an_archive_without_private_resources(self, engine: Engine) -> None:
        questions = (
            "",
            "glanage",
            "loi",
            "la",
            '"glanage et la loi"',
            "gla*",
            "loi -zèbre",
            "theme:eau",
            "annee:2021..",
        )

        def answers() -> list[object]:
            found = [ask(engine, question, types=types) for question in questions for types in ((), ("Note",))]
            return [(r.total, r.hits, r.facets, r.messages, r.did_you_mean) for r in found]

        fill(engine, *self.PUBLIC)
        alone = answers()
        fill(engine, *self.SECRET)
        assert answers() == alone
        fill(engine, remove=["s1"])
        assert answers() == alone

    def test_a_resource_turns_private_and_back(self, engine: Engine) -> None:
        open_, closed = resource("Note", "Le zèbre", id="n"), private("Note", "Le zèbre", id="n")
        fill(engine, open_, resource("autre"))
        for now, seen in ((closed, set()), (open_, {"n"}), (closed, set())):
            fill(engine, now)
            assert found(engine, "zèbre") == seen
            assert found(engine, "zèbre", audience=MEMBER) == {"n"}
            assert (engine.get("n", audience=VISITOR) is not None) == bool(seen)
            assert engine.get("n", audience=MEMBER) == now
            assert ask(engine, audience=MEMBER).total == 2

    def test_only_private_resources(self, engine: Engine) -> None:
        fill(engine, *self.SECRET)
        assert found(engine) == set()
        assert ask(engine, "loi", themes=("Eau",)).total == 0
        assert counts(ask(engine, audience=MEMBER).facets.private) == {"oui": 2}
        assert (engine.status().public, engine.status().total) == (0, 2)


class Written:
    """Tests of writers: each one publishes a new generation (version) of the index, or nothing if it fails."""

    def test_before_the_first_generation(self, engine: Engine) -> None:
        with pytest.raises(IndexMissingError):
            ask(engine)
        with pytest.raises(IndexMissingError):
            engine.get("a", audience=VISITOR)
        with pytest.raises(IndexMissingError):
            engine.suggest("a", audience=VISITOR)
        status = engine.status()
        assert (status.generation, status.public, status.total, status.fingerprint) == (None, 0, 0, None)

    def test_an_empty_archive_answers(self, engine: Engine) -> None:
        fill(engine)
        response = ask(engine, "loi", audience=MEMBER, themes=("a", None), types=("b",), years=(2000, None))
        assert (response.total, response.hits) == (0, ())
        assert all(value.selected and not value.count for value in response.facets.theme)
        assert listed(engine) == listed(engine, "-loi") == listed(engine, "lo*") == listed(engine, '"la loi"') == []

    def test_status(self, engine: Engine) -> None:
        fill(engine, resource("a"), resource("b"), private("c"))
        first = engine.status()
        assert (first.public, first.total, first.stale, first.degraded) == (2, 3, False, None)
        fill(engine, remove=["a", "c"])
        second = engine.status()
        assert (second.public, second.total) == (1, 1)
        assert second.generation not in (None, first.generation)
        assert second.fingerprint == first.fingerprint is not None

    def test_put_adds_and_replaces(self, engine: Engine) -> None:
        fill(engine, resource("a", "ancien", year=2001), resource("b", "ancien"))
        fill(engine, resource("a", "nouveau", year=2002), resource("c", "nouveau"))
        assert found(engine, "ancien") == {"b"}
        assert found(engine, "nouveau") == {"a", "c"}
        assert counts(ask(engine).facets.year) == {"2002": 1, "none": 2}

    def test_the_last_put_of_an_id_wins(self, engine: Engine) -> None:
        first, second, third = resource("a", "un"), resource("a", "deux"), private("a", "trois")
        fill(engine, first, resource("b"), second, third, resource("a", "quatre"))
        assert found(engine) == found(engine, audience=MEMBER) == {"a", "b"}
        assert found(engine, "quatre") == {"a"}
        assert found(engine, "un OU deux OU trois", audience=MEMBER) == set()
        fill(engine, resource("a", "un"), private("a", "deux"))
        assert found(engine) == {"b"}
        assert found(engine, "deux", audience=MEMBER) == {"a"}

    def test_remove(self, engine: Engine) -> None:
        fill(engine, resource("a", "mot"), resource("b", "mot"), private("c", "mot"))
        fill(engine, remove=["a", "c", "jamais-vu"])
        assert found(engine, "mot", audience=MEMBER) == {"b"}
        assert engine.get("a", audience=MEMBER) is None
        fill(engine, resource("a", "retour"))
        assert found(engine) == {"a", "b"}

    def test_remove_in_the_same_writer(self, engine: Engine) -> None:
        with engine.writer(fresh=False) as writer:
            writer.put(resource("a", "mot"))
            writer.remove("a")
            writer.put(resource("b", "mot"))
            writer.remove("b")
            writer.put(resource("b", "encore un mot"))
        assert found(engine, "mot") == {"b"}

    def test_a_fresh_writer_drops_the_rest(self, engine: Engine) -> None:
        fill(engine, *FILED)
        fill(engine, resource("seul"), fresh=True)
        assert found(engine, audience=MEMBER) == {"seul"}
        assert counts(ask(engine).facets.type) == {"none": 1}

    def test_everything_can_go(self, engine: Engine) -> None:
        fill(engine, *FILED)
        fill(engine, remove=[each.id for each in FILED])
        assert ask(engine, audience=MEMBER).total == engine.status().total == 0
        fill(engine, resource("a", "retour"))
        assert found(engine, "retour") == {"a"}

    @pytest.mark.parametrize("fresh", [False, True])
    @pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
    def test_an_exception_discards(self, engine: Engine, fresh: bool, fault: type[BaseException]) -> None:
        fill(engine, resource("a", "mot"))
        before = engine.status()
        with pytest.raises(fault), engine.writer(fresh=fresh) as writer:  # noqa: PT012
            writer.put(resource("b", "mot"))
            writer.remove("a")
            raise fault
        assert found(engine, "mot") == {"a"}
        assert engine.status() == before
        fill(engine, resource("c", "mot"))
        assert found(engine, "mot") == {"a", "c"}

    def test_an_exception_before_the_first_generation(self, engine: Engine) -> None:
        with pytest.raises(ValueError, match="panne"), engine.writer(fresh=True) as writer:  # noqa: PT012
            writer.put(resource("a"))
            raise ValueError("panne")
        assert engine.status().generation is None
        with pytest.raises(IndexMissingError):
            ask(engine)

    def test_readers_keep_their_answer_until_the_switch(self, engine: Engine) -> None:
        fill(engine, resource("a", "mot"))
        with engine.writer(fresh=False) as writer:
            writer.put(resource("b", "mot"))
            writer.remove("a")
            assert found(engine, "mot") == {"a"}
        assert found(engine, "mot") == {"b"}

    def test_one_writer_at_a_time(self, engine: Engine) -> None:
        fill(engine, resource("a"))
        with engine.writer(fresh=False) as writer:
            with pytest.raises(IndexBusyError), engine.writer(fresh=True):
                pass
            writer.put(resource("b"))
        fill(engine, resource("c"))
        assert found(engine) == {"a", "b", "c"}

    def test_threads_search_together(self, engine: Engine) -> None:
        fill(engine, *PLAIN)
        totals: list[int] = []

        def search() -> None:
            totals.extend(ask(engine, query).total for query in ("solidaire", "loi", "", '"la loi"') for _ in range(5))

        threads = [threading.Thread(target=search) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(totals) == sorted([2, 1, 4, 1] * 5 * 4)


class EngineContract(Found, Forgiving, Ranked, Filtered, Territories, HitFields, Completed, Private, Written):
    """All tests that an engine must pass, except those of publications."""
