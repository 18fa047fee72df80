"""Any typed text can be parsed in linear time and written back as a query."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.query import lexer, parser
from indexer.query.ast import And, Not, Or, Tree
from indexer.query.parser import MAX_CLAUSES, MAX_DEPTH, parse
from indexer.query.unparse import to_text, words
from tests.indexer.query.test_parser import depth, most

# Writing back

CANONICAL = [
    ("a AND b", "a ET b"),
    ("a b", "a b"),
    ("a NOT b", "a -b"),
    ("a OU b c", "(a OU b) c"),
    ("a OU (b c)", "a OU b ET c"),
    ("-(a b)", "-(a b)"),
    ("« loi  ESS »~2", '"loi ESS"~2'),
    ("résumé:(a OU b)", "resume:a OU resume:b"),
    ("année:2024-2020", "annee:2020..2024"),
    ("annee:>2019", "annee:2020.."),
    ("annee:<2020", "annee:..2019"),
    ("annee:aucun", "annee:aucune"),
    ("annee:2020-2020", "annee:2020"),
    ("COOP*", "COOP*"),
    (r"loi \ET \*", r"loi \ET"),
    ("ÉTUDE TERRITOIRES URBAINS ET RURAUX", "ÉTUDE TERRITOIRES URBAINS ET RURAUX"),
    ("(ÉTUDE OU TERRITOIRES OU RURAUX)", "(ÉTUDE OU TERRITOIRES OU RURAUX)"),
    ("(élu(e)s OU élu-e-s)", "élu(e)s OU élu-e-s"),
    ("http://rtes.fr/?a=(b)", "http://rtes.fr/?a=(b)"),
    ("-http://x(y", r"-\http\://x\(y"),
]


@pytest.mark.parametrize(("query", "text"), CANONICAL, ids=[query for query, _ in CANONICAL])
def test_writes(query: str, text: str) -> None:
    assert to_text(parse(query).tree) == text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ()),
        ("loi", ("loi",)),
        ('loi "économie sociale" coop*', ("loi", "économie", "sociale")),
        ("(a OU b) -c SAUF (d e)", ("a", "b")),
        ("titre:a type:b theme:c annee:2020 texte:d", ("a", "d")),
        ("terr*re", ()),
    ],
)
def test_words(query: str, expected: tuple[str, ...]) -> None:
    assert words(parse(query).tree) == expected


# Arbitrary text

SIGNS = (
    'loi|ESS|a|É|ÉTUDES|TERRITOIRES|ET|OU|SAUF|NOT|AND| | | |-|--|+|(|)|((|))|"|«|»|“|~5|*|?|\\|titre:|annee:|type:'
    "|résumé:|2020|..|>=|2020..2024|élu(e)s|(e)|http://x|www.a|.|…|,|'|’|l'|\u0301|\u200f|\ud800|\x00|&|:|é|/|[|!|\u00a0"
    "|aucune|ab*|?a|" + "a" * 40
).split("|")
mixtures = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)
nested = st.tuples(
    st.integers(0, 2 * MAX_DEPTH),
    st.lists(st.sampled_from(["(", "a OU ", "b ", "-(", "c ET ", "titre:(", ")", " ) ", "d", " e "]), max_size=120),
).map(lambda parts: "(" * parts[0] + "".join(parts[1]))
typed = st.one_of(st.text(max_size=600), mixtures, nested)


@settings(deadline=None, max_examples=500)
@given(typed)
@example('"' * 5_000)
@example("(" * 5_000)
@example("(" * 50 + "a" + ")" * 50)
@example("-" * 5_000 + "a")
@example("titre:" * 1_000 + "a")
@example("SAUF " * 1_000 + "a")
@example("\\" * 5_001)
@example("é" + "(e)" * 2_000)
@example("a*" * 3_000)
@example("e" + "\u0301\u0327" * 5_000)
def test_anything_is_read_within_limits_and_written_back(query: str) -> None:
    parsed = parse(query)
    assert len(parsed.messages) == len(set(parsed.messages)) <= parser.MAX_MESSAGES
    assert leaves(parsed.tree) <= MAX_CLAUSES
    assert depth(parsed.tree) <= 3 * MAX_DEPTH + 1
    text = to_text(parsed.tree)
    again = parse(text)
    assert again.tree == parsed.tree
    assert set(again.messages) <= {parser.STARRED_PHRASE}
    assert to_text(again.tree) == text
    assert all(map(lexer.has_content, words(parsed.tree))) or '"' in text


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[a-zàâéèêëîïôûùüç]{1,9}", fullmatch=True), min_size=2, max_size=12))
def test_plain_words_stay_plain(texts: list[str]) -> None:
    assert parse(" ".join(texts)).tree == most(*texts)


def leaves(tree: Tree | None) -> int:
    if isinstance(tree, And | Or):
        return sum(map(leaves, tree.children))
    return leaves(tree.child) if isinstance(tree, Not) else int(tree is not None)


# Linear time, tested by counting calls


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "(",
        ")",
        "()",
        "(a",
        "a OU ",
        "-(",
        "-a ",
        "titre:",
        "é(e)",
        "(e",
        "\\",
        "a*",
        "?",
        "..",
        "e\u0301",
        "« ",
        "ET ",
    ],
)
def test_work_grows_with_length(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MAX_TYPED", 1_000_000)
    short, long = (calls(lambda text=unit * repeats: parse(text)) for repeats in (1_000, 4_000))
    assert long <= 4.5 * short


def calls(work: Callable[[], object]) -> int:
    """Return the number of calls of Python and C functions that some work makes."""
    count = 0

    def tally(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


# Plain words, and alternatives of words, are parsed without the lexer

SIMPLE = [*"loi LOI ESS économie œuvre ÉCONOMIE OU OR ET SAUF Ou ou 12 l'eau -a".split(" "), ""]


@given(st.lists(st.sampled_from(SIMPLE), max_size=9).map(" ".join))
@example("SCIC OU SCOP")
@example("ECONOMIE OU SOCIALE OU SOLIDAIRE")
@example(" ".join(["mot"] * (MAX_CLAUSES + 1)))
@example("anticonstitutionnellement " * 30)
def test_the_short_way_says_the_same(query: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexer, "words_alone", lambda text: ([], False))
        whole = parse(query)
    assert parse(query) == whole
