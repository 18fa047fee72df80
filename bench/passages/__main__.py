"""`python -m bench.passages`: for how many questions one of three cited passages is right, and the time that they cost.

Two archives are indexed: the demonstration, and the practical sheets if they are beside the checkout. A passage is
right if it contains one of the answers of `questions.tsv`. `reach` counts questions with a right resource among the
first ten results, beyond which no passage can come.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import fiches
from bench.passages import selection
from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.document.pages import Page
from indexer.engine import Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.publications import PUBLICATION_CACHE, CachedPageTexts
from indexer.query import Matching, Planner, SearchRequest
from indexer.query.scoring import idf
from indexer.resource import Audience, Resource
from search_app import cli
from search_app.settings import SiteSettings

QUESTIONS = Path(__file__).with_name("questions.tsv")
EXAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "exemple"
VISITOR = Audience.VISITOR
RESOURCES = 10

PageOf = Callable[[str, int], Page | None]


@dataclass(frozen=True, slots=True)
class Right:
    """A sentence that answers a question: its resource, its place in the resource (``body``, ``summary`` or
    publication/page), its offsets in that text, and the digest of the sentence.
    """

    resource: str
    place: str
    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class Archive:
    """An indexed archive.

    Attributes:
        engine: the engine that searches it.
        page: given the key of a publication's text and a page number, returns the page, or None if there is none.
    """

    engine: Engine
    page: PageOf


def questions() -> dict[tuple[str, str, str], list[Right]]:
    """Return the right answers to each question, by collection, part (``work`` or ``fresh``) and question."""
    found: dict[tuple[str, str, str], list[Right]] = {}
    for line in QUESTIONS.read_text("utf-8").splitlines():
        collection, part, text, resource, place, start, end, digest = line.split("\t")
        found.setdefault((collection, part, text), []).append(Right(resource, place, int(start), int(end), digest))
    return found


@contextlib.contextmanager
def archives(folder: Path) -> Iterator[dict[str, Archive]]:
    """Return a context manager around the archives, indexed in a folder, by collection (``demo``, ``fiches``)."""
    settings = SiteSettings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")
    places = ["--corpus", str(settings.corpus), "--index", str(settings.index), "--data", str(settings.data)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for command in (["import", str(EXAMPLE)], ["index"]):
            assert cli.main([*places, *command]) == 0
    texts = CachedPageTexts(settings.index / PUBLICATION_CACHE)
    found = {"demo": Archive(cli.open_engine(settings), texts.page)}
    if fiches.available():
        engine = EmbeddedEngine(folder / "fiches", default_analyzer())
        with engine.writer(fresh=True) as writer:
            for resource in fiches.resources():
                writer.put(resource)
        found["fiches"] = Archive(engine, lambda _text, _number: None)
    try:
        yield found
    finally:
        for archive in found.values():
            archive.engine.close()
        texts.close()


def sources(archive: Archive, query: str) -> list[selection.Source]:
    """Return the texts that may hold an answer: summary, body and best pages of the first ten results of a query."""
    found = []
    for rank, hit in enumerate(archive.engine.search(SearchRequest(VISITOR, query)).hits[:RESOURCES]):
        resource = archive.engine.get(hit.id, audience=VISITOR)
        if resource is None:
            continue
        texts = filter(None, (resource.summary, resource.body))
        found += [selection.Source(rank, hit.id, hit.title, text) for text in texts]
        documents = {one.n: one for one in resource.documents}
        for place in hit.pages:
            page = archive.page(documents[place.document].text, place.page)
            if page is not None:
                spans = tuple(page.body)
                found.append(selection.Source(rank, hit.id, hit.title, page.text, place.document, place.page, spans))
    return found


def idfs(archive: Archive, asked: selection.Question, planner: Planner) -> dict[selection.Part, float]:
    """Return the idf of each part of a question, usually one for each word, among the resources that visitors see."""
    engine, total = archive.engine, archive.engine.status().public
    holding: dict[selection.Leaf, int] = {}
    for word, parts in selection.words_of(asked, planner):
        alone = SearchRequest(VISITOR, word, per_page=1, snippets=False, match=Matching.ALL)
        number = engine.search(alone).total
        for leaf in (leaf for part in parts for leaf in part):
            holding.setdefault(leaf, number)
    return {
        part: idf(min((holding[leaf] for leaf in part if leaf in holding), default=total), total)
        for part in selection.parts_of(asked, planner)
    }


def is_right(answer: selection.Answer, right: Right, resource: Resource | None) -> bool:
    """Return whether a passage that was selected contains the right answer.

    Args:
        answer: the passage.
        right: the right answer, with the resource and the place where it stands.
        resource: the resource of the right answer; None, and so False, if the archive does not have it.
    """
    source = answer.source
    if resource is None or source.resource != right.resource:
        return False
    own = {"body": resource.body, "summary": resource.summary}
    same = right.place == f"{source.document}/{source.page}" or (
        source.document is None and source.text == own.get(right.place)
    )
    return same and answer.start <= right.start and right.end <= answer.end


def _is_known(archive: Archive, right: Right) -> bool:
    """Return whether an answer is still at the place that `questions.tsv` gives."""
    resource = archive.engine.get(right.resource, audience=VISITOR)
    if resource is None:
        return False
    if "/" in right.place:
        number, page_number = map(int, right.place.split("/"))
        page = archive.page(next(one.text for one in resource.documents if one.n == number), page_number)
        text = "" if page is None else page.text
    else:
        text = {"body": resource.body, "summary": resource.summary}[right.place] or ""
    digest = hashlib.blake2b(text[right.start : right.end].encode(), digest_size=6).hexdigest()
    return digest == right.digest


def main() -> None:
    """Print how many questions get passages, and right ones, by collection and part (``work`` or ``fresh``); then the
    milliseconds that passages take for a question.
    """
    planner = Planner(default_analyzer(), Synonyms.load(SYNONYMS_FILE, default_analyzer()))
    counts: dict[tuple[str, str], Counter[str]] = {}
    times = []
    with tempfile.TemporaryDirectory() as folder, archives(Path(folder)) as held:
        for (collection, part, text), rights in questions().items():
            if collection not in held:
                continue
            archive, count = held[collection], counts.setdefault((collection, part), Counter())
            assert all(_is_known(archive, one) for one in rights), f"an answer has moved: {text}"
            asked = selection.question(text)
            read = sources(archive, text)
            began = time.perf_counter()
            given = () if asked is None else selection.answers(asked, read, planner, idfs(archive, asked, planner))
            times.append((time.perf_counter() - began) * 1000)
            count["questions"] += 1
            count["reach"] += any(source.resource == one.resource for source in read for one in rights)
            count["shown"] += bool(given)
            count["right"] += any(
                is_right(answer, one, archive.engine.get(one.resource, audience=VISITOR))
                for answer in given
                for one in rights
            )
    print("| archive | questions | reach | with passages | right |\n|---|---|---|---|---|")
    for (collection, part), count in counts.items():
        row = (f"{collection}, {part}", *(str(count[one]) for one in ("questions", "reach", "shown", "right")))
        print("| " + " | ".join(row) + " |")
    ordered = sorted(times)
    print(f"\n{statistics.median(times):.1f} ms (median), {ordered[int(0.95 * len(ordered))]:.1f} ms (p95) a question")


if __name__ == "__main__":
    main()
