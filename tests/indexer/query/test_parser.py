"""The parser: what typed queries mean."""

import re

import pytest

from indexer.query import lexer, parser
from indexer.query.ast import And, Not, Or, Phrase, Prefix, Term, Tree, Wildcard, YearRange
from indexer.query.parser import MAX_CHARACTERS, MAX_CLAUSES, MAX_DEPTH, parse
from indexer.query.unparse import to_text

NBSP = "\u00a0"


def every(*children: str | Tree) -> And:
    return And(tuple(map(term, children)))


def most(*texts: str) -> And:
    return And(tuple(map(Term, texts)), relaxable=True)


def any_of(*children: str | Tree) -> Or:
    return Or(tuple(map(term, children)))


def no(child: str | Tree) -> Not:
    return Not(term(child))


def title(text: str) -> Term:
    return Term(text, "title")


def term(child: str | Tree) -> Tree:
    return Term(child) if isinstance(child, str) else child


QUERIES: list[tuple[str, Tree | None]] = [
    # Plain words
    ("", None),
    ("   ", None),
    ("loi", Term("loi")),
    ("loi ESS", most("loi", "ESS")),
    ("  loi \t\n ESS ", most("loi", "ESS")),
    (f"loi{NBSP}ESS", most("loi", "ESS")),
    ("l'économie sociale", most("l'économie", "sociale")),
    ("l’économie", Term("l’économie")),
    ("'loi'", Term("loi")),
    ("l' économie", most("l'", "économie")),
    ("tiers-lieux", Term("tiers-lieux")),
    ("et ou sauf", most("et", "ou", "sauf")),
    ("Et Ou Sauf", most("Et", "Ou", "Sauf")),
    ("e\u0301lus", Term("élus")),
    ("élu.e.s élu·e·s", most("élu.e.s", "élu·e·s")),
    ("loi, décret ; arrêté…", most("loi", "décret", "arrêté")),
    ("Fin. Début...", most("Fin", "Début")),
    ("S.C.I.C. rtes.fr.", most("S.C.I.C.", "rtes.fr")),
    ("R&D & C++ 100 %", most("R&D", "C++", "100")),
    ("[loi] {ESS}", most("loi", "ESS")),
    ("lo\u00adi \u202eESS\u202c\x00 \ud800", most("loi", "ESS")),
    # Pasted titles
    ("Communiqué de presse RTES - Projet", most("Communiqué", "de", "presse", "RTES", "Projet")),
    ("Bilan – perspectives — suite • fin", most("Bilan", "perspectives", "suite", "fin")),
    ("qu'est-ce qu'une SCIC ?", most("qu'est-ce", "qu'une", "SCIC")),
    ("SCIC?", Term("SCIC")),
    ("Quoi ?! Vraiment ?", most("Quoi", "Vraiment")),
    (
        "ÉTUDE TERRITOIRES URBAINS ET RURAUX",
        most("ÉTUDE", "TERRITOIRES", "URBAINS", "ET", "RURAUX"),
    ),
    ("OU TROUVER UN FINANCEMENT", most("OU", "TROUVER", "UN", "FINANCEMENT")),
    ("COMMUNES SAUF LES MÉTROPOLES", most("COMMUNES", "SAUF", "LES", "MÉTROPOLES")),
    ("SCIC OU SCOP", any_of("SCIC", "SCOP")),
    ("SCIC OU SCOP OU CAE", any_of("SCIC", "SCOP", "CAE")),
    ("(ÉTUDE OU TERRITOIRES OU URBAINS)", any_of("ÉTUDE", "TERRITOIRES", "URBAINS")),
    ("Loi ESS (bilan)", most("Loi", "ESS", "bilan")),
    # Inclusive writing keeps its brackets
    ("élu(e)s", Term("élu(e)s")),
    ("salarié(e)(s) étudiant(e)", most("salarié(e)(s)", "étudiant(e)")),
    ("acteur(rice)s ÉLU(E)S élu(-e)s élu(e.s)", most("acteur(rice)s", "ÉLU(E)S", "élu(-e)s", "élu(e.s)")),
    ("(élu(e)s OU maires)", any_of("élu(e)s", "maires")),
    ("loi(ESS)", most("loi", "ESS")),
    ("loi(a OU b)", every("loi", any_of("a", "b"))),
    # Phrases
    ('"loi ESS"', Phrase("loi ESS")),
    ("“loi ESS”", Phrase("loi ESS")),
    ("„loi ESS“", Phrase("loi ESS")),
    ('“loi ESS"', Phrase("loi ESS")),
    ("«loi ESS»", Phrase("loi ESS")),
    ("« loi ESS »", Phrase("loi ESS")),
    (f"«{NBSP}loi{NBSP}ESS{NBSP}»", Phrase("loi ESS")),
    ('« la "loi" ESS »', Phrase("la loi ESS")),
    ('"loi"', Phrase("loi")),
    ('"loi ESS"~5', Phrase("loi ESS", 5)),
    ("« loi ESS »~5", Phrase("loi ESS", 5)),
    ('"loi ESS"~999999', Phrase("loi ESS", lexer.MAX_SLOP)),
    ('"loi ESS"~', Phrase("loi ESS")),
    ('"loi ESS" bilan', every(Phrase("loi ESS"), "bilan")),
    ('bilan"loi ESS"', every("bilan", Phrase("loi ESS"))),
    ('l\'"économie sociale"', Phrase("économie sociale")),
    ('"loi ESS', Phrase("loi ESS")),
    ('"" loi', Term("loi")),
    # Operators
    ("loi ET décret", every("loi", "décret")),
    ("loi AND décret", every("loi", "décret")),
    ("loi OU décret", any_of("loi", "décret")),
    ("loi OR décret OU arrêté", any_of("loi", "décret", "arrêté")),
    ("loi SAUF décret", every("loi", no("décret"))),
    ("loi NOT décret", every("loi", no("décret"))),
    ("loi NON décret", every("loi", no("décret"))),
    ("loi ET SAUF décret", every("loi", no("décret"))),
    ("loi AND NOT décret", every("loi", no("décret"))),
    ("loi ET NON décret", every("loi", no("décret"))),
    ("loi OU SAUF décret", any_of("loi", no("décret"))),
    ("loi -décret", every("loi", no("décret"))),
    ("-loi", no("loi")),
    ("SAUF loi", no("loi")),
    ("-tiers-lieux", no("tiers-lieux")),
    ('-"loi ESS"', no(Phrase("loi ESS"))),
    ("-(loi OU décret)", no(any_of("loi", "décret"))),
    ("-(-loi)", Term("loi")),
    ("loi SAUF -décret", every("loi", no("décret"))),
    ("+loi décret", every("loi", "décret")),
    ("+loi", Term("loi")),
    ("- loi", Term("loi")),
    ("--loi", Term("loi")),
    ("loi + décret", most("loi", "décret")),
    ("-", None),
    ("loi -", Term("loi")),
    ("loi -& décret", most("loi", "décret")),
    # Precedence: ET, then OU, then a space
    ("a OU b c", every(any_of("a", "b"), "c")),
    ("a b OU c", every("a", any_of("b", "c"))),
    ("a ET b OU c", any_of(every("a", "b"), "c")),
    ("a OU b ET c", any_of("a", every("b", "c"))),
    ("a OU b SAUF c", every(any_of("a", "b"), no("c"))),
    ("(a OU b) ET c", every(any_of("a", "b"), "c")),
    ("a OU (b c)", any_of("a", every("b", "c"))),
    ("a (b c)", most("a", "b", "c")),
    ("a ET (b ET c)", every("a", "b", "c")),
    ("((a))", Term("a")),
    # Operators without operands
    ("ET loi", Term("loi")),
    ("loi OU", Term("loi")),
    ("loi SAUF", Term("loi")),
    ("loi ET OU décret", every("loi", "décret")),
    ("loi SAUF OU décret", any_of("loi", "décret")),
    ("loi SAUF SAUF décret", every("loi", no("décret"))),
    ("ET", None),
    ("()", None),
    ("loi OU ()", Term("loi")),
    ("(loi", Term("loi")),
    ("loi)", Term("loi")),
    ("(a OU (b c", any_of("a", every("b", "c"))),
    # Fields
    ("titre:loi", title("loi")),
    ("TITRE:loi", title("loi")),
    ("title:loi", title("loi")),
    ("titre: loi", title("loi")),
    ("resume:loi résumé:loi", every(Term("loi", "summary"), Term("loi", "summary"))),
    ("summary:loi texte:loi body:loi", every(Term("loi", "summary"), Term("loi", "body"), Term("loi", "body"))),
    ("type:autres", Term("autres", "type")),
    ('theme:"tiers-lieux"', Phrase("tiers-lieux", field="theme")),
    ("thème:mobilité", Term("mobilité", "theme")),
    ('titre:"loi ESS"~3', Phrase("loi ESS", 3, "title")),
    ("titre:« loi ESS »", Phrase("loi ESS", field="title")),
    ("titre:coop*", Prefix("coop", "title")),
    ("titre:(a OU b)", any_of(title("a"), title("b"))),
    ("titre:(a -b)", every(title("a"), no(title("b")))),
    ("titre:(a type:b c)", every(title("a"), Term("b", "type"), title("c"))),
    ("titre:a b", every(title("a"), "b")),
    ("-type:autres", no(Term("autres", "type"))),
    ("titre:-loi", no(title("loi"))),
    ("titre:ET", title("ET")),
    ("titre:", None),
    ("titre: OU loi", Term("loi")),
    # Words that look like a field
    ("Note : texte", most("Note", "texte")),
    ("Titre : loi", most("Titre", "loi")),
    ("Webinaire : la loi", most("Webinaire", "la", "loi")),
    ("ESS:loi", Term("ESS:loi")),
    ("14:30", Term("14:30")),
    ("http://rtes.fr/a?b=1&c=*(d)", Term("http://rtes.fr/a?b=1&c=*(d)")),
    ("(www.rtes.fr/x-y).", Term("www.rtes.fr/x-y")),
    ("-https://rtes.fr", no("https://rtes.fr")),
    ("contact@exemple.fr", Term("contact@exemple.fr")),
    # Years
    ("annee:2020", YearRange(2020, 2020)),
    ("Année:2020", YearRange(2020, 2020)),
    ("year:2020 date:2020", every(YearRange(2020, 2020), YearRange(2020, 2020))),
    ("annee: 2020", YearRange(2020, 2020)),
    ('annee:"2020"', YearRange(2020, 2020)),
    ("annee:2020..2024", YearRange(2020, 2024)),
    ("annee:2020…2024", YearRange(2020, 2024)),
    ("annee:2020-2024", YearRange(2020, 2024)),
    ("annee:2024..2020", YearRange(2020, 2024)),
    ("annee:2020..", YearRange(2020, None)),
    ("annee:..2019", YearRange(None, 2019)),
    ("annee:>=2020", YearRange(2020, None)),
    ("annee:>2020", YearRange(2021, None)),
    ("annee:<=2020", YearRange(None, 2020)),
    ("annee:<2020", YearRange(None, 2019)),
    ("annee:aucune", YearRange(None, None)),
    ("-annee:2020 loi", every(no(YearRange(2020, 2020)), "loi")),
    ("annee:(2020 OU 2022)", any_of(YearRange(2020, 2020), YearRange(2022, 2022))),
    ("annee:20 loi", Term("loi")),
    ("annee:..", None),
    # Prefixes and wildcards
    ("coop*", Prefix("coop")),
    ("coop**", Prefix("coop")),
    ("coop*, loi", every(Prefix("coop"), "loi")),
    ("terr*re", Wildcard("terr*re")),
    ("*ation", Wildcard("*ation")),
    ("?conomie", Wildcard("?conomie")),
    ("m?re", Wildcard("m?re")),
    ("coop*?", Wildcard("coop*?")),
    ("-coop*", no(Prefix("coop"))),
    ("*", None),
    ("* loi", Term("loi")),
    ("-* loi", Term("loi")),
    ("a*", None),
    ("co*", Prefix("co")),
    # Escapes
    (r"\*", None),
    (r"coop\*", Term("coop*")),
    (r"\"loi\"", Term('"loi"')),
    (r"\-loi", Term("-loi")),
    (r"loi \ET décret", most("loi", "ET", "décret")),
    (r"titre\:loi", Term("titre:loi")),
    (r"loi\(ESS\)", Term("loi(ESS)")),
    (r"m\?re", Term("m?re")),
    (r'"la \"loi\" ESS"', Phrase("la loi ESS")),
    ("loi\\", Term("loi")),
]


