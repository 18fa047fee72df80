"""Back-up and restore: everything is restored, or nothing is changed, despite damage and kills."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import random
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer import backup
from indexer.errors import BackupError
from indexer.settings import Settings
from tests.support.archive import Models, page, write
from tests.support.fault_scenarios import address, with_an_account
from tests.support.faults import PASSWORD, Holdings, Laboratory, Trial, answers, full_disk, holdings, seen


def _kept(trial: Trial) -> None:
    with_an_account(trial)
    write(trial.settings.data / "secret.key", bytes(range(32))).chmod(0o600)
    write(trial.settings.data / "journaux" / "recherches.log", "une ligne\n")


@pytest.fixture
def kept(trial: Trial, models: Models) -> Trial:
    """An archive with pages, an account, a secret and a log."""
    return models.copy(_kept, trial)


def back_up(trial: Trial, *options: str) -> Path:
    file = trial.folder / "sauvegarde.tar.gz"
    outcome = trial.command("backup", str(file), *options)
    assert outcome.status == 0, outcome.err
    return file


def lose_everything(trial: Trial) -> None:
    shutil.rmtree(trial.state)
    trial.state.mkdir()


def change_everything(trial: Trial) -> None:
    trial.write("apres.html", page("Après la sauvegarde", address=address("apres")))
    trial.import_()
    shutil.rmtree(trial.settings.corpus / "pages" / "sous")
    trial.index()
    trial.accounts.add("nouveau@exemple.fr", "member", PASSWORD)
    write(trial.settings.data / "secret.key", bytes(32)).chmod(0o600)
    write(trial.settings.data / "apres.log", "après")


def data_files(trial: Trial) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in trial.settings.data.rglob("*") if path.suffix in {".key", ".log"}}


@pytest.mark.parametrize("options", [(), ("--with-index",)])
@pytest.mark.parametrize("harm", [lose_everything, change_everything])
def test_everything_comes_back(kept: Trial, harm: Callable[[Trial], None], options: tuple[str, ...]) -> None:
    before, data, found = holdings(kept), data_files(kept), seen(kept)
    file = back_up(kept, *options)
    harm(kept)
    outcome = kept.command("restore", str(file), "--force")
    assert outcome.status == 0, outcome.err
    assert "run.py index" in outcome.err
    assert holdings(kept) == before
    assert data_files(kept) == data
    assert kept.accounts.verify("ancienne@exemple.fr", PASSWORD) is not None
    if options:
        assert seen(kept) == found  # without an indexing run
    assert kept.command("index").status == 0
    assert seen(kept) == found
    assert kept.command("check").status == 0


def test_a_backup_is_for_its_owner_alone(kept: Trial) -> None:
    file = back_up(kept)
    assert file.stat().st_mode & 0o777 == 0o600
    lose_everything(kept)
    kept.command("restore", str(file))
    for path in [kept.settings.data, *kept.settings.data.rglob("*")]:
        assert not path.stat().st_mode & 0o077 or path.is_dir()
    assert kept.settings.data.stat().st_mode & 0o077 == 0


def test_a_sqlite_file_is_kept_with_what_its_journal_holds(kept: Trial) -> None:
    """While the server writes to the file, the back-up contains what is committed and nothing else."""
    path = kept.settings.data / "audit.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('écrit')")
    database.executescript("BEGIN; INSERT INTO t VALUES ('pas encore')")
    file = back_up(kept)
    with tarfile.open(file) as archive:
        assert not [name for name in archive.getnames() if name.endswith(("-wal", "-shm", ".lock"))]
    database.close()
    lose_everything(kept)
    kept.command("restore", str(file))
    again = sqlite3.connect(path)
    assert again.execute("SELECT v FROM t").fetchall() == [("écrit",)]
    again.close()


def test_nothing_is_replaced_unless_told(kept: Trial) -> None:
    file = back_up(kept)
    change_everything(kept)
    before = holdings(kept)
    outcome = kept.command("restore", str(file))
    assert outcome.status == 1
    assert "--force" in outcome.err
    assert holdings(kept) == before


def test_a_backup_waits_for_no_run(kept: Trial) -> None:
    with (kept.settings.corpus / ".lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for command in (["backup"], ["restore", "--force"]):
            outcome = kept.command(*command, str(kept.folder / "s.tar.gz"))
            assert outcome.status == 1
            assert "en cours : attendez" in outcome.err


@pytest.mark.parametrize("place", ["corpus", "data", "index"])
def test_a_backup_inside_what_it_keeps_is_refused(kept: Trial, place: str) -> None:
    outcome = kept.command("backup", str(kept.state / place / "s.tar.gz"))
    assert outcome.status == 1
    assert "choisissez un autre dossier" in outcome.err


def test_a_backup_of_nothing_is_refused(trial: Trial) -> None:
    assert "n’existe pas" in trial.command("backup", str(trial.folder / "s.tar.gz")).err
    trial.settings.corpus.mkdir()
    assert "sans --with-index" in trial.command("backup", str(trial.folder / "s.tar.gz"), "--with-index").err
    assert list(trial.folder.glob(".*")) == []


@pytest.mark.parametrize("options", [(), ("--keep-daily", "7")])
def test_a_backup_does_not_promise_the_index_of_a_cluster(
    kept: Trial, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an OpenSearch cluster, --with-index is refused, although the embedded engine has left an index."""
    monkeypatch.setenv("RTES_ENGINE", "opensearch")
    monkeypatch.setenv("RTES_OPENSEARCH", "http://127.0.0.1:9")
    target = kept.folder / "sauvegardes"
    outcome = kept.command("backup", *options, str(target), "--with-index")
    assert outcome.status == 1
    assert "sur la grappe OpenSearch" in outcome.err
    assert "relancez sans --with-index" in outcome.err
    assert "run.py index --full" in outcome.err
    assert not target.exists()
    assert kept.command("backup", *options, str(target)).status == 0


