"""The geometry of charts, and the page of years, which uses it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search_app.web import charts as plots
from tests.support.fake_engine import FakeEngine


def test_bars_fill_the_box() -> None:
    low, none, high = plots.bars([1, 0, 4], width=90, height=40)
    assert (high.y, high.height) == (0, 40)
    assert (low.y, low.height) == (30, 10)
    assert none.height == 0
    assert low.x + low.width < none.x
    assert [bar.value for bar in (low, none, high)] == [1, 0, 4]


def test_one_among_thousands_is_still_seen() -> None:
    small, _ = plots.bars([1, 10_000], width=10, height=60)
    assert small.height == 3


def test_one_beside_hundreds_is_still_seen_in_a_stack() -> None:
    (alone,), (many,), full = plots.stacks([[1, 0, 0], [219, 0, 0], [1, 217, 1]], width=90, height=240, top=219)
    assert (alone.y, alone.height) == (237, 3)
    assert (many.y, many.height) == (0, 240)
    assert [bar.height for bar in full] == [3, 234, 3]
    assert full[-1].y == 0  # within the box: what is added is taken from the highest bar
    assert [bar.value for bar in full] == [1, 217, 1]


def test_no_bars() -> None:
    assert plots.bars([], width=10, height=10) == ()
    assert all(bar.height == 0 for bar in plots.bars([0, 0], width=10, height=10))


def test_stacks_stand_on_each_other() -> None:
    (pile, empty) = plots.stacks([[2, 0, 3], [0, 0, 0]], width=100, height=100, top=10)
    assert empty == ()
    lower, upper = pile
    assert (lower.y, lower.height, lower.series) == (80, 20, 0)
    assert (upper.y, upper.height, upper.series) == (50, 30, 2)


@pytest.mark.parametrize(
    ("highest", "values"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (6, [0, 2, 4, 6]),
        (7, [0, 2, 4, 6, 8]),
        (29, [0, 10, 20, 30]),
        (1234, [0, 500, 1000, 1500]),
    ],
)
def test_ticks_are_round_and_reach_the_top(highest: int, values: list[int]) -> None:
    found = plots.ticks(highest, height=100)
    assert [tick.value for tick in found] == values
    assert (found[0].y, found[-1].y) == (100, 0)


def years(client: FlaskClient) -> BeautifulSoup:
    response = client.get("/annees")
    assert response.status_code == 200
    return BeautifulSoup(response.text, "lxml")


def table(soup: BeautifulSoup) -> dict[str, list[int]]:
    return {
        row.th.get_text(): [int(cell.get_text()) for cell in row.select("td")]
        for row in soup.select(".figures tbody tr")
    }


def test_figures_of_years_are_those_of_searches(client: FlaskClient) -> None:
    soup = years(client)
    rows = table(soup)
    assert "29 ressources, de 2013 à 2025" in soup.select_one(".standfirst").get_text()
    assert next(iter(rows)) == "2025"
    assert list(rows)[-1] == "Sans année"
    assert sum(total for total, *_ in rows.values()) == 29
    for row in soup.select(".figures tbody tr"):
        total, *by_type = (int(cell.get_text()) for cell in row.select("td"))
        assert sum(by_type) == total
        assert client.get("/api/v1/search" + row.a["href"].removeprefix("/")).json["total"] == total
    for li in soup.select(".legend li"):
        assert client.get("/api/v1/search" + li.a["href"].removeprefix("/")).json["total"] == int(
            li.select_one(".count").get_text().split()[0]
        )


def test_the_plot_draws_each_figure_but_those_without_a_year(client: FlaskClient) -> None:
    soup = years(client)
    drawn = soup.select(".timeline rect[class^=series]")
    dated = {year: counts for year, (_, *counts) in table(soup).items() if year != "Sans année"}
    assert len(drawn) == sum(count > 0 for counts in dated.values() for count in counts)
    assert "Le tableau qui suit" in soup.select_one(".plot p.unseen").get_text()


def test_the_bars_of_the_plot_are_links(client: FlaskClient) -> None:
    """Each bar leads where the row of its year in the table leads; keyboards and screen readers use the table."""
    soup = years(client)
    bars = soup.select(".timeline a")
    rows = [row for row in soup.select("tbody tr") if row.a.get_text() != "Sans année"]
    assert [bar["href"] for bar in bars] == [row.a["href"] for row in reversed(rows)]
    assert soup.select_one(".timeline")["aria-hidden"] == "true"
    for bar, row in zip(bars, reversed(rows), strict=True):
        assert bar["tabindex"] == "-1"
        total = row.select_one("td").get_text()
        assert bar.title.get_text().startswith(f"{row.a.get_text()}\u00a0: {total} ressource")


def test_members_see_their_own_figures(client: FlaskClient, member: FlaskClient) -> None:
    assert sum(total for total, *_ in table(years(member)).values()) == 33
    assert "33 ressources" not in client.get("/annees").text


def test_no_year_is_known(client: FlaskClient, engine: FakeEngine) -> None:
    engine.resources = engine.resources[27:28]
    assert "Aucune année" in years(client).get_text()
    engine.resources = ()
    assert "Aucune année" in years(client).get_text()


def test_many_types_share_the_last_series(client: FlaskClient, engine: FakeEngine) -> None:
    from dataclasses import replace

    engine.resources = tuple(replace(one, type=f"Type {n % 9}") for n, one in enumerate(engine.resources))
    soup = years(client)
    names = [li.get_text(" ", strip=True) for li in soup.select(".legend li")]
    assert len(names) == 6
    assert names[-1].startswith("Autres types")
    assert all(sum(by_type) == total for total, *by_type in table(soup).values())


def test_histogram_says_what_the_facet_says(client: FlaskClient) -> None:
    soup = BeautifulSoup(client.get("/?q=coop*&year=2023").text, "lxml")
    values = {
        box["value"]: int(box.parent.select_one(".count").get_text().split()[1])
        for box in soup.select("input[name=year]")
        if box["value"] != "none"
    }
    bars = {title.get_text().split()[0]: int(title.get_text().split()[2]) for title in soup.select(".histogram title")}
    assert bars == {year: count for year, count in values.items() if count}
    assert [a.select_one("title").get_text()[:4] for a in soup.select(".histogram .selected")] == ["2023"]


def test_one_year_needs_no_plot(client: FlaskClient) -> None:
    assert 'class="histogram"' not in client.get("/?q=2022").text