@pytest.mark.parametrize(("query", "tree"), QUERIES, ids=[query or "empty" for query, _ in QUERIES])
def test_reads(query: str, tree: Tree | None) -> None:
    assert parse(query).tree == tree


@pytest.mark.parametrize("query", [query for query, _ in QUERIES], ids=[query or "empty" for query, _ in QUERIES])
def test_writes_what_it_reads(query: str) -> None:
    tree = parse(query).tree
    assert parse(to_text(tree)).tree == tree


SILENT = [
    "",
    "loi ESS",
    "*",
    "* loi",
    "Communiqué de presse RTES - Projet de loi",
    "Webinaire : la loi ?",
    "http://rtes.fr:80/x",
    "élu(e)s",
    "ÉTUDE TERRITOIRES URBAINS ET RURAUX",
    'titre:"loi ESS"~2 -type:autres annee:2020.. coop*',
]


@pytest.mark.parametrize("query", SILENT)
def test_says_nothing_of_what_it_understands(query: str) -> None:
    assert parse(query).messages == ()


MESSAGES = [
    ('"loi ESS', [parser.UNCLOSED_QUOTE]),
    ("loi »", [parser.STRAY_QUOTE]),
    ('loi ""', [parser.EMPTY_QUOTES]),
    ("« » « »", [parser.EMPTY_QUOTES, parser.NO_WORD]),
    ('"coop* agricole"', [parser.STARRED_PHRASE]),
    ("(loi", [parser.UNCLOSED_BRACKET]),
    ("loi))", [parser.STRAY_BRACKET]),
    ("loi ()", [parser.EMPTY_BRACKETS]),
    ("loi ET", [parser.LONE_JOINT.format("ET")]),
    ("OU loi ET", [parser.LONE_JOINT.format("OU"), parser.LONE_JOINT.format("ET")]),
    ("loi SAUF", [parser.LONE_NOT.format("SAUF")]),
    ("loi NOT NOT décret", [parser.LONE_NOT.format("NOT")]),
    ("loi Thème:", [parser.LONE_FIELD.format("Thème:")]),
    ("annee:abc", [parser.BAD_YEAR.format("abc")]),
    ("annee:123 annee:{x}", [parser.BAD_YEAR.format("123"), parser.BAD_YEAR.format("{x}")]),
    ("annee:abc annee:abc", [parser.BAD_YEAR.format("abc")]),
    ("loi a*", [parser.TOO_WIDE.format("a*")]),
    ("annee:" + "x" * 60, [parser.BAD_YEAR.format("x" * 39 + "…")]),
    ("&", [parser.NO_WORD]),
    ("?!", [parser.NO_WORD]),
    ("-", [parser.NO_WORD]),
    ("???", [parser.NO_WORD]),
    ("x" * 501, [parser.TOO_LONG]),
    ("loi" + " " * parser.MAX_TYPED + "ESS", [parser.TOO_LONG]),
    ("loi " * 41, [parser.TOO_MANY]),
    ("(" * 21 + "a" + ")" * 21, [parser.DEEP_BRACKETS]),
]


