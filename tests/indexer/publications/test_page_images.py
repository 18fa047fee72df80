"""Images of pages: drawn in a process of their own, few at once, kept in little space, gone with their file."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from indexer.errors import PublicationBusyError
from indexer.publications import LIMITS, Limits, PageImages, draw_page, page_images
from indexer.publications.limits import MAX_IMAGE_BYTES
from indexer.storage.locks import acquire
from tests.support.publications import PROSE, Sheet, endless, pdf

DIGEST, OTHER = "3f" * 16, "a0" * 16
TWO = pdf([Sheet(PROSE.split("\n")), Sheet(["Seconde page."])])


@pytest.fixture
def opening(tmp_path: Path) -> Callable[..., Callable[[], BinaryIO]]:
    """Return a function that writes bytes to a file and returns a function that opens the file."""

    def of(content: bytes) -> Callable[[], BinaryIO]:
        path = tmp_path / "fichier"
        path.write_bytes(content)
        return lambda: path.open("rb")

    return of


@pytest.fixture
def images(tmp_path: Path) -> PageImages:
    return PageImages(tmp_path / "images", patience=0.0)


def never() -> BinaryIO:
    raise AssertionError("the file was opened")


def drawn(opening: Callable[..., Callable[[], BinaryIO]], content: bytes, number: int = 1, **limits: float) -> bytes:
    with opening(content)() as file:
        return draw_page(file, number, limits=Limits(**{"wall": LIMITS.wall, **limits})) or b""  # type: ignore[arg-type]


def test_a_page_is_drawn_with_its_ink(opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    first, second = (Image.open(io.BytesIO(drawn(opening, TWO, number))).convert("L") for number in (1, 2))
    assert first.size[0] == 1200
    assert 1.40 < first.size[1] / first.size[0] < 1.42  # A4
    dark = [sum(one.histogram()[:128]) for one in (first, second)]
    assert dark[0] > 3 * dark[1] > 0


@pytest.mark.parametrize(
    ("content", "number"),
    [(TWO, 3), (TWO, 10**9), (b"%PDF-1.7\nrien", 1), (b"", 1), (pdf([Sheet(["secret"])], password="x"), 1)],
)
def test_what_cannot_be_drawn_is_no_image(
    opening: Callable[..., Callable[[], BinaryIO]], content: bytes, number: int
) -> None:
    assert drawn(opening, content, number) == b""


def test_a_page_without_end_is_stopped(opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    assert drawn(opening, endless(), cpu=1) == b""


def test_an_image_is_no_larger_than_is_read(opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    from reportlab.lib.utils import ImageReader

    noise = Image.frombytes("RGB", (1500, 1500), random.Random(1).randbytes(3 * 1500 * 1500))
    content = pdf([Sheet(draw=lambda canvas: canvas.drawImage(ImageReader(noise), 0, 0, 590, 840))])
    assert 0 < len(drawn(opening, content)) <= MAX_IMAGE_BYTES


def test_an_image_is_kept(images: PageImages, opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    first = images.get(DIGEST, 1, opening(TWO))
    assert first
    assert images.get(DIGEST, 1, never) == first


def test_a_failure_is_kept_too(images: PageImages, opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    assert images.get(DIGEST, 9, opening(TWO)) is None
    assert images.get(DIGEST, 9, never) is None


def test_few_are_drawn_at_once(images: PageImages, opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    kept = images.get(DIGEST, 1, opening(TWO))
    held = [acquire(images.folder / f".turn-{number}") for number in range(page_images.AT_ONCE)]
    try:
        with pytest.raises(PublicationBusyError, match=r"réessayez"):
            images.get(DIGEST, 2, never)
        assert images.get(DIGEST, 1, never) == kept
    finally:
        for handle in held:
            assert handle is not None
            os.close(handle)
    assert images.get(DIGEST, 2, opening(TWO))


def test_space_is_limited(tmp_path: Path, opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    images = PageImages(tmp_path / "images", most_bytes=1)
    images.get(DIGEST, 1, opening(TWO))
    os.utime(next(images.folder.glob("*/*-1-*")), (1, 1))
    images.get(DIGEST, 2, opening(TWO))
    assert [path.name.split("-")[1] for path in images.folder.glob("*/*.webp")] == ["2"]


def test_images_go_with_their_file(images: PageImages, opening: Callable[..., Callable[[], BinaryIO]]) -> None:
    for digest in (DIGEST, OTHER):
        images.get(digest, 1, opening(TWO))
    older = images.folder / DIGEST[:2] / f"{DIGEST}-1-0-0.webp"
    older.write_bytes(b"")
    images.forget_all_but({DIGEST})
    assert [path.name.split("-")[0] for path in images.folder.glob("*/*.webp")] == [DIGEST]
    assert not older.exists()
    images.forget_all_but(())
    assert not [*images.folder.glob("*/*.webp")]


def test_without_images_there_is_nothing_to_forget(images: PageImages) -> None:
    images.forget_all_but(())
    assert not images.folder.exists()
