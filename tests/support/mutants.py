"""Pages, text exports and zips, randomly damaged by a seeded generator."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from tests.support.places import EXAMPLE

PIECES = [
    piece.encode("utf-8", "surrogatepass")
    for piece in (
        "<article>", "</article>", "<div>" * 50, "</div>" * 50, "<table><tr>", "<!--", "-->", "<![CDATA[", "<script>",
        "</body></html>", "<h1>", "<title>", "<base href='//x'>", "<meta charset=utf-16>", "<meta charset=klingon>",
        "Ressource privée", "Oui", "Non", "Catégorie", "Type de ressource", "Résumé", "Publié le 31 février 2023",
        "<time datetime='9999-99-99'>", "&#0;", "&#xd800;", "&#1114112;", "&" * 40, "\ufeff", "\ud800", "\u202e",
        "\x00" * 9, "\r", "é" * 300, "a" * 3000, "<a href='javascript:x'>", "<a href='https://['>", "<p" * 30, "\x1a",
        "https://xn--", "http://exemple.fr:99999/", "<link rel=canonical href='https://[::1'>", "%00%ff", "½²³①",
    )
]  # fmt: skip
CODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "cp037", "mac_roman")
FIELDS = "Catégorie\nType de ressource\nGuide\nRessource privée\n{private}\nRésumé\n\n{text}"


def mutant(raw: bytes, rng: random.Random) -> bytes:
    """Return the bytes with a few random changes."""
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        raw = rng.choice(_CHANGES)(raw, rng)
    return raw


def _place(raw: bytes, rng: random.Random) -> tuple[int, int]:
    first = rng.randrange(len(raw) + 1)
    return first, min(len(raw), first + int(rng.expovariate(1 / 40)) + 1)


def _bits(raw: bytes, rng: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 5, 100))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(raw: bytes, rng: random.Random) -> bytes:
    first, last = _place(raw, rng)
    return raw[:first] if rng.random() < 0.3 else raw[:first] + raw[last:]


def _insert(raw: bytes, rng: random.Random) -> bytes:
    first, last = _place(raw, rng)
    return raw[:first] + rng.choice(PIECES) * rng.choice((1, 1, 1, 20)) + raw[rng.choice((first, last)) :]


def _repeat(raw: bytes, rng: random.Random) -> bytes:
    first, last = _place(raw, rng)
    return raw[:first] + raw[first:last] * rng.choice((2, 50)) + raw[last:]


def _noise(raw: bytes, rng: random.Random) -> bytes:
    first, last = _place(raw, rng)
    return raw[:first] + rng.randbytes(last - first) + raw[last:]


def _move(raw: bytes, rng: random.Random) -> bytes:
    first, last = _place(raw, rng)
    there = rng.randrange(len(raw) + 1)
    rest = raw[:first] + raw[last:]
    return rest[:there] + raw[first:last] + rest[there:]


def _recode(raw: bytes, rng: random.Random) -> bytes:
    return raw.decode("utf-8", "replace").encode(rng.choice(CODINGS), "replace")


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _bits, _cut, _insert, _insert, _repeat, _noise, _move, _recode
)  # fmt: skip


def originals() -> list[bytes]:
    """Return pages of the demonstration archive without their addresses, so that a mutant is not taken for the same
    resource as a good page.
    """
    return [path.read_bytes() for path in sorted(EXAMPLE.glob("*.html"))]


def an_export(rng: random.Random) -> bytes:
    """Return a text export of two resources."""
    parts = ["Réseau d’essai"]
    for _ in range(2):
        text = f"Texte d’essai numéro {rng.randrange(1000)}, sur la commande publique."
        title = f"Ressource {rng.randrange(10**6)}"
        parts.append(f"{title}\n\n{text}\n\n" + FIELDS.format(private=rng.choice(("Oui", "Non")), text=text))
    return ("\n\n".join(parts) + "\n").encode()


def good_page(word: str) -> bytes:
    """Return a page that must be found by its word, which no other page contains."""
    return (
        f'<html><head><title>Page {word}</title><link rel="canonical" href="https://reseau.example/{word}"></head>'
        f"<body><article><h1>Page {word}</h1><div><p>Un corps ordinaire.</p></div>"
        "<div><div>Catégorie</div><div>Essais</div></div><div><div>Type de ressource</div><div>Guide</div></div>"
        "<div><div>Ressource privée</div><div>Non</div></div><div><div>Résumé</div><div><p>Bref.</p></div></div>"
        "</article></body></html>"
    ).encode()


def zip_of(entries: dict[str, bytes]) -> bytes:
    """Return a zip; the same entries always give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def rotten_entry(packed: bytes, rng: random.Random) -> bytes:
    """Return the zip with only the data of its first entry damaged."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        info = archive.infolist()[0]
    start = info.header_offset + 30 + len(info.filename.encode())
    changed = bytearray(packed)
    for _ in range(3):
        changed[start + rng.randrange(info.compress_size)] ^= rng.randrange(1, 256)
    return bytes(changed)
