"""Sentences of the staff desk and of its jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search_app.messages import quoted, typeset

FORBIDDEN = (
    "Page réservée à l’équipe",
    "Votre compte est celui d’un membre : il ouvre les ressources réservées, non la gestion des archives. "
    "Si vous faites partie de l’équipe, demandez qu’on change votre rôle.",
)

# Jobs
KINDS: Mapping[str, str] = {
    "index": "Indexation",
    "full": "Indexation complète",
    "previous": "Retour à la génération d’avant",
    "preview": "Aperçu d’un import",
    "import": "Import et indexation",
    "survey": "Relevé de ce qui est à vérifier",
}
STATES: Mapping[str, str] = {
    "waiting": "en attente",
    "running": "en cours",
    "done": "terminé",
    "failed": "échoué",
    "cancelled": "annulé",
    "crashed": "interrompu",
}
STAGE_SURVEY = "Relevé de ce qui est à vérifier"
STAGE_WAITING = "Un autre travail est en cours : celui-ci le suivra"
JOB_CANCELLED = typeset("Le travail a été annulé : l’index est resté tel qu’il était.")
JOB_CANCELLED_LATE = typeset(
    "L’annulation est arrivée trop tard : le nouvel index répond déjà. Pour en revenir, choisissez "
    "« Revenir à la génération d’avant »."
)
JOB_CRASHED = typeset(
    "Le travail s’est interrompu sans prévenir (machine redémarrée, mémoire épuisée ou processus arrêté). "
    "L’index est resté tel qu’il était : relancez le travail."
)
JOB_BROKE = typeset(
    "Un incident a interrompu le travail ; l’index est resté tel qu’il était. Le détail est dans le journal du travail."
)
JOB_NOT_ALLOWED = typeset(
    "La personne qui a demandé ce travail ne fait plus partie de l’équipe, ou son compte est désactivé : rien n’a été "
    "fait. Un autre membre de l’équipe peut le demander de nouveau."
)
JOB_NOT_STARTED = typeset("Le travail n’a pas pu être lancé : réessayez, et prévenez qui administre la machine.")
JOB_GONE = typeset("Ce travail n’est plus dans la liste.")
JOB_TOO_LATE = typeset("Ce travail n’est plus en cours : il n’y a rien à annuler.")
JOB_STOPPING = typeset("L’annulation est demandée : le travail s’arrête.")
ONE_AT_A_TIME = typeset("Un travail est déjà en cours : attendez sa fin, ou annulez-le.")


def jobs_unusable(path: str, reason: str) -> str:
    """The file or the folder of jobs cannot be used."""
    return typeset(f"Les travaux {path} ne peuvent être lus ou écrits ({reason}) : vérifiez les droits et l’espace.")


# Sending
NOT_A_ZIP = "ce n’est pas un zip lisible : refaites l’archive."
SENDING_GONE = typeset("Les fichiers envoyés ne sont plus là : envoyez-les à nouveau.")
NOTHING_SENT = typeset("Choisissez au moins un fichier : page HTML, export texte ou zip.")
SENDING_DROPPED = typeset("L’envoi est abandonné : rien n’a été importé.")


def too_many_files(most: int) -> str:
    """More files than one sending may hold."""
    return typeset(f"Pas plus de {most} fichiers à la fois : réunissez-les dans un zip.")


def spool_unusable(path: str, reason: str) -> str:
    """The folder of sent files cannot be written."""
    return typeset(f"Les fichiers envoyés ne peuvent être gardés dans {path} ({reason}).")


def nothing_to_import(refused: Sequence[str]) -> str:
    """No sent file can be imported."""
    if not refused:
        return NOTHING_SENT
    return typeset("Rien de cet envoi ne s’importe : ") + " ".join(refused)


def also_refused(refused: Sequence[str]) -> str:
    """Some of the sent files cannot be imported."""
    return typeset("Laissés de côté : ") + " ".join(refused) if refused else ""


# Corrections
FIELDS: Mapping[str, str] = {
    "type": "Type",
    "year": "Année",
    "theme": "Thèmes",
    "private": "Accès",
    "withdrawn": "Retrait",
    "renamed": "Nom du thème",
}
NOTHING_CHANGED = typeset("Rien n’a changé : c’était déjà ainsi.")
CORRECTED = typeset("La correction est notée ; elle est en cours de publication.")
RESTORED = typeset("Les pages ont de nouveau la parole ; c’est en cours de publication.")
WITHDRAWN = typeset("La ressource est retirée ; elle quitte les recherches dans un instant.")
PUT_BACK = typeset("La ressource revient ; elle sera dans les recherches dans un instant.")
CONFIRM_PUBLIC = typeset(
    "Cette ressource est réservée aux adhérents : pour la rendre publique, cochez aussi la case de confirmation."
)
THEME_NEEDED = typeset("Choisissez un thème et écrivez son nouveau nom.")
THEME_RENAMED = typeset("Le thème est renommé ; c’est en cours de publication.")
THEME_RESTORED = typeset("Le thème reprend le nom que lui donnent les pages ; c’est en cours de publication.")
NOT_PUBLISHED = typeset(
    "C’est noté, mais la publication n’a pas pu être lancée : lancez l’indexation pour que ce soit pris en compte."
)


def not_a_year(text: str) -> str:
    """The year is no number."""
    return f"{quoted(text)} " + typeset("n’est pas une année : écrivez quatre chiffres, ou laissez vide.")


# Vocabulary
VOCABULARY_SAVED = typeset("Les synonymes sont enregistrés : ils valent dès la prochaine recherche.")
VOCABULARY_SAME = typeset("Rien n’a changé dans les synonymes.")
VOCABULARY_MOVED = typeset(
    "Quelqu’un d’autre a changé les synonymes pendant que vous écriviez : votre texte est gardé ci-dessous, "
    "leur version est au-dessus. Reprenez ce qu’il faut, puis enregistrez."
)


def vocabulary_too_long(most: int) -> str:
    """The text of the synonyms is too long."""
    return typeset(f"La liste dépasse {most // 1000} Ko : elle est trop longue pour être bien tenue.")


def vocabulary_unusable(path: str, reason: str) -> str:
    """The file of synonyms cannot be written."""
    return typeset(f"Les synonymes {path} ne peuvent être écrits ({reason}) : vérifiez les droits.")


def faulty_line(number: int, what: str) -> str:
    """A line of the synonyms is wrong."""
    return typeset(f"Ligne {number} : {what}" if number else what)


# Accounts
ACCOUNT_CHANGED = typeset("Le compte est modifié ; ses sessions ouvertes sont terminées.")
NOT_YOURSELF = typeset(
    "On ne change pas ici son propre rôle, et on ne ferme pas son propre compte : "
    "demandez à quelqu’un d’autre de l’équipe."
)
