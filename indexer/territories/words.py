"""Names of territories that also mean something else, and words after which a name is not that of a territory."""

from __future__ import annotations

ALSO_WORDS = frozenset(
    """
    afa ain aire angres arcs attaques avion avoine bar blanc bonne bourg bras cassis cellier centre changé chatte
    cher cognac collégien colombiers corps couronne cours couture croix crèche créances die don drap eu eure fins
    flotte flèche force fosses frais garde grasse grenade grâces guise houilles jardin landes lens levier lisses lot
    lourdes loué lèves machine mages manche marin marine marines marquise mende menton mené mer monnaie montagne
    moulins nord ondres orange ormes palais pannes passage pierres plan pont port possession publier rivières roche
    romans roquettes rue sales salles sens seuil signes somme son souterraine tampon terrasse thiers touches tours
    trait trappes vannes verrière vienne vif vitré étain
    """.split()
)
"""Words that name a commune only after « ville de » and the like, or with its code; lower case."""

ALSO_PERSONS = frozenset(
    """
    antony laval lorraine nancy nice orléans paris romain valence vincennes
    """.split()
)
"""Names of territories that people bear too, in lower case. Such a name is not taken for the territory where it stands
alone, or before another capitalised word (« Romain Rolland »).
"""

STREETS = (
    "rue|rues|avenue|av|boulevard|bd|place|quai|quais|impasse|allée|allées|chemin|route|pont|porte|cours|square|passage"
    "|traité|traités|convention|conventions|accord|accords|protocole|déclaration|sommet|bataille|édit|charte|processus"
    "|agenda|savon|saint|sainte|lycée|collège|stade|hôtel|parti|cirque|moutarde"
)
"""Regular expression of words after which a name is not that of a town, but of something named after it (« rue de
Paris »).
"""

WATERS = (
    "bords?|berges?|rives?|vallées?|vals?|bassins?|fleuves?|rivières?|confluence|lacs?|barrages?|cours|eaux?|crues?|lit"
    "|estuaire|sources?|canal|étangs?|golfe|baie|affluents?|hauteurs?|gorges|haute|basse|amont|aval"
)
"""Regular expression of words after which a name is that of a river or a lake, not of the département (« bords du
Lot »).
"""
