"""Irregular plurals, feminines and abbreviations, which neither Snowball nor a rule reduces to their base form."""

from __future__ import annotations

from indexer.analysis.folding import fold

# Written from the grammar: nouns in -ail and -al that Snowball does not pair, -au, -eu and -ou with an x,
# and feminines whose consonant changes.
_FAMILIES = """
travail: travaux
bail: baux
vitrail: vitraux
émail: émaux
corail: coraux
soupirail: soupiraux
vantail: vantaux
matériau: matériaux
tuyau: tuyaux
noyau: noyaux
joyau: joyaux
boyau: boyaux
préau: préaux
fléau: fléaux
lieu: lieux
milieu: milieux
enjeu: enjeux
jeu: jeux
feu: feux
voeu: voeux
aveu: aveux
adieu: adieux
neveu: neveux
cheveu: cheveux
essieu: essieux
pieu: pieux
moyeu: moyeux
bijou: bijoux
caillou: cailloux
chou: choux
genou: genoux
hibou: hiboux
joujou: joujoux
pou: poux
oeil: yeux
ciel: cieux
monsieur: messieurs
madame: mesdames
saint: st
sainte: ste
mademoiselle: mesdemoiselles
public: publique publiques
laïc: laïque laïques
turc: turque turques
grec: grecque grecques
caduc: caduque caduques
veuf: veuve veuves
chef: cheffe cheffes
entier: entière entières
maire: mairesse mairesses
neuf: neuve neuves
vif: vive vives
bref: brève brèves
blanc: blanche blanches
franc: franche franches
sec: sèche sèches
frais: fraîche fraîches
doux: douce douces
roux: rousse rousses
faux: fausse fausses
gros: grosse grosses
bas: basse basses
long: longue longues
beau: bel belle belles
nouveau: nouvel nouvelle nouvelles
jumeau: jumelle jumelles
vieux: vieil vieille vieilles
fou: folle folles
"""

IRREGULAR: dict[str, str] = {
    fold(form): word.strip()
    for line in _FAMILIES.strip().splitlines()
    for word, forms in [line.split(":")]
    for form in forms.split()
}

# Words in -s that are not plurals, and would be confused with another word without the s.
_UNCHANGED = """
mois fois trois bois pois poids puis depuis jamais mais pays gras cas bas las pas repas tas bras gros dos clos os nous
vous sous dessous tous plus jus us abus refus cours concours parcours recours discours secours toujours ailleurs temps
corps avis permis tapis paradis propos repos campus virus bonus processus consensus corpus hiatus français anglais
dais biais relais palais marais niais mauvais désormais paris suis dis gris puits hormis sais vais dois crois vois
divers envers vers univers travers revers pervers hors dehors lors alors fils sens moins ours mars gens sans
dans procès succès accès congrès progrès excès décès près après très auprès dès fonds cens mors champs
"""
UNCHANGED: frozenset[str] = frozenset(fold(word) for word in _UNCHANGED.split())