@pytest.mark.parametrize(("query", "messages"), MESSAGES, ids=[query[:40] for query, _ in MESSAGES])
def test_tells_what_it_ignores(query: str, messages: list[str]) -> None:
    assert list(parse(query).messages) == messages


@pytest.mark.parametrize("message", [messages[0] for _, messages in MESSAGES], ids=str)
def test_messages_follow_french_typography(message: str) -> None:
    assert not re.search(r"[ ][:;?!»]|«[ ]|«[^\u00a0]|[^\u00a0]»|'", message)
    assert message.endswith(".")
    assert message[0].isupper() or message[0] == "«"


def test_ends_a_flood_of_messages() -> None:
    assert len(parse(" ".join(f"annee:x{number}" for number in range(100))).messages) == parser.MAX_MESSAGES


# Limits


def test_a_long_query_keeps_whole_words() -> None:
    tree = parse("solidarités-" * 3 + " " + "x" * 600 + " loi").tree
    assert tree == Term("solidarités-" * 3)


def test_one_endless_word_is_cut() -> None:
    assert parse("x" * 10_000).tree == Term("x" * MAX_CHARACTERS)


def test_a_long_phrase_is_cut_between_words() -> None:
    tree = parse('"' + "quatorzelettre " * 200 + '"').tree
    assert isinstance(tree, Phrase)
    assert set(tree.text.split()) == {"quatorzelettre"}
    assert len(tree.text) == 33 * 15 - 1


