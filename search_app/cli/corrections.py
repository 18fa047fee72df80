"""Commands on corrections: correct, withdraw."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import asdict

from indexer.corpus import UNSET, Correction, Field
from indexer.engine.embedded import EmbeddedEngine
from indexer.pipeline import IndexReport, correct, corrections_of, index_corpus, title_of
from indexer.query import NONE
from indexer.storage.locks import wait_until_free
from search_app.cli.archive import print_index
from search_app.cli.context import AddCommand, CommandContext
from search_app.cli.output import print_json, progress_for, say

_CLEARABLE = tuple(field.value for field in Field if field is not Field.WITHDRAWN)


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    sub = command(
        "correct",
        cmd_correct,
        "corrige une ressource, à la place de ses pages ; sans option, montre l’état",
        (
            "python run.py correct guide-de-l-ess-1a2b3c4d --year 2019 --theme Alimentation --theme Ruralité",
            "python run.py correct guide-de-l-ess-1a2b3c4d --private oui",
            "python run.py correct guide-de-l-ess-1a2b3c4d --clear year",
        ),
    )
    sub.add_argument("id", metavar="ID", help="identifiant : la fin de l’adresse de la ressource")
    sub.add_argument("--type", metavar="T", help="son type ; « none » : aucun")
    sub.add_argument("--year", metavar="A", help="son année ; « none » : aucune")
    sub.add_argument("--theme", metavar="T", action="append", help="ses thèmes, répétable ; « none » : aucun")
    sub.add_argument("--private", choices=("oui", "non"), help="réservée aux adhérents, ou publique")
    sub.add_argument("--clear", choices=_CLEARABLE, action="append", default=[], help="rend la parole aux pages")
    _publishing(sub)

    sub = command(
        "withdraw",
        cmd_withdraw,
        "retire une ressource des recherches, sans toucher à ses pages",
        ("python run.py withdraw guide-de-l-ess-1a2b3c4d", "python run.py withdraw guide-de-l-ess-1a2b3c4d --undo"),
    )
    sub.add_argument("id", metavar="ID", help="identifiant : la fin de l’adresse de la ressource")
    sub.add_argument("--undo", action="store_true", help="la remet")
    _publishing(sub)


def _publishing(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--later", action="store_true", help="laisse la publication à la prochaine indexation")
    sub.add_argument("--json", action="store_true", help="rapport en JSON")


def cmd_correct(context: CommandContext, args: argparse.Namespace) -> int:
    """Correct a resource, or show what is corrected."""
    if args.year is not None and args.year != NONE and not (args.year.isascii() and args.year.isdecimal()):
        say(f"--year : « {args.year} » n’est pas une année : écrivez quatre chiffres, ou none.")
        return 2
    correction = Correction(
        type=UNSET if args.type is None else None if args.type == NONE else args.type,
        year=UNSET if args.year is None else None if args.year == NONE else int(args.year),
        themes=UNSET if args.theme is None else tuple(theme for theme in args.theme if theme != NONE),
        private=UNSET if args.private is None else args.private == "oui",
    )
    both = [field for field in correction.fields if field in args.clear]
    if both:
        say(f"--{both[0]} ne va pas avec --clear {both[0]} : choisissez l’un des deux.")
        return 2
    if args.later and correction.private is True:
        say("--later ne va pas avec --private oui : une ressource devenue privée l’est tout de suite.")
        return 2
    return _change(context, args, correction, tuple(Field(name) for name in args.clear))


def cmd_withdraw(context: CommandContext, args: argparse.Namespace) -> int:
    """Withdraw a resource, or undo it."""
    if args.undo:
        return _change(context, args, Correction(), (Field.WITHDRAWN,))
    return _change(context, args, Correction(withdrawn=True), ())


def _change(context: CommandContext, args: argparse.Namespace, correction: Correction, clear: tuple[Field, ...]) -> int:
    engine = context.open_engine()
    report: IndexReport | None = None
    try:
        title = title_of(context.settings, engine, args.id)
        asked = bool(correction.fields or clear)
        changed = correct(context.settings, engine, args.id, correction, clear=clear, actor=_actor()) if asked else ()
        # Also where nothing changed: what was corrected with --later is published by saying it again.
        if asked and not args.later:
            report = _publish(context, engine)
    finally:
        engine.close()
    held = corrections_of(context.settings).get(args.id)
    if args.json:
        index = None if report is None else asdict(report)
        print_json({"id": args.id, "title": title, "changed": changed, "correction": held.as_json(), "index": index})
        return 0
    print(f"{title} ({args.id})")
    for name, value in held.as_json().items():
        print(f"  {name} : {_in_words(value)}")
    if not held.fields:
        print("  rien n’est corrigé : ses pages ont la parole.")
    if asked and not changed:
        say("Rien n’a changé : c’était déjà corrigé ainsi.")
    if report is not None:
        print_index(report)
    elif changed:
        say("La prochaine indexation publiera la correction.")
    return 0


def _publish(context: CommandContext, engine: EmbeddedEngine) -> IndexReport:
    progress = progress_for(sys.stderr)

    def waiting() -> None:
        say("La correction est notée. Une indexation est en cours : celle-ci la suivra…")

    try:
        return wait_until_free(lambda: index_corpus(context.settings, engine, full=False, progress=progress), waiting)
    finally:
        progress.close()


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " ; ".join(value) or NONE
    return NONE if value is None else str(value)


def _actor() -> str:
    """Return who types: the account of the machine, as far as it has a name."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (OSError, KeyError, ImportError):
        return "terminal"
