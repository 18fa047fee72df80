"""Import profiles in the archive: stored with the pages, effective, in back-ups, and verified by `check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.backup import back_up, restore
from indexer.check import check_corpus
from indexer.corpus import Corpus, digest_of
from indexer.errors import CorpusError, ProfileError
from indexer.parsing.profile_file import parse_profile
from indexer.pipeline import ImportReport, import_paths
from indexer.progress import Silent
from tests.support.archive import Archive, page, write
from tests.support.other_sites import SPIP_PROFILE, WORDPRESS_PROFILE, spip_page, wordpress_article, wordpress_page


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return write(tmp_path / "profils" / "site.toml", WORDPRESS_PROFILE)


@pytest.fixture
def held(archive: Archive, profile: Path) -> Archive:
    """An archive with a page read without a profile, and two resources of a WordPress site, one of them private."""
    archive.write("reseau/cantine.html", page("Une cantine", address="https://reseau.example/cantine"))
    archive.write("wp/eau.html", wordpress_page(wordpress_article("Rendre l’eau")))
    archive.write(
        "wp/theme.html", wordpress_page(wordpress_article("À deux", n=2, access="adherents"), path="/fiches/2/")
    )
    archive.import_(archive.pages / "reseau")
    import_with(archive, profile)
    archive.index()
    return archive


def import_with(archive: Archive, profile: Path | None, name: str = "wp") -> ImportReport:
    with archive.engine() as engine:
        return import_paths(
            archive.settings, [archive.pages / name], theme=None, progress=Silent(), engine=engine, profile=profile
        )


def found(archive: Archive) -> dict[str, bool]:
    """Return by title whether each resource is private."""
    return {one.title: one.private for one in archive.resources().values()}


def test_pages_are_read_by_the_profile_of_their_source(held: Archive) -> None:
    assert found(held) == {"Une cantine": False, "Rendre l’eau": False, "À deux": True}
    assert held.corpus_files()["wp/profile.toml"] == WORDPRESS_PROFILE.encode()


def test_the_same_import_changes_nothing_and_needs_no_profile(held: Archive, profile: Path) -> None:
    for given in (profile, None):
        report = import_with(held, given)
        assert (report.imported, report.unchanged) == (0, 2)
    assert not held.index().switched


def test_another_profile_reads_the_pages_imported_before(held: Archive, profile: Path) -> None:
    write(profile, WORDPRESS_PROFILE.replace('public = ["libre"]\nprivate = ["adherents"]', 'public = ["ouvert"]'))
    report = import_with(held, profile)
    (notice,) = [one for one in report.warnings if "devenue privée" in one.message]
    assert notice.message.startswith("Rendre l’eau")
    held.index()
    assert found(held) == {"Une cantine": False, "Rendre l’eau": True, "À deux": True}


def test_a_profile_edited_in_the_corpus_counts_at_the_next_index(held: Archive) -> None:
    path = held.settings.corpus / "wp" / "profile.toml"
    path.write_text(WORDPRESS_PROFILE.replace('".entry-title"', '".page-title"'), "utf-8")
    held.index()
    assert "Fiches" in found(held)
    path.unlink()
    assert {one.no_resource for one in held.index().set_aside} == {True}
    assert found(held) == {"Une cantine": False}


def test_the_same_bytes_under_two_profiles_are_two_pages(archive: Archive, tmp_path: Path) -> None:
    html = spip_page("Écouter")
    for name in ("a", "b"):
        archive.write(f"{name}/p.html", html)
    closed = SPIP_PROFILE.replace("Ouverte à tous", "Libre")
    import_with(archive, write(tmp_path / "a.toml", SPIP_PROFILE), "a")
    import_with(archive, write(tmp_path / "b.toml", closed), "b")
    archive.index()
    assert found(archive) == {"Écouter": True}  # one private copy makes it private
    assert digest_of(b"x", "1") != digest_of(b"x")


@pytest.mark.parametrize("text", ["name = ", 'name = "x"\n[title]\nselector = "p:has(a)"\n'])
def test_a_profile_that_cannot_be_used_stops_before_anything(archive: Archive, tmp_path: Path, text: str) -> None:
    archive.write("wp/eau.html", wordpress_page(wordpress_article("Rendre l’eau")))
    with pytest.raises(ProfileError):
        import_with(archive, write(tmp_path / "p.toml", text))
    assert not archive.settings.corpus.exists()


def test_a_profile_damaged_in_the_corpus_stops_the_run_and_check_says_so(held: Archive) -> None:
    (held.settings.corpus / "wp" / "profile.toml").write_text("name = ", "utf-8")
    with pytest.raises(CorpusError, match=r"profile\.toml"):
        held.index()
    assert [fault for fault in check_corpus(held.settings) if "profile.toml" in fault and "TOML" in fault]
    assert found(held) == {"Une cantine": False, "Rendre l’eau": False, "À deux": True}


def test_check_is_content_with_pages_of_a_profile(held: Archive) -> None:
    assert check_corpus(held.settings) == []


def test_a_profile_goes_into_back_ups(held: Archive, tmp_path: Path) -> None:
    file = tmp_path / "sauvegarde.tar.gz"
    back_up(held.settings, file, with_index=False)
    (held.settings.corpus / "wp" / "profile.toml").unlink()
    restore(held.settings, file, force=True)
    corpus = Corpus(held.settings.corpus, create=False)
    try:
        assert corpus.profile_of("wp") == parse_profile(WORDPRESS_PROFILE.encode(), called="")
        assert corpus.profile_of("reseau") is None
    finally:
        corpus.close()
