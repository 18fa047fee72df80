"""About thirty invented resources: several types and themes, some private, some with unusual values."""

from __future__ import annotations

from dataclasses import replace

from indexer import document
from indexer.document import Cell, Document, Heading, ListBlock, Paragraph, Quotation, Run, Table
from indexer.resource import Attachment, Resource, TerritorySource, YearSource

NET = "Ressources du réseau"
OTHER = "Autres"
GUIDE = "Guides"

FOOD = "Alimentation durable"
BUY = "Achats publics responsables"
COOP = "Coopérations, PTCE et SCIC"
PLACE = "Tiers-lieux et foncier"
MOVE = "Mobilités solidaires"
MONEY = "Monnaies locales"
YOUTH = "Jeunesse et éducation populaire"
EUROPE = "Europe et international"
WASTE = "Économie circulaire"
HEALTH = "Santé et grand âge"

PAGE, TITLE, TEXT, STAFF = YearSource.PAGE, YearSource.TITLE, YearSource.TEXT, YearSource.STAFF

_ROWS: tuple[tuple[str, str | None, tuple[str, ...], str | None, int | None, YearSource | None, bool, str], ...] = (
    ("Guide de la restauration collective de proximité", GUIDE, (FOOD, BUY), "2023-05-04", 2023, TEXT, False,
     "La commande publique alimentaire d’un territoire rural passe par des marchés allotis. Les cantines achètent "
     "aux producteurs voisins, réunis en coopérative."),
    ("Monnaie locale : dix ans d’une expérience basque", NET, (MONEY,), "2024-02-16", 2024, PAGE, False,
     "La monnaie locale circule entre trois mille particuliers et mille entreprises. Les élu·e·s du territoire "
     "peuvent percevoir une partie de leurs indemnités dans cette monnaie."),
    ("Créer une SCIC avec sa commune", GUIDE, (COOP,), "2021-11", 2021, TEXT, False,
     "La société coopérative d’intérêt collectif associe salariés, usagers et collectivités.\n\n"
     "Une commune peut détenir jusqu’à la moitié du capital.\n\n• Choisir l’objet social\n\n• Réunir les associés\n\n"
     "• Rédiger les statuts\n\nLe conseil municipal délibère ensuite."),
    ("Rapport d’activité 2022", NET, (), None, 2022, TITLE, False,
     "L’année en chiffres : cent soixante adhérents, douze journées d’échanges, quatre formations."),
    ("Convention de coopération entre métropole et campagnes", OTHER, (COOP,), None, None, None, True,
     "Texte de la convention, avec son annexe financière confidentielle et la clause Zanzibar."),
    ("Un tiers-lieu dans l’ancienne gare", NET, (PLACE, MOVE), "2020-09-01", 2020, PAGE, False,
     "La gare fermée accueille un atelier vélo, un café associatif et des bureaux partagés. Le foncier reste public."),
    ("Autopartage solidaire en zone peu dense", NET, (MOVE,), "2022-06-30", 2022, TEXT, False,
     "Une association met des voitures en partage dans neuf villages. La mobilité des demandeurs d’emploi y gagne."),
    ("Marchés réservés : mode d’emploi", GUIDE, (BUY,), "2019-03", 2019, TEXT, False,
     "La commande publique permet de réserver des marchés aux structures d’insertion."),
    ("Schéma de promotion des achats responsables", OTHER, (BUY,), "2021-01-12", 2021, PAGE, False,
     "Le schéma fixe une part d’achats auprès de l’économie sociale et solidaire."),
    ("Ressourcerie intercommunale", NET, (WASTE,), "2018-10-08", 2018, TEXT, False,
     "Collecter, réparer, revendre : la ressourcerie emploie vingt personnes en insertion."),
    ("Consigne du verre : où en est-on ?", NET, (WASTE, FOOD), None, None, None, False,
     "Plusieurs territoires relancent le lavage de bouteilles avec des coopératives."),
    ("Coopératives d’activité et d’emploi", NET, (COOP,), "2017-04-20", 2017, PAGE, False,
     "Les entrepreneurs salariés partagent services et protection sociale."),
    ("Fonds social européen : calendrier", OTHER, (EUROPE,), "2022-01-05", 2022, TEXT, False,
     "Le calendrier des appels à projets et les pièces à réunir."),
    ("Coopération décentralisée avec Dakar", OTHER, (EUROPE, COOP), None, 2016, TITLE, False,
     "Deux villes échangent leurs pratiques sur l’économie sociale."),
    ("Habitat participatif pour les aînés", NET, (HEALTH, PLACE), "2023-11-21", 2023, PAGE, False,
     "Des habitant·e·s conçoivent ensemble un immeuble où vieillir entourés."),
    ("Portage de repas en coopérative", NET, (HEALTH, FOOD), "2024-06-03", 2024, TEXT, False,
     "Les repas sont préparés dans la cuisine du lycée et portés à vélo."),
    ("Note interne sur le budget 2025", NET, (BUY,), "2024-12-10", 2024, TEXT, True,
     "Arbitrages budgétaires confidentiels et stratégie de plaidoyer."),
    ("Éducation populaire : une histoire", OTHER, (YOUTH,), None, None, None, False,
     "Des universités populaires aux cafés associatifs, un siècle d’engagement."),
    ("Conseil des jeunes et économie solidaire", NET, (YOUTH,), "2020-02-14", 2020, TEXT, False,
     "Les jeunes élu.e.s du conseil gèrent un budget pour des coopératives éphémères."),
    ("Coopérative jeunesse de services", GUIDE, (YOUTH, COOP), "2019-07-01", 2019, PAGE, False,
     "Pendant un été, quinze adolescents créent leur entreprise coopérative."),
    ("Dossier : financer un PTCE", GUIDE, (COOP,), "2023-03-15", 2023, TEXT, True,
     "Plan de financement détaillé réservé aux membres, avec l’exemple du pôle Zanzibar."),
    ("Pôle territorial de coopération économique du littoral", NET, (COOP, FOOD), "2014-07-31", 2014, TEXT, False,
     "Pêcheurs, cuisiniers et chercheurs réunis depuis la loi de 2014."),
    ("Foncier agricole : le rôle des communes", NET, (PLACE, FOOD), "2021-05-17", 2021, TEXT, False,
     "Acheter, porter puis louer des terres à de jeunes paysans."),
    ("Office foncier solidaire", GUIDE, (PLACE,), "2022-09-09", 2022, PAGE, False,
     "Dissocier le bâti du terrain rend l’accession abordable."),
    ("Logistique du dernier kilomètre à vélo", NET, (MOVE,), "2023-01-25", 2023, TEXT, False,
     "Une coopérative de coursiers livre les commerces du centre."),
    ("Garage solidaire", OTHER, (MOVE,), None, 2015, STAFF, False,
     "Réparer sa voiture à coût réduit tout en formant des mécaniciens."),
    ("Monnaies locales et collectivités : questions juridiques", GUIDE, (MONEY,), "2018-02-02", 2018, TEXT, False,
     "Encaisser des recettes en monnaie locale suppose une convention avec l’association émettrice."),
    ("Atlas des initiatives", None, (), None, None, None, False,
     "Une carte, sans autre précision."),
    ("Lettre d’information de printemps", NET, (), "2025-04-01", 2025, PAGE, False,
     "Au sommaire : la monnaie locale, les achats responsables, un portrait d’élue."),
    ("Rencontre des adhérents, compte rendu", NET, (COOP, EUROPE), "2025-06-18", 2025, TEXT, True,
     "Compte rendu intégral des débats entre adhérents."),
    ("Composteurs de quartier", OTHER, (WASTE,), "2020-11-11", 2020, TEXT, False,
     "Le compost partagé réduit les déchets et crée du lien."),
    ("Titre seul", OTHER, (WASTE,), None, None, None, False, ""),
)  # fmt: skip