# Damaged, hostile


def assert_refused(trial: Trial, file: Path, before: Holdings) -> None:
    outcome = trial.command("restore", str(file), "--force")
    assert outcome.status == 1
    assert "essayez une autre sauvegarde" in outcome.err
    assert holdings(trial) == before
    assert not list(trial.state.rglob(".restoring"))
    assert not list(trial.state.rglob(".replaced"))


def fixed_backup(folder: Path) -> tuple[Settings, bytes]:
    """Return settings with a constant corpus and data, and the bytes of their back-up, also constant."""
    settings = Settings(folder / "corpus", folder / "index", folder / "data")
    chance = random.Random(5)
    for name, raw in (
        ("corpus/pages/charte.html", b"<h1>Charte</h1>\n" * 40),
        ("corpus/pages/vide.html", b""),
        ("corpus/pages/sous/régie.html", chance.randbytes(700)),
        ("data/secret.key", bytes(range(32))),
    ):
        os.utime(write(folder / name, raw), (1_700_000_000, 1_700_000_000))
    file = folder / "sauvegarde.tar.gz"
    backup.back_up(settings, file, with_index=False)
    return settings, file.read_bytes()


def state_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file that a restore may change."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for place in ("corpus", "data", "index")
        for path in sorted((folder / place).rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture
def fixed(tmp_path: Path) -> tuple[Settings, bytes]:
    """The constant back-up, and the settings of its archive, which has changed since."""
    settings, whole = fixed_backup(tmp_path)
    write(settings.corpus / "pages" / "charte.html", "autre chose")
    write(settings.data / "apres.log", "après")
    return settings, whole


def refusal_of(settings: Settings, raw: bytes) -> str | None:
    """Return the error message of a restore of these bytes; None if it succeeded."""
    file = settings.corpus.parent / "sauvegarde.tar.gz"
    file.write_bytes(raw)
    try:
        backup.restore(settings, file, force=True)
    except BackupError as error:
        return str(error)
    return None


def test_the_same_archive_gives_the_same_backup(tmp_path: Path) -> None:
    assert fixed_backup(tmp_path / "a")[1] == fixed_backup(tmp_path / "b")[1]


def damages(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield damaged back-ups: a bit of each byte flipped; cut near the ends and at random lengths; extended."""
    for place in range(len(whole)):
        raw = bytearray(whole)
        raw[place] ^= 1 << place % 8
        yield f"bit {place % 8} of byte {place}", bytes(raw)
    body = whole.index(b"\x1f\x8b\x08", 10)  # the seal begins here
    for length in {*range(12), *range(body - 12, len(whole)), *random.Random(1).sample(range(len(whole)), 40)}:
        yield f"cut at {length}", whole[:length]
    again = gzip.compress(b"", mtime=0)
    for name, more in (("a zero", b"\0"), ("itself", whole), ("a member", again), ("zeros", bytes(512))):
        yield f"followed by {name}", whole + more
    yield "a member before the seal", whole[:body] + again + whole[body:]
    yield "something else", b"ceci n'est pas une archive" * 100


@pytest.mark.slow
def test_a_damaged_backup_changes_nothing(fixed: tuple[Settings, bytes]) -> None:
    settings, whole = fixed
    before = state_of(settings.corpus.parent)
    for name, raw in damages(whole):
        said = refusal_of(settings, raw)
        assert said is not None, name
        assert "essayez une autre sauvegarde" in said, name
        assert state_of(settings.corpus.parent) == before, name
    assert not list(settings.corpus.parent.rglob(".re*"))
    assert refusal_of(settings, whole) is None
    assert state_of(settings.corpus.parent) != before


def test_a_command_says_that_a_backup_is_damaged(kept: Trial) -> None:
    file = back_up(kept)
    change_everything(kept)
    before, whole = holdings(kept), file.read_bytes()
    for raw in (whole[:-1], whole + b"\0", whole[: len(whole) // 2], b""):
        file.write_bytes(raw)
        assert_refused(kept, file, before)


def without_seal(whole: bytes, more: bytes = b"", name: bytes = b"sauvegarde.tar") -> bytes:
    """Return a back-up as versions without a seal (checksum at the end) wrote it, with `more` after its tar."""
    buffer = io.BytesIO()
    with gzip.GzipFile(name.decode(), "wb", 6, buffer, mtime=1_700_000_000) as file:
        file.write(gzip.decompress(whole) + more)
    return buffer.getvalue()


@pytest.mark.slow
def test_a_backup_without_a_seal_is_read_to_its_end(fixed: tuple[Settings, bytes]) -> None:
    settings, whole = fixed
    folder = settings.corpus.parent
    before = state_of(folder)
    older = without_seal(whole)
    refused = [
        *(older + more for more in (b"\0", b"x", older, whole, gzip.compress(b""))),
        *(older[:-length] for length in range(1, 12)),
        without_seal(whole, b"x"),
        without_seal(whole, bytes(10_000) + b"x"),
        gzip.compress(gzip.decompress(whole).rstrip(b"\0")),
    ]
    for raw in refused:
        assert refusal_of(settings, raw) is not None
        assert state_of(folder) == before
    assert refusal_of(settings, older) is None
    restored = state_of(folder)
    assert "data/apres.log" not in restored
    # The metadata in such a header has no checksum and no effect.
    for place in sorted(
        {*range(40), *random.Random(2).sample(range(len(older)), 200), *range(len(older) - 12, len(older))}
    ):
        raw = bytearray(older)
        raw[place] ^= 1 << place % 8
        refusal_of(settings, bytes(raw))
        assert state_of(folder) == restored, place


def test_a_backup_that_does_not_exist(kept: Trial) -> None:
    outcome = kept.command("restore", str(kept.folder / "absente.tar.gz"), "--force")
    assert outcome.status == 1
    assert "il n’existe pas" in outcome.err


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], *more: tarfile.TarInfo) -> None:
    """Write a back-up again with other members, but otherwise valid."""
    with tarfile.open(file) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    change(members)
    manifest = members.pop("manifest.json", None)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member in more:
            archive.addfile(member)
        for name, raw in (*members.items(), *([("manifest.json", manifest)] if manifest is not None else [])):
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    file.write_bytes(gzip.compress(buffer.getvalue(), 1))


def add(name: str) -> Callable[[dict[str, bytes]], None]:
    """Return a change for `rewritten` that adds a member to the back-up and lists it in the manifest."""

    def change(members: dict[str, bytes]) -> None:
        import hashlib

        listed = json.loads(members["manifest.json"])
        listed[name] = hashlib.blake2b(b"mal", digest_size=16).hexdigest()
        members[name] = b"mal"
        members["manifest.json"] = json.dumps(listed).encode()

    return change


@pytest.mark.parametrize(
    "name",
    [
        "../mal",
        "corpus/../../mal",
        "/corpus/mal",
        "corpus",
        "autre/mal",
        "corpus//mal",
        "corpus/./mal",
        "corpus/.lock",
        "data/.cache/mal",
        "corpus/a\\mal",
        "corpus/a\nmal",
    ],
)
def test_a_member_that_would_leave_its_place_is_refused(kept: Trial, name: str) -> None:
    file = back_up(kept)
    rewritten(file, add(name))
    assert_refused(kept, file, holdings(kept))
    assert not list(kept.folder.rglob("mal"))


@pytest.mark.parametrize(
    "type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_a_member_that_is_no_file_is_refused(kept: Trial, type_: bytes) -> None:
    file = back_up(kept)
    member = tarfile.TarInfo("corpus/lien")
    member.type, member.linkname = type_, "/etc/hostname"
    rewritten(file, lambda members: None, member)
    assert_refused(kept, file, holdings(kept))


def test_what_the_manifest_does_not_agree_with_is_refused(kept: Trial) -> None:
    file = back_up(kept)
    whole = file.read_bytes()
    changes: list[Callable[[dict[str, bytes]], None]] = [
        lambda members: members.update({"corpus/de-trop.html": b"x"}),
        lambda members: members.update({"corpus/catalogue.sqlite": b"x"}),
        lambda members: [members.pop(name) for name in list(members) if name.endswith("charte.html")],  # type: ignore[func-returns-value]
        lambda members: members.pop("manifest.json"),
        lambda members: members.update({"manifest.json": b"[]"}),
    ]
    for change in changes:
        file.write_bytes(whole)
        rewritten(file, change)
        assert_refused(kept, file, holdings(kept))


# Killed, concurrent


@pytest.mark.slow
def test_a_killed_backup_leaves_the_one_before(kept: Trial, tracing: Laboratory) -> None:
    file = kept.state / "sauvegarde.tar.gz"
    assert kept.command("backup", str(file)).status == 0
    whole = file.read_bytes()
    calls = len(tracing.run(kept, "backup", str(file)).calls)
    for instant in random.Random(2).sample(range(calls), 12):
        file.write_bytes(whole)
        outcome = tracing.run(kept, "backup", str(file), kill_at=instant)
        assert outcome.status is None or len(outcome.calls) <= instant  # the number of writes depends on the size
        with tarfile.open(file) as archive:
            assert archive.getnames()[-1] == "manifest.json"
        assert kept.command("backup", str(file)).status == 0
        assert not list(kept.state.glob(".*.new"))


def test_a_backup_on_a_full_disk_leaves_the_one_before(kept: Trial, tracing: Laboratory) -> None:
    file = kept.state / "sauvegarde.tar.gz"
    assert kept.command("backup", str(file)).status == 0
    whole = file.read_bytes()
    for since in (0, 4, 9):
        outcome = tracing.run(kept, "backup", str(file), refuse=full_disk(since=since))
        assert outcome.status == 1
        assert "il n’y a plus de place sur le disque" in outcome.err
        assert file.read_bytes() == whole
        assert not list(kept.state.glob(".*.new"))


@pytest.mark.slow
def test_a_killed_restore_is_finished_by_the_next(kept: Trial, tracing: Laboratory) -> None:
    restored = holdings(kept), seen(kept)
    file = back_up(kept, "--with-index")
    change_everything(kept)
    changed = holdings(kept)
    start = kept.folder / "avant"
    shutil.copytree(kept.state, start)
    calls = tracing.run(kept, "restore", str(file), "--force").calls
    moves = [place for place, (name, paths) in enumerate(calls) if name.startswith("rename")]
    instants = {*random.Random(3).sample(range(len(calls)), 10), *moves[:: max(1, len(moves) // 14)]}
    pending = 0
    for instant in sorted(instants):
        kept.set(start)
        harmed = tracing.run(kept, "restore", str(file), "--force", kill_at=instant)
        assert harmed.status is None or len(harmed.calls) <= instant
        outcome = kept.command("import", str(kept.pages))
        if outcome.status == 0:  # nothing had been changed yet, or everything
            kept.set(start)
            tracing.run(kept, "restore", str(file), "--force", kill_at=instant)
            assert holdings(kept) in (changed, restored[0])
        else:
            assert "relancez « python run.py restore »" in outcome.err
            pending += 1
        assert kept.command("restore", str(file), "--force").status == 0
        assert (holdings(kept), seen(kept)) == restored
        assert not list(kept.state.rglob(".re*"))
    assert pending


def test_a_restore_on_a_full_disk_changes_nothing(kept: Trial, tracing: Laboratory) -> None:
    restored = holdings(kept)
    file = back_up(kept)
    change_everything(kept)
    before = holdings(kept)
    refused = 0
    for since in range(3, 60, 6):
        outcome = tracing.run(kept, "restore", str(file), "--force", refuse=full_disk(since=since))
        if outcome.status == 0:  # only moving files into place remained
            assert holdings(kept) == restored
            break
        assert "il n’y a plus de place sur le disque" in outcome.err
        assert holdings(kept) == before
        assert not list(kept.state.rglob(".restoring"))
        refused += 1
    assert refused > 2


def test_answers_go_on_while_a_backup_is_made(kept: Trial) -> None:
    with kept.engine() as engine:
        before = answers(engine)
        back_up(kept, "--with-index")
        assert answers(engine) == before
    assert os.listdir(kept.settings.index / "generations") == ["000001"]
