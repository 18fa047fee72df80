"""Search statistics: searches by day, most frequent queries, queries without results; as plots, tables and CSV."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from search_app.search.log_store import SearchesOfDay, SearchLog
from search_app.staff.desk import blueprint
from search_app.web import charts as plots
from search_app.web import text as texts
from search_app.web.context import site
from search_app.web.spreadsheets import CONTENT_TYPE, write_csv

PERIODS = {7: "7 jours", 30: "30 jours", 90: "3 mois", 365: "un an"}
_DEFAULT = 30
_LISTED = 50
_WIDTH, _HEIGHT = 100.0, 160.0
"""Size of the plot; its width is in per cent, so that text keeps its size on any screen."""


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One day of the plot: two stacked bars, searches with results at the bottom, and the number of all searches and of
    those without results (`fruitless`).
    """

    day: datetime.date
    bars: tuple[plots.Bar, ...]
    searches: int
    fruitless: int


def search_log() -> SearchLog:
    """Return the log of searches."""
    return site().stores.searches


def asked_lately(limit: int) -> list[str]:
    """Return queries of the last weeks: the most frequent ones and the most frequent ones without results."""
    log = search_log()
    since, until = _span(_DEFAULT)
    found = [*log.without_result(since, until, limit=limit), *log.most_frequent(since, until, limit=limit)]
    return list(dict.fromkeys(one.query for one in found))[:limit]


@blueprint.get("/recherches")
def search_stats() -> ResponseReturnValue:
    """Show the search statistics."""
    days = _days()
    log = search_log()
    if not log.on:
        return render_template("staff/search_stats.html", kept=False, days=days, periods=PERIODS)
    since, until = _span(days)
    columns, ticks = _plot(log.by_day(since, until), since, until)
    return render_template(
        "staff/search_stats.html",
        kept=True,
        days=days,
        periods=PERIODS,
        columns=columns,
        ticks=ticks,
        size=_HEIGHT,
        total=sum(column.searches for column in columns),
        in_vain=sum(column.fruitless for column in columns),
        frequent=log.most_frequent(since, until, limit=_LISTED),
        fruitless=log.without_result(since, until, limit=_LISTED),
        day_words=lambda day: texts.date_in_words(day.isoformat()),
    )


@blueprint.get("/recherches/<what>.csv")
def search_stats_csv(what: str) -> ResponseReturnValue:
    """Return search statistics as CSV: `what` is jours (searches by day), frequentes (most frequent queries) or
    sans-resultat (queries without results).
    """
    log = search_log()
    since, until = _span(_days())
    rows: Iterable[Iterable[str | int]]
    if what == "jours":
        titles: tuple[str, ...] = ("jour", "recherches", "sans résultat")
        rows = [(day.day.isoformat(), day.searches, day.fruitless) for day in log.by_day(since, until)]
    elif what in {"frequentes", "sans-resultat"}:
        read = log.most_frequent if what == "frequentes" else log.without_result
        titles = ("recherche", "fois", "sans résultat", "dernière fois")
        rows = [
            (one.query, one.searches, one.fruitless, one.last.isoformat()) for one in read(since, until, limit=10_000)
        ]
    else:
        abort(404)
    response = Response("".join(write_csv(titles, rows)), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="recherches-{what}.csv"'
    return response


def _days() -> int:
    given = request.args.get("jours", "")
    return int(given) if given in map(str, PERIODS) else _DEFAULT


def _span(days: int) -> tuple[datetime.date, datetime.date]:
    today = search_log().today
    return today - datetime.timedelta(days=days - 1), today


def _plot(
    counted: Sequence[SearchesOfDay], since: datetime.date, until: datetime.date
) -> tuple[tuple[DayColumn, ...], tuple[plots.Tick, ...]]:
    by_day = {day.day: (day.searches, day.fruitless) for day in counted}
    days = [since + datetime.timedelta(days=n) for n in range((until - since).days + 1)]
    figures = [by_day.get(day, (0, 0)) for day in days]
    ticks = plots.ticks(max((searches for searches, _ in figures), default=0), height=_HEIGHT)
    piles = plots.stacks(
        [(searches - fruitless, fruitless) for searches, fruitless in figures],
        width=_WIDTH,
        height=_HEIGHT,
        top=ticks[-1].value,
    )
    return tuple(DayColumn(day, pile, *counts) for day, pile, counts in zip(days, piles, figures, strict=True)), ticks
