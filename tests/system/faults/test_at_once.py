"""Concurrency: a run that starts during another says so and stops; readers get no errors while a run writes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.query.request import SearchRequest
from indexer.resource import Audience, Resource, YearSource
from tests.support.archive import page
from tests.support.fault_scenarios import imported
from tests.support.faults import Trial, seen
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

RUNS = (("import", "PAGES"), ("index",), ("index", "--full"))
SWITCHES = 100

HOLDER = """
import sys, pathlib, time
from indexer.corpus.store import locked
with locked(pathlib.Path(sys.argv[1])):
    print("tenu", flush=True)
    time.sleep(3600)
"""


RUN_THAT_STAYS = """
import sys, time
from indexer.engine.embedded.write.worker_pool import ProcessPool
from search_app.cli import main

def stay(self):
    print("rempli", flush=True)
    time.sleep(3600)

ProcessPool._stop = stay
main(sys.argv[1:])
"""
"""Program of a run that waits, so that it can be killed, once its processes have written everything but not ended."""


@contextmanager
def another_run(trial: Trial) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that holds the lock of the corpus, as an import or an indexing run does."""
    command = [sys.executable, "-c", HOLDER, str(trial.settings.corpus)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "tenu\n"
        yield process
        process.kill()


def test_the_second_run_says_so_and_stops(trial: Trial) -> None:
    imported(trial)
    before = trial.corpus_files()
    trial.write("de-plus.html", page("Une page de plus"))
    with another_run(trial) as process:
        for argv in RUNS:
            words = [str(trial.pages) if word == "PAGES" else word for word in argv]
            outcome = trial.command(*words)
            assert (outcome.status, outcome.out) == (1, "")
            assert "en cours : attendez sa fin" in outcome.err
        assert trial.corpus_files() == before
        # A killed process leaves no lock.
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    for argv in RUNS:
        words = [str(trial.pages) if word == "PAGES" else word for word in argv]
        assert trial.command(*words).status == 0


@pytest.mark.parametrize("argv", RUNS, ids=" ".join)
def test_two_runs_begun_together_both_end_well(trial: Trial, argv: tuple[str, ...]) -> None:
    """Whichever comes first, the result is as if only one had run."""
    imported(trial)
    trial.write("de-plus.html", page("Une page de plus"))
    words = [str(trial.pages) if word == "PAGES" else word for word in argv]
    command = [sys.executable, str(CHECKOUT / "run.py"), *trial.places, *words]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE)[1].decode() for process in both]
    for process, words_said in zip(both, said, strict=True):
        assert process.returncode == 0 or "en cours : attendez" in words_said
    assert 0 in {process.returncode for process in both}
    trial.command("import", str(trial.pages))
    trial.index()
    assert "Une page de plus" in trial.ids()
    assert trial.command("check").status == 0


# Readers


def resource(number: int, generation: int) -> Resource:
    """Return a resource for a generation; its text, theme and year contain the number of the generation."""
    return Resource(
        id=f"r{number}",
        url=None,
        title=f"Mot numéro {number}",
        body=f"mot de la génération g{generation}",
        summary=None,
        type=None,
        private=bool(number % 2),
        themes=(f"Thème {generation}",),
        date=None,
        year=1900 + generation,
        year_source=YearSource.PAGE,
    )


def publish(engine: EmbeddedEngine, generation: int) -> None:
    with engine.writer(fresh=False) as writer:
        for number in range(4):
            writer.put(resource(number, generation))


def look(engine: EmbeddedEngine) -> str | None:
    """Search once as a member, and return what is wrong if the response is not of one generation."""
    response = engine.search(SearchRequest(audience=Audience.MEMBER, query="mot", per_page=100))
    years = {hit.year for hit in response.hits}
    shown = {piece.text for hit in response.hits for piece in hit.snippet}
    if len(years) != 1 or response.total != 4 or len(response.hits) != 4:
        return f"{response.total} {years}"
    (year,) = years
    assert year is not None
    facets = [(value.value, value.count) for value in (*response.facets.year, *response.facets.theme)]
    if facets != [(str(year), 4), (f"Thème {year - 1900}", 4)]:
        return str(facets)
    return None if all(f"g{year - 1900}" in text for text in shown if "génération" in text) else str(shown)


READER = """
import os, sys, pathlib, time
sys.path[:0] = [os.getcwd()]
from tests.system.faults.test_at_once import look
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.analysis.analyzer import default_analyzer
from indexer.resource import Audience

folder = pathlib.Path(sys.argv[1])
engine = EmbeddedEngine(folder / "index", default_analyzer())
count = 0
while not (folder / "fini").exists():
    wrong = look(engine)
    if wrong or engine.get("r1", audience=Audience.MEMBER) is None or engine.status().degraded:
        print(wrong or engine.status())
    count += 1
    (folder / f"lu-{count}").touch()
    time.sleep(0.03)
print(count)
"""


@pytest.mark.slow
def test_readers_during_a_hundred_switches(trial: Trial) -> None:
    """Two threads of one process and another process get no error, and no response that mixes two generations."""
    with trial.engine() as writer, trial.engine() as reader:
        publish(writer, 0)
        command = [sys.executable, "-c", READER, str(trial.state)]
        other = subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        wait_until(lambda: other.poll() is not None or (trial.state / "lu-1").exists())
        faults: list[object] = []
        counts = [0, 0]
        done = threading.Event()

        def read(place: int) -> None:
            while not done.is_set():
                try:
                    faults.extend(filter(None, [look(reader)]))
                except Exception as error:
                    faults.append(error)
                counts[place] += 1
                time.sleep(0.03)  # otherwise readers would leave no processor time to the writer

        threads = [threading.Thread(target=read, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        try:
            for generation in range(1, SWITCHES + 1):
                publish(writer, generation)
                if generation % 10 == 0:  # readers get their turn even on a busy machine
                    wait_until(lambda tenth=generation // 10: min(counts) > tenth or bool(faults))
                    wait_until(
                        lambda tenth=generation // 10: (
                            (trial.state / f"lu-{tenth + 1}").exists() or other.poll() is not None
                        )
                    )
        finally:
            done.set()
            (trial.state / "fini").touch()
            for thread in threads:
                thread.join()
            said = other.communicate(timeout=PATIENCE)[0].splitlines()
        assert faults == []
        assert min(counts) > 10
        assert len(said) == 1, said
        assert int(said[0]) > 10
        assert look(reader) is None
        assert writer.status().generation == f"{SWITCHES + 1:06}"


@pytest.mark.slow
def test_a_run_killed_with_its_processes_at_work(trial: Trial) -> None:
    """Many pages are written by several processes; if the run is killed, their remains do not affect the next run."""
    for number in range(420):
        trial.put(f"lot/{number}.html", page(f"Compte rendu {number}", address=f"https://reseau.example/{number}"))
    command = [sys.executable, "-c", RUN_THAT_STAYS, *trial.places, "index", "--full"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "rempli\n"
        assert list((trial.settings.index / "generations").glob("building*/shards/*/*"))
        process.kill()
    assert trial.command("index").status == 0
    seen(trial)
    assert trial.search().total == 420
    assert trial.command("index", "--full").status == 0
    assert trial.generations() == ["000001", "000002"]
