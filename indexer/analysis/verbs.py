"""Verb forms that Snowball does not reduce to the stem of their infinitive: "peuvent", "soutiennent", "étudient".

Written from the grammar: verbs of the third group by the roots of their models, the others by their endings. Endings
that nouns have too ("proposons" and "saisons", "étudie" and "énergie") are taken from listed verbs alone. Any word in
-ent is a verb, unless it is listed as a noun or an adjective or ends in -ment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.analysis.folding import fold

# Ending of the infinitive: roots of the present (singular, "nous", "ils"), future and participle | verbs. A hyphen
# leaves out the forms of a root, because they are nouns as well ("court", "part", "produit", "mise").
_THIRD_GROUP = """
enir: ien en ienn iendr enu | tenir abstenir appartenir contenir détenir entretenir maintenir obtenir retenir soutenir
enir: ien en ienn iendr enu | venir advenir convenir devenir intervenir parvenir prévenir provenir redevenir revenir
enir: ien en ienn iendr enu | souvenir subvenir survenir contrevenir
cevoir: çoi cev çoiv cevr çu | recevoir percevoir apercevoir concevoir décevoir
devoir: doi dev doiv devr - | devoir
pouvoir: peu pouv peuv pourr pu | pouvoir
vouloir: veu voul veul voudr voulu | vouloir
savoir: sai - sav saur su | savoir
falloir: fau - - faudr - | falloir
valoir: vau val val vaudr valu | valoir équivaloir prévaloir
voir: voi voy voi verr - | voir revoir entrevoir
voir: voi voy voi voir vu | prévoir pourvoir
faire: fai fais - fer - | faire satisfaire refaire
mettre: met mett mett mettr - | mettre permettre admettre commettre compromettre émettre omettre promettre remettre
mettre: met mett mett mettr - | soumettre transmettre
prendre: prend pren prenn prendr - | prendre apprendre comprendre entreprendre reprendre surprendre
aître: aî aiss aiss aîtr u | connaître reconnaître méconnaître paraître apparaître comparaître disparaître
aître: aî aiss aiss aîtr - | naître renaître
uire: - uis uis uir - | conduire reconduire produire
uire: ui uis uis uir uit | construire déduire détruire induire instruire introduire
uire: ui uis uis uir uit | reconstruire réduire reproduire séduire traduire
crire: cri criv criv crir crit | écrire décrire inscrire réinscrire prescrire souscrire transcrire retranscrire
lire: - lis lis lir lu | lire relire
lire: li lis lis lir - | élire réélire
dire: di dis dis dir dit | dire redire interdire contredire
vivre: vi viv viv vivr vécu | vivre revivre survivre
suivre: sui suiv suiv suivr - | suivre poursuivre
croire: croi croy croi croir cru | croire
boire: - buv boiv boir bu | boire
courir: - cour cour courr couru | courir concourir parcourir recourir encourir
mourir: meur mour meur mourr - | mourir
frir: fr fr fr frir fert | offrir souffrir
vrir: vr vr vr vrir vert | ouvrir rouvrir couvrir découvrir recouvrir
tir: - t t tir - | partir repartir sortir ressortir
sentir: sen sent sent sentir senti | sentir consentir ressentir pressentir
servir: ser serv serv servir servi | servir desservir
dormir: dor dorm dorm dormir dormi | dormir
indre: in ign ign indr int | craindre contraindre restreindre atteindre peindre éteindre enfreindre joindre rejoindre
indre: in ign ign indr int | enjoindre adjoindre astreindre
dre: d d d dr du | rendre vendre revendre attendre entendre étendre tendre dépendre suspendre prétendre répondre
dre: d d d dr du | défendre descendre répandre perdre correspondre confondre
rompre: romp romp romp rompr rompu | rompre interrompre
battre: bat batt batt battr battu | battre combattre débattre abattre
vaincre: vainc vainqu vainqu vaincr vaincu | vaincre convaincre
quérir: quier quér quièr querr quis | acquérir requérir conquérir
soudre: sou solv solv soudr solu | résoudre
soudre: sou solv solv soudr sous | dissoudre
clure: clu clu clu clur clu | conclure inclure exclure
suffire: suffi suffis suffis suffir suffi | suffire
cueillir: cueill cueill cueill cueiller cueilli | cueillir accueillir recueillir
fuir: fui fuy fui fuir - | fuir
mouvoir: meu mouv meuv mouvr mu | promouvoir émouvoir
traire: trai tray trai trair trait | extraire soustraire
vêtir: vêt vêt vêt vêtir vêtu | vêtir revêtir
plaire: plaî plais plais plair - | plaire
rire: ri ri ri rir ri | rire sourire
"""
# Irregular in more than their roots.
_OTHER_FORMS = """
aller: vais vas va vont irai ira irons iront irait iraient aille aillent
faire: faite faites font fasse fasses fassent faisons
pouvoir: peux puisse puisses puissions puissent
poursuivre: poursuivi poursuivie poursuivis poursuivies
commettre: commise commises
concourir: concourt
encourir: encourt
parcourir: parcourt
recourir: recourt
envoyer: enverra enverront enverrait
communiquer: communique communiquent communiqué communiquée communiqués communiquées
vouloir: veux veuille veuillez veuillent
savoir: sache saches sachez sachent sachant savons savez savait savaient savais
valoir: vaille vaillent
devoir: dû due dus dues
soutenir: soutien soutiens
maintenir: maintien
mettre: mis
admettre: admis admise admises
soumettre: soumis soumise soumises
transmettre: transmis transmise transmises
remettre: remis
promettre: promis
émettre: émis émise émises
prendre: pris
comprendre: compris comprise comprises
entreprendre: entrepris
reprendre: repris
apprendre: appris
naître: né née nés nées
falloir: fallait fallu faille
"""
_SECOND_GROUP = """
abolir aboutir accomplir adoucir affaiblir affranchir agir agrandir alourdir amortir aplatir approfondir arrondir
assainir assouplir assujettir avertir bannir blanchir bâtir bénir brandir choisir convertir définir démolir dépérir
désobéir durcir éclaircir élargir embellir endurcir enfouir enrichir envahir épanouir établir évanouir finir fléchir
fleurir fournir fraîchir franchir garantir garnir grandir gravir grossir guérir infléchir intervertir investir jaillir
jouir maigrir meurtrir mûrir munir nantir noircir nourrir obéir obscurcir périr polir prémunir punir raccourcir
rafraîchir rajeunir ralentir ravir réagir rebâtir rebondir reconvertir redéfinir réfléchir refroidir réinvestir
réjouir remplir répartir resurgir rétablir retentir rétrécir réunir réussir rôtir rougir saisir sévir subir surgir
tarir ternir trahir unir vieillir vomir
"""
# Verbs whose form in -ons is not also a noun, as "coupons" and "visons" are.
_FIRST_GROUP = """
abaisser abandonner aborder abriter absorber accéder accélérer accepter accompagner accorder accumuler accuser acheter
achever acquitter actionner activer actualiser adapter adhérer adjuger admirer adopter adorer adresser affecter
afficher affirmer agréer aider aimer ajouter ajuster alerter alimenter allouer alléger alterner amener amorcer
améliorer aménager analyser animer annoncer annuler anticiper appeler appliquer apporter approcher approuver
argumenter armer arrêter arriver articuler aspirer assembler assister assumer assurer attacher attaquer attirer
attribuer augmenter autoriser avancer avouer baisser baliser bloquer bouger bousculer brasser briser bâcler cadrer
calculer capitaliser capter caractériser célébrer centraliser cerner cesser changer charger chercher chiffrer choquer
circuler cibler citer classer clôturer coller collaborer collecter combiner commander commencer commenter
commercialiser communiquer comparer compenser compléter compliquer composer compter concentrer concerner concerter
concrétiser condamner conférer confirmer confronter conjuguer connecter consacrer conseiller conserver considérer
consolider consommer constater constituer consulter contacter contester continuer contourner contractualiser contrer
contribuer contrôler conventionner converger coopérer coordonner corriger cotiser coûter créer critiquer croiser
cultiver cumuler danser dater déborder débloquer débuter décaler décarboner décentraliser décider déclarer déclencher
décliner décoder découper décourager défricher dégager délibérer délimiter délivrer déléguer demander démarrer
démocratiser démontrer dénoncer dépasser dépenser déplacer déposer désigner désirer dessiner destiner détailler
détecter déterminer développer dévoiler dialoguer différer diffuser diminuer diriger discuter disposer distinguer
distribuer diviser documenter donner doter doubler douter dresser durer dynamiser ébaucher écarter échanger échouer
éclairer économiser écouter éditer éduquer effectuer élaborer élever éliminer émanciper embaucher émerger emporter
emprunter encadrer encourager engager enregistrer enseigner entamer entraîner entrer envisager épargner épauler
épouser éprouver équilibrer équiper espérer essaimer estimer étaler évaluer éveiller éviter évoluer évoquer examiner
exercer exiger exister expérimenter expliquer exploiter explorer exporter exposer exprimer fabriquer faciliter
favoriser fédérer féliciter fermer figurer filmer finaliser financer fixer fonctionner fonder forcer forger formaliser
former formuler freiner fréquenter fusionner gagner garder générer gérer gouverner guider habiter hésiter héberger
ignorer illustrer imaginer impacter impliquer importer imposer impulser incarner inciter indiquer influencer informer
innover insérer insister inspirer installer instaurer instituer intégrer intéresser interpeller interpréter interroger
inventer inviter isoler jouer juger jumeler labelliser laisser lancer légitimer lever libérer limiter livrer localiser
loger louer lutter maîtriser manger manifester manquer marcher marquer ménager mener mentionner mesurer militer miser
mobiliser modéliser modérer montrer motiver mutualiser narrer naviguer négliger noter nouer numériser obliger observer
occuper opérer opposer optimiser organiser orienter oser outiller parler partager participer passer penser pérenniser
perpétuer peser piloter placer plaider poser postuler porter pousser pratiquer préciser préconiser préférer préfigurer
prélever préparer présenter préserver présider prêter prioriser procéder proclamer procurer profiter programmer
progresser projeter prôner proposer prospecter protéger prouver provoquer questionner quitter raconter rappeler
rapporter rapprocher rassembler rassurer réaffirmer réaliser recenser réclamer récolter recommander récompenser
reconsidérer recruter récupérer recycler rédiger référer refléter réformer refuser regarder régénérer regrouper
réinventer rejeter relancer relater relever remarquer remplacer remporter rémunérer rencontrer renforcer renoncer
renouveler renseigner rentrer réparer repérer reposer représenter réserver résider respecter responsabiliser
ressembler restaurer rester restituer résumer retirer retourner retrouver réutiliser révéler réviser revitaliser rêver
risquer saluer sauvegarder sécuriser sélectionner sembler sensibiliser séparer signaler signer situer soigner
solliciter souhaiter souligner soulager soulever stabiliser stimuler stocker structurer suggérer supporter supposer
supprimer surmonter susciter surveiller tenter terminer témoigner tester tisser tolérer toucher tourner traiter
trancher transférer transformer transposer travailler traverser trouver utiliser valider valoriser veiller verser
vider visiter vulgariser voter
"""
_IN_IER = """
amplifier apprécier associer authentifier balbutier bénéficier bonifier calomnier certifier clarifier codifier
colorier complexifier concilier confier convier copier crier décrier dédier déplier densifier diversifier édifier
électrifier envier étudier expatrier expédier exproprier falsifier fortifier gazéifier identifier incendier initier
injurier intensifier justifier lier licencier manier marier modifier multiplier mystifier négocier nier notifier
officier oublier pacifier pallier parier personnifier photocopier photographier planifier plagier plier prier
privilégier publier purifier qualifier quantifier rallier ratifier recopier rectifier réconcilier réexpédier relier
remédier remercier renégocier répertorier requalifier résilier réunifier rigidifier sanctifier scier signifier
simplifier skier solidifier spécifier stupéfier supplier terrifier tonifier trier unifier varier vérifier vivifier
"""
_IN_YER = """
aboyer appuyer balayer broyer côtoyer déblayer délayer déployer effrayer égayer employer ennuyer enrayer envoyer
essayer essuyer festoyer foudroyer frayer nettoyer noyer octroyer payer ployer prépayer rayer redéployer réemployer
relayer remblayer renvoyer tutoyer vouvoyer
"""
_NOT_VERBS = """
absent abstinent accent accident adhérent adjacent adolescent affluent afférent agent ambivalent antécédent apparent
ardent argent arpent ascendant astringent auvent avenant avent bivalent cent chiendent client coefficient cohérent
compétent concurrent confident confluent conscient conséquent content continent contingent contrevent convergent
couvent covalent coïncident dent descendent différent diligent dissident divergent dolent décadent décent déficient
effervescent efficient effluent escient excellent excédent expédient fervent fluorescent fréquent féculent gent
gradient grandiloquent immanent imminent impatient impertinent impotent imprudent impudent impénitent incandescent
incident incohérent incompétent inconscient inconséquent inconvénient indifférent indigent indolent indulgent indécent
inefficient influent ingrédient inhérent innocent insolent intelligent intermittent intransigent iridescent jacent
latent laurent lent luminescent malcontent munificent mécontent nogent négligent obédient occident omnipotent
omniprésent onguent opalescent opulent orient paravent parent patient permanent pertinent phosphorescent polyvalent
pourcent proéminent prudent précédent présent président prééminent purulent pénitent quotient relent repent récent
récipient récurrent référent régent rémanent résident résilient résurgent réticent sapient sergent serpent solvent
somnolent souvent strident subséquent succulent talent tangent torrent transparent trent trident truculent turbulent
urgent vent vincent violent virulent éloquent émergent éminent équivalent évent évident
"""
_VERBS_IN_MENT = """
acclament affament affirment aiment allument animent arment arriment assomment assument blâment briment calment
charment chôment clament confirment conforment consomment consument diffament dorment déciment déclament décriment
déforment dénomment dépriment désarment enferment enflamment entament escriment estiment expriment ferment filment
forment fument gomment impriment infirment informent inhument légitiment nomment performent plument priment proclament
programment referment renferment renomment reprogramment réaffirment réaniment réarment réclament réforment
réimpriment répriment résument suppriment surestiment surnomment sèment transforment
"""

# Forms of these verbs that are other words in the first place.
_OTHER_WORDS = """
adjoint adjointe adjoints courant courants dessert desserts devant entretien entretiens extrait extraits maintenant
joint joints peu retenue retenues revenu revenus savons sens sorte sortes suis suit suivant suivante suivants tenue
tenues vis vit voie voies venue venues
"""

_ENDINGS = (
    ("s", "t", ""),
    ("ons", "ez", "ant", "ais", "ait", "aient"),
    ("ent", "e", "es"),
    ("ai", "as", "a", "ons", "ez", "ont", "ais", "ait", "aient"),
    ("", "e", "s", "es"),
)
_SECOND_GROUP_ENDINGS = ("is", "it", "i", "ie", "ies", "issons", "issez", "issent", "issant", "isse")
_IER_ENDINGS = ("e", "es", "ent", "ons", "ez", "é", "ée", "és", "ées", "era", "eront", "erait")
_YER_ENDINGS = ("e", "es", "ent", "era", "eront", "erait")
_IN_ENT = re.compile(r"..+(?<![ao]i)ent")


def _third_group() -> Iterator[tuple[str, str]]:
    for line in _THIRD_GROUP.strip().splitlines():
        model, verbs = line.split(" | ")
        suffix, *roots = model.replace(":", "").split()
        for verb in verbs.split():
            for root, endings in zip(roots, _ENDINGS, strict=True):
                for ending in endings if root != "-" else ():
                    yield verb.removesuffix(suffix) + root + ending, verb


def _other_forms() -> Iterator[tuple[str, str]]:
    for line in _OTHER_FORMS.strip().splitlines():
        verb, forms = line.split(": ")
        for form in forms.split():
            yield form, verb
    for verb in _SECOND_GROUP.split():
        for ending in _SECOND_GROUP_ENDINGS:
            yield verb[:-2] + ending, verb


def _first_group() -> Iterator[tuple[str, str]]:
    for verb in _FIRST_GROUP.split():
        root = verb[:-2]
        yield root[:-1] + "çons" if root.endswith("c") else root + ("eons" if root.endswith("g") else "ons"), verb
    for verb in _IN_IER.split():
        for ending in _IER_ENDINGS:
            yield verb[:-2] + ending, verb
    for verb in _IN_YER.split():
        for ending in _YER_ENDINGS:
            yield verb[:-3] + "i" + ending, verb


INFINITIVES: dict[str, str] = {
    fold(form): verb
    for forms in (_first_group(), _other_forms(), _third_group())
    for form, verb in forms
    if form not in _OTHER_WORDS.split()
}
"""Infinitive of each verb form of the lists in this module, by folded form."""
NOT_VERBS = frozenset(fold(word) for word in _NOT_VERBS.split())
VERBS_IN_MENT = frozenset(fold(word) for word in _VERBS_IN_MENT.split())


def infinitive(word: str, folded: str) -> str | None:
    """Return the infinitive of a verb form that Snowball would not reduce to the stem of its infinitive, else None.

    The infinitive of an unlisted form in -ent is made from the folded form ("coopèrent" gives "cooperer").

    Args:
        word: the form, lower case, accents kept or not.
        folded: the form in lower case without accents.
    """
    listed = INFINITIVES.get(folded)
    if listed is not None or not folded.endswith("ent") or not _IN_ENT.fullmatch(folded):
        return listed
    # An accent tells "ils diffèrent" from "différent".
    is_noun = folded in NOT_VERBS and "è" not in word
    if is_noun or (folded.endswith("ment") and folded not in VERBS_IN_MENT):
        return None
    return folded[:-3] + "er"
