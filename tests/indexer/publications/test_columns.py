"""Two columns in reading order, however they are drawn; a table stays a table."""

from __future__ import annotations

from indexer.publications import PDF, Status
from tests.indexer.publications.conftest import Read
from tests.support.publications import HEIGHT, MARGIN, PROSE, Sheet, pdf, rows_of_columns

LEFT = """Les collectivités adhérentes ont confié à une
association la gestion de l’épicerie solidaire
du quartier. Elle accueille depuis trois ans
les familles que lui adressent les travail-
leurs sociaux de la ville et du département.
Un comité de pilotage réunit deux fois par an
les élus, les bénévoles et les habitants qui
le souhaitent, avec les agents du territoire.""".split("\n")
RIGHT = """Le bilan de la première année montre que les
produits frais viennent pour moitié de fermes
voisines. La monnaie locale est acceptée pour
tous les achats, et les travailleurs sociaux
en remettent une part aux familles suivies.
La deuxième année, trois autres quartiers de
la ville ont demandé à rejoindre le projet, et
deux communes voisines en étudient le coût.""".split("\n")
WHOLE = [
    "trois ans les familles",
    "travailleurs sociaux de la ville",
    "Le bilan de la première année montre que les produits",
]


def test_columns_drawn_one_after_the_other(read: Read) -> None:
    def draw(canvas):
        for column, lines in enumerate((LEFT, RIGHT)):
            for number, line in enumerate(lines):
                canvas.drawString(MARGIN + column * 240, HEIGHT - 150 - 14 * number, line)

    (page,) = read(pdf([Sheet(draw=draw)])).pages
    assert all(part in page.text for part in WHOLE)


def test_columns_drawn_row_by_row(read: Read) -> None:
    document = read(pdf([Sheet(["Le journal de l’épicerie"], draw=rows_of_columns(LEFT, RIGHT))]))
    assert (document.media_type, document.status) == (PDF, Status.READ)
    text = document.pages[0].text
    assert all(part in text for part in WHOLE)
    assert text.index("territoire") < text.index("Le bilan")
    assert "Le journal de l’épicerie" in text


def test_a_line_across_both_columns_stays_between(read: Read) -> None:
    def draw(canvas):
        rows_of_columns(LEFT, RIGHT)(canvas)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(
            MARGIN,
            HEIGHT - 300,
            "Ce que les élus retiennent de ces deux années, et ce qui reste à faire dans tout le pays",
        )
        for number, (one, other) in enumerate(zip(RIGHT, LEFT, strict=True)):
            canvas.drawString(MARGIN, HEIGHT - 330 - 14 * number, one)
            canvas.drawString(306, HEIGHT - 330 - 14 * number, other)

    text = read(pdf([Sheet(draw=draw)])).pages[0].text
    places = [text.index(part) for part in ("Les collectivités", "Le bilan", "Ce que les élus", "Le bilan de")]
    assert places[:3] == sorted(places[:3])
    after = text[text.index("Ce que les élus") :]
    assert after.index("Le bilan") < after.index("Les collectivités")


def test_a_table_is_read_by_rows(read: Read) -> None:
    cells = [("Commune", "Adhésion"), *((f"Bourg {n}", f"depuis {2000 + n}") for n in range(12))]

    def draw(canvas):
        for number, (one, other) in enumerate(cells):
            canvas.drawString(MARGIN, HEIGHT - 200 - 14 * number, one)
            canvas.drawString(320, HEIGHT - 200 - 14 * number, other)

    text = read(pdf([Sheet(PROSE.split("\n"), draw=draw)])).pages[0].text
    assert all(f"{one} {other}" in text.replace("\n", " ") for one, other in cells)
