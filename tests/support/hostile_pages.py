"""A hostile archive: every field of its pages holds text that tries to run as code, to break out of markup, to hide, or
to reorder text.
"""

from __future__ import annotations

import html
from pathlib import Path

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</title></style></textarea><svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{ 7 * 7 }}{% for a in b %}${7*7}",
    "javascript:alert(1)",
    "<!-- --><![CDATA[ ]]><?php alert(1) ?>",
    "facture\u202egpj.exe \u2067 \u2066 \u200f",
    "avant\u0000apr\u00e8s \u001b[31m \u0007",
    "a" + "\u0301" * 300,
    "&amp;lt;b&amp;gt; &#60;script&#62; &#x202e; &#0; &nbsp;",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>",
    "=HYPERLINK(\"http://evil.example\",\"clic\")",
    "\u2028alert(1)\u2029 </script><script>alert(1)//",
)  # fmt: skip
LINKS = (
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "JaVaScRiPt:alert(1)//https://a.example",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "https://evil.example/\" onclick=\"alert(1)",
    "//evil.example/fiche.pdf",
    "https://utilisateur:secret@evil.example/",
    "https://[",
    "file:///etc/passwd",
    "https://evil.example/\u202efdp.exe",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script><style>*{background:url(//evil.example)}</style><p onclick=alert(1)>Corps</p>",
    "<p>" + "<div>" * 3000 + "profond",
    "<p>" + "<b>" * 3000 + "gras",
    "<form action=//evil.example><input name=q><button formaction=javascript:alert(1)>Envoyer</button></form>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>"
    "<link rel=stylesheet href=//evil.example>",
    "<object data=//evil.example></object><embed src=//evil.example><video src=//evil.example autoplay></video>",
    "<table><tr><td>" * 500,
)  # fmt: skip


def hostile_page(number: int) -> str:
    """Return a page made of the `number`-th entry of each list of hostile texts, links and markup."""
    text = TEXTS[number % len(TEXTS)]
    link = html.escape(LINKS[number % len(LINKS)])
    escaped = html.escape(text)
    fields = "".join(
        f"<div><div>{label}</div><div>{value}</div></div>"
        for label, value in (
            ("Catégorie", f"Thème {number} {escaped}"),
            ("Type de ressource", f"Type {escaped}"),
            ("Ressource privée", "Oui" if number % 5 == 4 else "Non"),
            ("Résumé", f"<p>Résumé {escaped}</p>{text}"),
            ("Fichier", f'<a href="{link}">Fichier {escaped}</a>'),
        )
    )
    return (
        f"<html><head><title>Piège {number} {escaped}</title>"
        f'<link rel="canonical" href="{link if number % 2 else f"https://archive.example/{number}"}"></head><body>'
        f"<article><h1>Piège {number} {escaped}</h1><div><p>Corps du piège {number} : {escaped}</p>"
        f'<p><a href="{link}">lien</a></p>{MARKUP[number % len(MARKUP)]}</div></article>'
        f"<article><h2>Second piège {number} {escaped}</h2>{fields}</article></body></html>"
    )


def write_hostile_archive(folder: Path) -> int:
    """Write every hostile page to a new folder, and return how many there are."""
    folder.mkdir(parents=True)
    count = len(TEXTS) * 2
    for number in range(count):
        raw = hostile_page(number).encode("utf-8", "surrogatepass")
        (folder / f"piege-{number}.html").write_bytes(raw)
    return count
