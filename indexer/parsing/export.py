"""Read a text export: a file of plain text with one resource after another, told apart only by the labels of fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.errors import NoResourceError
from indexer.parsing.dates.choose import choose, read_byline, read_head_date, read_published
from indexer.parsing.encoding import decode
from indexer.parsing.export_lines import holds_private_run, mentions_label, menu_end, read_lines
from indexer.parsing.labels import ANCHORS, Label, read_privacy, recognise
from indexer.parsing.node import ParsedNode, ParsedPage
from indexer.parsing.text import LONG_TITLE, UNCERTAIN, UNTITLED, fold, shorten

_NEAR = {Label.CATEGORY: 12, Label.TYPE: 3, Label.PRIVATE: 3}
_SHORT = 200
_TITLE_AT_MOST = 300
_SENTENCE = 40


@dataclass(slots=True)
class _Run:
    """A run: the labels of one resource, each with the index of its line in the export."""

    at: dict[Label, int] = field(default_factory=dict)

    @property
    def start(self) -> int:
        return min(self.at.values())

    @property
    def strong(self) -> bool:
        return self.at.keys() >= ANCHORS

    def value(self, label: Label, lines: list[str]) -> list[str] | None:
        """Return the lines of a field's value, None if the run lacks its label.

        Not to be used for the summary, whose end no label marks.
        """
        if label not in self.at:
            return None
        start = self.at[label] + 1
        later = [index for index in self.at.values() if index >= start]
        # Without a following label, only one line is certainly part of the value.
        return lines[start : min(later)] if later else lines[start : start + 1]

    def end(self, lines: list[str]) -> int:
        """Return the index of the first line after the fields: the summary's first line, or the line after the last
        value.
        """
        last = max(self.at, key=self.at.__getitem__)
        return self.at[last] + (1 if last is Label.SUMMARY else 2)


def parse_export(raw: bytes) -> ParsedPage:
    """Read a text export of one or more resources.

    Args:
        raw: the file's bytes.

    Returns:
        The resources in order, without a theme for the page.

    Raises:
        NoResourceError: the file has none of the labels, or a resource without title and text.
        PageError: the file is empty or binary.
    """
    text = decode(raw)
    lines = read_lines(text)
    runs = _find_runs(lines)
    if not runs:
        raise NoResourceError(
            "Cet export n’écrit ses libellés ni sur une ligne à eux, ni l’un sous l’autre : mettez chaque libellé et "
            "sa valeur sur deux lignes, ou tous les libellés d’une ressource l’un sous l’autre."
            if mentions_label(text)
            else "Cet export ne contient aucun libellé « Type de ressource » ou « Ressource privée » : "
            "ce n’est pas un export de ressources."
        )
    nodes: list[ParsedNode] = []
    titles = [_find_title(lines, runs, number) for number in range(len(runs))]
    for number, run in enumerate(runs):
        limit = titles[number + 1] if number + 1 < len(runs) else len(lines)
        nodes.append(_read(lines, run, titles[number], limit))
    return ParsedPage(nodes=tuple(nodes))


def _find_runs(lines: list[str]) -> list[_Run]:
    """Return the runs, one for each resource: neighbouring labels with « Type de ressource » or « Ressource privée ».

    Labels with neither of the two are ordinary text. If some run has both, a run with only one of them may be text too
    (`_plausible`).
    """
    found: list[_Run] = []
    run = _Run()
    for index, line in enumerate(lines):
        label = recognise(line)
        if label is None:
            continue
        if run.at and not _continues(run, label, index, lines):
            found.append(run)
            run = _Run()
        run.at[label] = index
    found.append(run)
    found = [run for run in found if run.at.keys() & ANCHORS]
    strong = [run for run in found if run.strong]
    if not strong:
        return found
    types = {fold(" ".join(run.value(Label.TYPE, lines) or ())) for run in strong}
    return [run for run in found if run.strong or _plausible(run, lines, types)]


def _continues(run: _Run, label: Label, index: int, lines: list[str]) -> bool:
    last = max(run.at, key=run.at.__getitem__)
    between = lines[run.at[last] + 1 : index]
    return (
        label > last
        and last is not Label.SUMMARY
        and len(between) <= _NEAR[last]
        and all(len(line) <= _SHORT for line in between)
    )


def _plausible(run: _Run, lines: list[str], types: set[str]) -> bool:
    """Return whether a run with only one of the labels « Ressource privée » and « Type de ressource » belongs to a
    resource, in an export where other runs have both; `types` are the types in these other runs, folded.

    « Ressource privée » without a clear value counts too if another label is next to it; otherwise its text would be
    added to the resource before, which may be public.
    """
    if Label.PRIVATE in run.at:
        return len(run.at) > 1 or not read_privacy(run.value(Label.PRIVATE, lines))[1]
    return len(run.at) > 1 or fold(" ".join(run.value(Label.TYPE, lines) or ())) in types


def _find_title(lines: list[str], runs: list[_Run], number: int) -> int:
    """Return the index of the line of a resource's title.

    A summary usually repeats the body's first paragraphs, so the paragraph before these in the body is the title.
    Otherwise the resource is taken to have only a title, right before its labels. `number` is the index of the
    resource's labels in `runs`, which holds the labels of every resource.
    """
    run = runs[number]
    previous = runs[number - 1] if number else None
    start = previous.end(lines) if previous else 0
    stop = run.start
    opening = _opening(lines, run, runs[number + 1].start if number + 1 < len(runs) else len(lines))
    if opening:
        for index in range(stop - 1, start, -1):
            if fold(lines[index]) == opening:
                return index - 1
    if previous is None or Label.SUMMARY not in previous.at:
        # These lines belong to this resource alone, so the first one is its title. A private resource usually shows no
        # body: lines above its title are the page's.
        if previous is None and (under := menu_end(lines, stop)) is not None:
            return under
        private = read_privacy(run.value(Label.PRIVATE, lines))[0]
        bare = private and previous is None and not (stop and _is_sentence(lines[stop - 1]))
        return max(stop - 1, start) if bare else min(start, stop)
    if opening:
        for index in range(stop - 1, start, -1):
            if _begins_alike(fold(lines[index]), opening):
                return index - 1
    return max(stop - 1, start)


def _is_sentence(line: str) -> bool:
    return len(line) > _SENTENCE and line.endswith(".")


def _opening(lines: list[str], run: _Run, limit: int) -> str | None:
    """Return the first paragraph of the summary of a resource, folded, or None.

    Args:
        lines: the lines of the export.
        run: the labels of the resource.
        limit: index of the line at which the next resource begins.
    """
    first = run.at.get(Label.SUMMARY, limit) + 1
    return fold(lines[first]) if first < limit else None


def _begins_alike(paragraph: str, opening: str) -> bool:
    """Return whether one text is a shortened form of the other, as a summary that ends with an ellipsis."""
    cut = min(paragraph, opening, key=len).rstrip(" .…")
    return len(cut) >= 40 and max(paragraph, opening, key=len).startswith(cut)


def _read(lines: list[str], run: _Run, title_at: int, limit: int) -> ParsedNode:
    warnings: list[str] = []
    body = lines[title_at + 1 : run.start]
    summary = lines[run.at[Label.SUMMARY] + 1 : limit] if Label.SUMMARY in run.at else []
    if title_at < run.start:
        title = lines[title_at]
    else:
        text = next(iter(summary), None)
        if text is None:
            raise NoResourceError("Une ressource de cet export n’a ni titre ni texte.")
        title = shorten(text)
        warnings.append(UNTITLED)
    if len(title) > _TITLE_AT_MOST:
        warnings.append(LONG_TITLE)
    types = run.value(Label.TYPE, lines) or []
    if len(types) > 1:
        warnings.append(f"« Type de ressource » a plusieurs valeurs ; la première est gardée : « {types[0]} ».")
    private, doubt = read_privacy(run.value(Label.PRIVATE, lines))
    if doubt:
        warnings.append(doubt)
    if not private and holds_private_run([*body, *summary]):
        private = True
        warnings.append(UNCERTAIN)
    author = read_byline(body[0]) if body else None
    date = (read_head_date(body[0]) if author else read_published(body[0])) if body else None
    page = [date] if date else []
    if page:
        body = body[1:]
    dating = choose(page=page, title=title, text="\n\n".join([*body, *summary]))
    return ParsedNode(
        title=title,
        body="\n\n".join(body) or None,
        summary="\n\n".join(summary) or None,
        type=types[0] if types else None,
        private=private,
        themes=tuple(dict.fromkeys(run.value(Label.CATEGORY, lines) or ())),
        date=dating.date,
        year=dating.year,
        year_source=dating.source,
        warnings=tuple(warnings),
        author=author,
    )
