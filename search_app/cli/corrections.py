"""The commands `correct` and `withdraw`, which record corrections of a resource."""

from __future__ import annotations

import getpass
import sys

import click

from indexer.corpus import UNSET, Correction, Field, Unset
from indexer.engine import SupportsRollback
from indexer.pipeline import IndexReport, also_at, correct, corrections_of, index_corpus, title_of
from indexer.query import NONE
from indexer.storage.locks import wait_until_free
from search_app.cli.archive import index_as_json, print_index
from search_app.cli.command import command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import publishing_options, resource_argument
from search_app.cli.output import print_json, progress_for, say
from search_app.cli.types import YES_NO, Choice

_CLEARABLE = tuple(field.value for field in Field if field is not Field.WITHDRAWN)


@command(
    "correct",
    examples=(
        "python run.py correct guide-de-l-ess-1a2b3c4d --year 2019 --theme Ruralité",
        "python run.py correct guide-de-l-ess-1a2b3c4d --private oui",
        'python run.py correct guide-de-l-ess-1a2b3c4d --title "Guide de l’ESS"',
        "python run.py correct guide-de-l-ess-1a2b3c4d --clear year",
    ),
)
@resource_argument
@option("--type", "kind", metavar="T", help="son type ; « none » : aucun")
@option("--year", metavar="A", help="son année ; « none » : aucune")
@option("--theme", "themes", metavar="T", multiple=True, help="ses thèmes, répétable ; « none » : aucun")
@option(
    "--territory",
    "territories",
    metavar="T",
    multiple=True,
    help="ses territoires, par nom ou par code, répétable ; « none » : aucun",
)
@option("--private", type=YES_NO, help="réservée aux adhérents, ou publique")
@option("--title", metavar="T", help="son titre")
@option("--summary", metavar="R", help="son résumé ; « none » : aucun")
@option("--date", metavar="D", help="sa date : 2024-02-16, 2024-02 ou 2024 ; « none » : aucune")
@option("--address", metavar="URL", help="son adresse sur le site d’origine ; « none » : aucune")
@option("--clear", type=Choice(_CLEARABLE), multiple=True, help="rend la parole aux pages")
@publishing_options
@click.pass_obj
def cmd_correct(
    context: CommandContext,
    *,
    resource: str,
    kind: str | None,
    year: str | None,
    themes: tuple[str, ...],
    territories: tuple[str, ...],
    private: str | None,
    title: str | None,
    summary: str | None,
    date: str | None,
    address: str | None,
    clear: tuple[str, ...],
    later: bool,
    as_json: bool,
) -> int:
    """Correct a resource, publish that unless `later` is set, and print its corrections; return 2 for wrong options."""
    if year is not None and year != NONE and not (year.isascii() and year.isdecimal()):
        say(f"--year : « {year} » n’est pas une année : écrivez quatre chiffres, ou none.")
        return 2
    correction = Correction(
        type=_given(kind),
        year=UNSET if year is None else None if year == NONE else int(year),
        themes=tuple(theme for theme in themes if theme != NONE) if themes else UNSET,
        territories=tuple(one for one in territories if one != NONE) if territories else UNSET,
        private=UNSET if private is None else private == "oui",
        title=UNSET if title is None else title,
        summary=_given(summary),
        date=_given(date),
        address=_given(address),
    )
    both = [field for field in correction.fields if field in clear]
    if both:
        say(f"--{both[0]} ne va pas avec --clear {both[0]} : choisissez l’un des deux.")
        return 2
    if later and correction.private is True:
        say("--later ne va pas avec --private oui : une ressource devenue privée l’est tout de suite.")
        return 2
    cleared = tuple(Field(name) for name in clear)
    return _change(context, resource, correction, cleared, later=later, as_json=as_json)


def _given(text: str | None) -> str | Unset | None:
    """Return the value of a field from its option: `UNSET` if the option is missing, None (no value) for ``none``."""
    return UNSET if text is None else None if text == NONE else text


@command(
    "withdraw",
    examples=(
        "python run.py withdraw guide-de-l-ess-1a2b3c4d",
        "python run.py withdraw guide-de-l-ess-1a2b3c4d --undo",
    ),
)
@resource_argument
@option("--undo", is_flag=True, help="la remet")
@publishing_options
@click.pass_obj
def cmd_withdraw(context: CommandContext, *, resource: str, undo: bool, later: bool, as_json: bool) -> int:
    """Withdraw a resource, or undo its withdrawal."""
    correction, cleared = (Correction(), (Field.WITHDRAWN,)) if undo else (Correction(withdrawn=True), ())
    return _change(context, resource, correction, cleared, later=later, as_json=as_json)


def _change(
    context: CommandContext,
    resource: str,
    correction: Correction,
    clear: tuple[Field, ...],
    *,
    later: bool,
    as_json: bool,
) -> int:
    engine = context.open_engine()
    report: IndexReport | None = None
    try:
        title = title_of(context.settings, engine, resource)
        asked = bool(correction.fields or clear)
        changed = correct(context.settings, engine, resource, correction, clear=clear, actor=_actor()) if asked else ()
        if Field.ADDRESS in changed and isinstance(correction.address, str):
            other = also_at(context.settings, engine, correction.address, resource)
            if other is not None:
                say(f"Une autre ressource a déjà cette adresse : « {other} ».")
                say("Si c’est la même, retirez l’une des deux ; sinon, vérifiez l’adresse.")
        # Index even if nothing changed, so that repeating a correction made with --later publishes it.
        if asked and not later:
            report = _publish(context, engine)
    finally:
        engine.close()
    held = corrections_of(context.settings).get(resource)
    if as_json:
        index = None if report is None else index_as_json(report)
        print_json({"id": resource, "title": title, "changed": changed, "correction": held.as_json(), "index": index})
        return 0
    print(f"{title} ({resource})")
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


def _publish(context: CommandContext, engine: SupportsRollback) -> IndexReport:
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
    """Return the name under which a change is recorded: the account of the operating system, if it has a name."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (OSError, KeyError, ImportError):
        return "terminal"