_PLACES = {
    0: ("35238",),
    1: ("D64",),
    5: ("D35", "R28"),
    7: ("35238", "D29"),
    # These two resources are private.
    4: ("23096",),
    16: ("29019",),
}
"""Codes of the territories of some resources, by index in `_ROWS`."""


def _resource(number: int) -> Resource:
    title, kind, themes, date, year, source, private, body = _ROWS[number]
    return Resource(
        id=f"r-{number:02d}",
        url=f"https://reseau.example/ressources/{number}" if number % 5 else None,
        title=title,
        body=body or None,
        summary=body.split("\n\n")[0] if body and number % 3 else None,
        type=kind,
        private=private,
        themes=themes,
        date=date,
        year=year,
        year_source=source,
        source=f"theme/page-{number}.html",
        warnings=("La date manque.",) if year is None else (),
        territories=_PLACES.get(number, ()),
        territory_source=TerritorySource.TEXT if number in _PLACES else None,
    )


def _shape(text: str) -> str:
    """Return the outline (`Resource.shape`) of the guide whose body is `text`: it has one block of each kind."""

    def runs(words: str, *, strong: bool = False, target: str | None = None) -> tuple[Run, ...]:
        start = text.index(words)
        return (Run(start, start + len(words), strong, False, target),)

    def cell(words: str, *, head: bool = False) -> Cell:
        return Cell((Paragraph(runs(words)),), head)

    linked = runs("usagers", target="https://autre.example/usagers") + runs(" et collectivités.", strong=True)
    steps = ("Choisir l’objet social", "Réunir les associés", "Rédiger les statuts")
    blocks = (
        Heading(2, runs("La société coopérative d’intérêt collectif")),
        Paragraph(runs("associe salariés, ") + linked),
        Quotation((Paragraph(runs("Une commune peut détenir jusqu’à la moitié du capital.")),)),
        ListBlock(tuple((Paragraph(runs(step)),) for step in steps)),
        Table(((cell("Le conseil municipal", head=True), cell("délibère ensuite.")),)),
    )
    return document.write(Document(text, blocks))


def demo_resources() -> tuple[Resource, ...]:
    """Return the demonstration resources, the same at every call; the last one has HTML and scripts in its fields."""
    plain = tuple(_resource(number) for number in range(len(_ROWS)))
    documents = (
        Attachment("https://reseau.example/fichiers/guide-scic.pdf", "Le guide complet (24 pages)"),
        Attachment("https://autre.example/fiche", "Fiche pratique"),
        Attachment("javascript:alert(1)", "Document piégé"),
    )
    hostile = Resource(
        id="r-hostile",
        url="javascript:alert(document.domain)",
        title='<script>alert("titre")</script> & "guillemets"',
        body='<img src=x onerror="alert(1)">\n\n{{ 7 * 7 }} monnaie piégée',
        summary=None,
        type="<b>Type</b>",
        private=False,
        themes=('"><script>theme</script>',),
        date="pas-une-date",
        year=2013,
        year_source=TEXT,
    )
    scic = plain[2]
    return (
        *plain[:2],
        replace(scic, attachments=documents, body_shape=_shape(scic.body or ""), author="Léa Roux; Réseau d’essai"),
        *plain[3:],
        hostile,
    )