def test_the_signs_of_the_language_are_free() -> None:
    texts = [f"mot{number:09}" for number in range(40)]
    query = " OU ".join(f'titre:("{text}"~12)' for text in texts)
    assert len(query) > MAX_CHARACTERS
    assert parse(query).messages == ()
    assert parse(query).tree == Or(tuple(Phrase(text, 12, "title") for text in texts))


def test_clauses_have_a_limit() -> None:
    tree = parse(" ".join(map(str, range(100)))).tree
    assert tree == most(*map(str, range(MAX_CLAUSES)))


def test_brackets_have_a_limit() -> None:
    levels = MAX_DEPTH - 1
    deep = "((a OU b ET " + "(a OU b ET " * (levels - 1) + "c" + ")" * MAX_DEPTH
    assert parse(deep).messages == ()
    assert depth(parse(deep).tree) == 2 * levels
    assert parse(f"({deep})").messages == (parser.DEEP_BRACKETS,)


def test_brackets_beyond_the_limit_lose_what_bears_on_them() -> None:
    assert parse("(" * MAX_DEPTH + "-(a b)").tree == most("a", "b")


def depth(tree: Tree | None) -> int:
    if isinstance(tree, And | Or):
        return 1 + max(map(depth, tree.children))
    return 1 + depth(tree.child) if isinstance(tree, Not) else 0


@pytest.mark.parametrize("query", ["???", "-", "()", '""', "« »", "&", "…", "!* ?", "-*", "🙂", "€ + %"])
def test_signs_alone_are_wordless(query: str) -> None:
    assert parse(query).wordless


@pytest.mark.parametrize("query", ["", "  ", "\u200b", "*", "**", "* *", "loi", "1", "loi ???", "ET", "titre:"])
def test_what_is_not_wordless(query: str) -> None:
    assert not parse(query).wordless
