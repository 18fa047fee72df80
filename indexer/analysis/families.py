"""Word families that Snowball reads wrongly: words of one stem that mean different things, and words of one meaning
that have different stems.

Words are of one family if a person who searches would take them for the same: "collectivité" is not "collectif", a
"département" is no "départ", but "budgétaire" is about the "budget". `tests/indexer/analysis/families.tsv` holds the
judgements.
"""

from __future__ import annotations

from indexer.analysis.folding import fold

# Words with an index term of their own; after a colon, the words that share it. Plurals need not be listed.
_APART = """
activité
appellation
association: associatif associative associativement
attention
avenir
café
collectif: collective collectivement
collectivité
commission
communication
commune
conjointement
coopérative: coopératif
délit
département
direction
don
donnée
environ
étable
exclusif: exclusive exclusivement exclusivité
format
foyer
France: français française francais francaise
habitant: habitante
identité
importation: importer importateur importatrice
initiative
loyer
mars
martinique
notamment
organe
parc
part
parti
partie
port
propos
publicité
relation: relationnel relationnelle
taxi
testament
vente
via
"""

# The words of a line all find one another.
_TOGETHER = """
achat: acheter acheteur
adhésion: adhérer adhérent
agriculture: agricole agriculteur
alimentation: alimentaire
artisanat: artisan artisanal
autonomie: autonome
bénévole: bénévolat
budget: budgétaire budgétisation
chômage: chômeur
citoyen: citoyenneté
commerce: commercial
commune: communal
communauté: communautaire
communication: communiquer communicant communicationnel
construction: constructeur
coordination: coordonner coordonnateur
covoiturage: covoiturer
création: créer créateur
culture: culturel
décision: décider
délégation: déléguer
démocratie: démocratique
département: départemental
écologie: écologique
éducation: éducatif
élection: électoral
énergie: énergétique
entrepreneur: entrepreneuriat entrepreneurial
environnement: environnemental
Europe: européen
famille: familial
finance: financier financeur
forêt: forestier
formation: former formateur
gestion: gérer gestionnaire
histoire: historique
industrie: industriel
innovation: innovant
inscription: inscrire
insertion: insérer
intercommunalité: intercommunal
jeune: jeunesse
logement: loger
lycée: lycéen
maraîchage: maraîcher
médiation: médiateur
métropole: métropolitain
monde: mondial
nature: naturel
ouverture: ouvrir
partenaire: partenariat
pauvreté: pauvre
paysan: paysanne
pilotage: piloter
précarité: précaire
prévention: prévenir
production: producteur
proposition: proposer
protection: protéger
publication: publier
réflexion: réfléchir
recyclage: recycler
réemploi: réemployer
région: régional
réparation: réparateur
sport: sportif
stage: stagiaire
subvention: subventionner
syndicat: syndical
technique: technicien
territoire: territorial
tourisme: touristique touriste
transmission: transmettre
vente: vendre vendeur
"""

_MARK = "_"  # ends such a term; being no letter, it is in no stem


def _apart() -> dict[str, str]:
    terms: dict[str, str] = {}
    for line in _APART.strip().splitlines():
        word, _, others = line.partition(":")
        for form in map(fold, (word, *others.split())):
            for written in (form, form if form[-1] in "sxz" else form + "s"):
                terms[written] = fold(word) + _MARK
    return terms


APART: dict[str, str] = _apart()
"""Index term, by folded form, of the words that are indexed under a term of their own instead of their stem."""
TOGETHER: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.replace(":", "").split()) for line in _TOGETHER.strip().splitlines()
)
"""Groups of words of one meaning: a search for any of them finds the others."""
