"""The commands on sources, the sites whose pages the archive fetches: `source …`, and `sync`, which fetches changes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from indexer.errors import GatheringError, SourceError
from indexer.gathering import (
    DELAY,
    PARAMETERS,
    Counts,
    Registry,
    Run,
    RunState,
    Source,
    SourceKind,
    checked,
    has_sources,
    opened,
)
from indexer.gathering.credentials import credentials_of
from indexer.gathering.drupal import given_fields, read_fields
from indexer.parsing.profile_file import read_profile
from indexer.pipeline import SyncReport, synchronise, try_source, withdraw_source
from indexer.storage.os_errors import reason_of
from search_app.cli.archive import bring_up_to_date, print_import
from search_app.cli.command import Group, argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import WAIT, json_option, say_waiting, wait_option
from search_app.cli.output import print_json, printable, progress_for, say
from search_app.cli.sentences import COMMANDS
from search_app.cli.tried_pages import as_json_page, lines_of
from search_app.cli.types import FILE, Choice, Number
from search_app.messages import typeset

_STATES = {
    RunState.RUNNING: "en cours, ou interrompue",
    RunState.STOPPED: "arrêtée avant la fin",
    RunState.DONE: "finie",
    RunState.FAILED: "échec",
}

source = Group("source", summary=COMMANDS["source"])

_name = argument("name", metavar="NOM", help="nom de la source")


@source.command(
    "add",
    summary="ajoute un site",
    examples=(
        "python run.py source add https://www.rtes.fr/",
        "python run.py source add https://www.rtes.fr/ --kind drupal --name rtes",
    ),
    exclusive=("cookie_file", "token_file"),
)
@argument("address", metavar="ADRESSE", help="où commencer : l’accueil du site, ou un dossier")
@option(
    "--kind",
    type=Choice([kind.value for kind in SourceKind]),
    default=SourceKind.SITE.value,
    help="les pages du site, ou l’interface JSON:API de Drupal",
)
@option("--name", metavar="NOM", default="", help="nom de la source (sinon d’après l’adresse)")
@option("--delay", metavar="SECONDES", type=float, default=DELAY, help="temps entre deux requêtes (1 sinon)")
@option(
    "--profile", metavar="FICHIER", type=FILE, help="où sont les champs : profil d’import, ou champs de Drupal (TOML)"
)
@option("--cookie-file", metavar="FICHIER", type=FILE, help="cookies d’un compte du site, lisibles de vous seul")
@option("--token-file", metavar="FICHIER", type=FILE, help="jeton ou identifiants d’un compte, lisibles de vous seul")
@option("--host", "hosts", metavar="NOM", multiple=True, help="autre nom du même site, répétable")
@option("--path", "paths", metavar="MOTIF", multiple=True, help="chemins à lire, « * » pour tout, répétable")
@option("--exclude", "excluded", metavar="MOTIF", multiple=True, help="chemins à ne pas lire, répétable")
@option("--parameter", "parameters", metavar="P", multiple=True, help="paramètre d’adresse permis (page sinon)")
@option("--depth", metavar="N", type=Number(0, 1000), help="nombre de liens depuis l’adresse, au plus")
@option("--local", is_flag=True, help="ce site est sur cette machine ou ce réseau")
@click.pass_obj
def cmd_add(
    context: CommandContext,
    *,
    address: str,
    kind: str,
    name: str,
    delay: float,
    profile: Path | None,
    cookie_file: Path | None,
    token_file: Path | None,
    hosts: tuple[str, ...],
    paths: tuple[str, ...],
    excluded: tuple[str, ...],
    parameters: tuple[str, ...],
    depth: int | None,
    local: bool,
) -> int:
    """Add a site to those whose pages the archive fetches, without fetching any yet."""
    added = checked(
        Source(
            name=name,
            address=address,
            kind=SourceKind(kind),
            hosts=hosts,
            delay=delay,
            paths=paths,
            excluded=excluded,
            parameters=tuple(dict.fromkeys((*PARAMETERS, *parameters))),
            depth=depth,
            local=local,
            cookie_file=None if cookie_file is None else cookie_file.absolute(),
            token_file=None if token_file is None else token_file.absolute(),
        )
    )
    held = None if profile is None else _profile_bytes(profile, added.kind)
    credentials_of(added)  # refused now rather than in the night
    with opened(context.settings.corpus) as state:
        Registry(state).add(added, held)
    print(f"Source ajoutée : {added.name} ({added.address}).")
    say(typeset(f"« python run.py source check {added.name} » montre ce qui serait lu de dix pages."))
    say(typeset(f"« python run.py sync {added.name} » récupère les pages, puis les indexe."))
    return 0


@source.command("list", summary="liste les sources")
@json_option("liste en JSON")
@click.pass_obj
def cmd_list(context: CommandContext, *, as_json: bool) -> int:
    """Print the sources, each with its number of pages and the state of its last run."""
    rows = []
    if has_sources(context.settings.corpus):
        with opened(context.settings.corpus) as state:
            registry = Registry(state)
            rows = [(one, registry.counts(one.name), registry.last_run(one.name)) for one in registry.all()]
    if as_json:
        print_json({"sources": [_as_json(one, counts, last) for one, counts, last in rows]})
        return 0
    for one, counts, last in rows:
        when = "jamais récupérée" if last is None else f"{_STATES[last.state]}, {last.began[:16].replace('T', ' ')}"
        print(printable(typeset(f"{one.name} : {one.address} ; pages : {counts.resources} ; {when}")))
    if not rows:
        say(typeset("Aucune source : « python run.py source add ADRESSE » en ajoute une."))
    return 0


@source.command("show", summary="montre une source et ses dernières récupérations")
@_name
@json_option("résultat en JSON")
@click.pass_obj
def cmd_show(context: CommandContext, *, name: str, as_json: bool) -> int:
    """Print the settings of a source, its counts and its last runs."""
    with opened(_corpus_with(context, name)) as state:
        registry = Registry(state)
        one, counts, runs = registry.get(name), registry.counts(name), registry.runs(name)
        guessed = registry.guessed(name)
    if as_json:
        print_json(
            {
                **_as_json(one, counts, runs[0] if runs else None),
                "runs": [asdict(run) for run in runs],
                "guess": guessed,
            }
        )
        return 0
    for line in (*_settings_lines(one), *_count_lines(counts), *(line for run in runs for line in _run_lines(run))):
        print(printable(typeset(line)))
    for line in _guess_lines(guessed):
        print(printable(typeset(line)))
    return 0


@source.command("remove", summary="oublie une source ; ses pages restent, sauf avec --withdraw")
@_name
@option("--withdraw", is_flag=True, help="retire aussi ses ressources des recherches")
@click.pass_obj
def cmd_remove(context: CommandContext, *, name: str, withdraw: bool) -> int:
    """Forget a source; its pages stay, but `--withdraw` withdraws its resources from searches."""
    with opened(_corpus_with(context, name)) as state:
        registry = Registry(state)
        one = registry.get(name)
        withdrawn = 0
        if withdraw:
            engine = context.open_engine()
            try:
                withdrawn = withdraw_source(context.settings, one, engine)
            finally:
                engine.close()
        registry.remove(name)
    print(typeset(f"Source oubliée : {name}. Ressources retirées : {withdrawn}."))
    if withdrawn:
        say(typeset("Lancez « python run.py index » pour que les adhérents ne les trouvent plus non plus."))
    return 0


@source.command("check", summary="montre ce qui serait lu de dix pages, sans rien garder")
@_name
@json_option("résultat en JSON")
@click.pass_obj
def cmd_check(context: CommandContext, *, name: str, as_json: bool) -> int:
    """Print what would be read of ten pages of a source, without importing them; return 1 if nothing would be read."""
    with opened(_corpus_with(context, name)) as state:
        registry = Registry(state)
        one, raw = registry.get(name), registry.profile(name)
    progress = progress_for(sys.stderr)
    try:
        run, tried, guessed = try_source(context.settings, one, profile=raw, progress=progress)
    finally:
        progress.close()
    if as_json:
        print_json({"source": name, "guess": guessed, "run": asdict(run), "pages": [as_json_page(p) for p in tried]})
    else:
        for line in _guess_lines(guessed):
            print(printable(typeset(line)))
        for page in tried:
            for line in lines_of(page):
                print(printable(line))
    for failure in run.notes:
        say(printable(typeset(f"{failure.address} : {failure.reason}")))
    if not tried:
        say(
            typeset(run.reason or "Aucune ressource sur les premières pages : vérifiez l’adresse, ou donnez un profil.")
        )
    return 0 if tried else 1


@command(
    "sync",
    examples=("python run.py sync", "python run.py sync rtes --full", "python run.py sync --no-index --wait"),
)
@argument("name", metavar="[NOM]", required=False, help="une seule source")
@option("--full", is_flag=True, help="récupère tout, même ce que le site dit inchangé")
@option("--limit", metavar="N", type=Number(1, 10_000_000), help="nombre de pages à demander à chaque source, au plus")
@option("--no-index", is_flag=True, help="n’indexe pas")
@wait_option
@option("--accept-removals", is_flag=True, help="retire ce qui a disparu, même si c’est beaucoup à la fois")
@json_option("rapport en JSON")
@click.pass_obj
def cmd_sync(
    context: CommandContext,
    *,
    name: str | None,
    full: bool,
    limit: int | None,
    no_index: bool,
    wait: bool,
    accept_removals: bool,
    as_json: bool,
) -> int:
    """Fetch what changed on all sources or one, import it and, unless told not to, index it; return 1 on a failure.

    Args:
        context: settings and engine.
        name: the only source to fetch; None fetches all.
        full: fetch everything, even what the site says is unchanged.
        limit: largest number of pages to request from each source.
        no_index: do not index what was imported.
        wait: wait for another run that holds the archive, rather than fail.
        accept_removals: withdraw what has disappeared, even if it is much at once.
        as_json: print the report as JSON.
    """
    corpus = context.settings.corpus if name is None else _corpus_with(context, name)
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    try:
        if not has_sources(corpus):
            raise GatheringError(_NONE)
        with opened(corpus) as state:
            registry = Registry(state)
            sources = registry.all() if name is None else (registry.get(name),)
            if not sources:
                raise GatheringError(_NONE)
            report = synchronise(
                context.settings,
                state,
                sources,
                engine,
                progress=progress,
                full=full,
                limit=limit,
                accept=accept_removals,
                patience=WAIT if wait else 0.0,
                waiting=say_waiting,
            )
    finally:
        progress.close()
        engine.close()
    if as_json:
        status = 0 if no_index else bring_up_to_date(context, quiet=True, wait=wait)
        print_json(_report_json(report))
    else:
        _print_report(report)
        status = 0 if no_index else bring_up_to_date(context, show_warnings=False, wait=wait)
    for failure in report.failures:
        say(printable(failure))
    return status if report.succeeded else 1


_NONE = "Aucune source : « python run.py source add ADRESSE » en ajoute une."


def _corpus_with(context: CommandContext, name: str) -> Path:
    if not has_sources(context.settings.corpus):
        raise SourceError(
            f"Aucune source ne s’appelle « {name} » : « python run.py source add ADRESSE » en ajoute une."
        )
    return context.settings.corpus


def _profile_bytes(path: Path, kind: SourceKind) -> bytes:
    if kind is SourceKind.SITE:
        return read_profile(path).raw
    try:
        raw = path.read_bytes()[:65536]
    except OSError as error:
        raise GatheringError(
            f"Le profil « {path} » ne peut être lu {reason_of(error).then('vérifiez son nom')}."
        ) from error
    given_fields(raw)
    return raw


def _as_json(one: Source, counts: Counts, last: Run | None) -> dict[str, object]:
    held = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(one).items()}
    return {**held, "counts": asdict(counts), "last_run": None if last is None else asdict(last)}


def _settings_lines(one: Source) -> Iterator[str]:
    yield f"{one.name} : {one.address} ({one.kind})"
    yield f"  une requête toutes les {one.delay:g} s au plus ; noms : {', '.join(one.hosts)}"
    if one.paths or one.excluded:
        yield f"  chemins : {', '.join(one.paths) or 'tous'} ; sauf : {', '.join(one.excluded) or 'aucun'}"
    yield f"  paramètres permis : {', '.join(one.parameters)}"
    if one.signs_in:
        yield f"  se connecte avec {one.cookie_file or one.token_file}"


def _guess_lines(guessed: str) -> Iterator[str]:
    """Yield the lines that say which fields of a Drupal site were taken for what; none for other sources.

    Args:
        guessed: the guess, as the registry of sources stores it.
    """
    fields = read_fields(guessed)
    if fields is None:
        return
    yield f"type de contenu : {fields.bundle}"
    named = (
        ("Ressource privée", fields.private),
        ("Type de ressource", fields.type),
        ("Catégorie", fields.themes),
        ("Résumé", fields.summary),
        ("fichiers", ", ".join(fields.files)),
    )
    for label, name in named:
        yield f"  {label} : {name or 'aucun champ trouvé'}"
    if not fields.private:
        yield "  sans ce champ, toutes les ressources sont privées : nommez-le dans un profil, par --profile."


def _count_lines(counts: Counts) -> Iterator[str]:
    yield (
        f"  adresses connues : {counts.addresses} ; pages avec des ressources : {counts.resources} ; "
        f"à importer : {counts.waiting} ; ressources retirées, disparues du site : {counts.removed}"
    )


def _run_lines(run: Run) -> Iterator[str]:
    yield (
        f"récupération {run.number}, {run.began[:16].replace('T', ' ')} : {_STATES[run.state]} ; "
        f"requêtes : {run.requests} ; nouvelles : {run.came} ; modifiées : {run.changed} ; "
        f"inchangées : {run.unchanged} ; disparues : {run.gone} ; échecs : {run.failed}"
    )
    if run.reason:
        yield f"  {run.reason}"
    if run.asked:
        yield f"  {_asked(run)}"
    for failure in run.notes:
        yield f"  {failure.address} : {failure.reason}"


def _asked(run: Run) -> str:
    return (
        f"{run.asked} pages ont disparu d’un coup : rien n’est retiré. Si le site en a vraiment tant supprimé, lancez "
        f"« python run.py sync {run.source} --accept-removals »."
    )


def _print_report(report: SyncReport) -> None:
    for run in report.runs:
        for line in _run_lines(run):
            print(printable(typeset(f"{run.source} : {line}" if line.startswith("récup") else line)))
    for one in report.imports:
        print_import(one.pages, next_step=False)
        for removed in one.removed:
            say(printable(typeset(f"Retirée : {removed.title} ({removed.id}) : {removed.reason}")))
        for returned in one.returned:
            say(printable(typeset(f"Remise : {returned.title} ({returned.id}) : {returned.reason}")))


def _report_json(report: SyncReport) -> dict[str, object]:
    return {
        "sources": [asdict(run) for run in report.runs],
        "imported": sum(one.pages.imported for one in report.imports),
        "unchanged": sum(one.pages.unchanged for one in report.imports),
        "set_aside": [
            {"path": entry.path, "reason": entry.reason} for one in report.imports for entry in one.pages.set_aside
        ],
        "removed": [asdict(entry) for one in report.imports for entry in one.removed],
        "returned": [asdict(entry) for one in report.imports for entry in one.returned],
        "purged": sum(one.purged for one in report.imports),
        "failures": list(report.failures),
    }
