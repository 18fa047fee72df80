"""A result list for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.query.request import Hit, Matching, SearchResponse

_BOLD, _PLAIN, _DIM = "\x1b[1m", "\x1b[0m", "\x1b[2m"


def result_lines(response: SearchResponse, *, colours: bool) -> Iterator[str]:
    """Lines of a result list.

    Args:
        response: what an engine answered.
        colours: whether matches and titles are set off, as a terminal can show.
    """
    bold, plain, dim = (_BOLD, _PLAIN, _DIM) if colours else ("", "", "")
    if response.corrected and response.did_you_mean:
        yield f"Rien pour ces mots ; voici les résultats pour « {response.did_you_mean} »."
    elif response.did_you_mean:
        yield f"Vouliez-vous dire « {response.did_you_mean} » ?"
    yield from response.messages
    if response.matching is Matching.MOST:
        yield "Peu de ressources contiennent tous ces mots : en voici qui en contiennent au moins la moitié."
    many = "s" if response.total > 1 else ""
    yield f"{response.total} ressource{many}" + (f", page {response.page}" if response.page > 1 else "")
    for hit in response.hits:
        yield ""
        yield f"{bold}{_plain(hit.title)}{plain}"
        yield f"  {dim}{_facts(hit)}{plain}"
        if hit.snippet:
            pieces = (f"{bold}{_plain(p.text)}{plain}" if p.matched else _plain(p.text) for p in hit.snippet)
            yield "  " + "".join(pieces)
        yield f"  {hit.url or hit.id}"


def _facts(hit: Hit) -> str:
    facts = [hit.type or "Sans type", str(hit.year) if hit.year else "Sans année", *(hit.themes or ("Sans thème",))]
    if hit.private:
        facts.append("Réservée aux adhérents")
    return " · ".join(map(_plain, facts))


def _plain(text: str) -> str:
    """Text without control characters: a page's title must not drive a terminal."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or (c.isprintable() or c in "\u00a0\u202f"))
