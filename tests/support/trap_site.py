"""A site of resources with every trap for a program that gathers it: endless listings, circles, sessions, and so on."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.archive import frame, page
from tests.support.live_site import LiveSite, Reply, Request, html, moved

PER_PAGE = 5


def build(site: LiveSite, *, resources: int = 20, sitemap: bool = False) -> Sequence[str]:
    """Put pages on a site, and return the paths of its resources.

    Resources are found from listings in several pages. Beside them are a calendar without end, a listing that shows its
    last page for every further number, empty pages without end, sort orders, sessions in addresses and paths, entities
    that grow with each link, redirections in circles, and paths that repeat.
    """
    paths = [f"/ressources/{number}-fiche" for number in range(1, resources + 1)]
    for number, path in enumerate(paths, 1):
        site.put(
            path,
            page(
                f"Fiche pratique {number:03}",
                address=site.address + path,
                body=f"Ce que les communes ont appris de l’expérience {number}, et comment la refaire.",
            ).replace("</main>", '<a href="/connexion?retour=1">Réagir</a></main>'),
        )
    menu = (
        '<a href="/ressources">Ressources</a><a href="/agenda/2024-01">Agenda</a><a href="/vide?page=1">Archives</a>'
        '<a href="/tri?tri=titre">Tri</a><a href="/seance?sid=1">S</a><a href="/entites?page=1&amp;amp;x=1">E</a>'
        '<a href="/rond/a">Rond</a><a href="/boucle/boucle">Boucle</a><a href="/chemin;jsessionid=A1">Chemin</a>'
    )
    site.put("/", frame(f"<h1>Accueil</h1>{menu}", title="Accueil"))
    last = (resources - 1) // PER_PAGE

    def listing(request: Request) -> Reply:
        shown = min(int(request.query.get("page") or 0), last)
        links = "".join(f'<p><a href="{path}">Lire</a></p>' for path in paths[shown * PER_PAGE :][:PER_PAGE])
        number = int(request.query.get("page") or 0)
        return html(frame(f'<h1>Liste</h1>{links}<a href="?page={number + 1}">Suite</a>', title="Liste"))

    def calendar(request: Request) -> Reply:
        year, month = map(int, request.path.rpartition("/")[2].split("-")[:2])
        after = f"{year + month // 12}-{month % 12 + 1:02}"
        days = "".join(f'<a href="/agenda/{year}-{month:02}-{day:02}">{day}</a>' for day in range(1, 4))
        return html(frame(f'<h1>Agenda</h1>{days}<a href="/agenda/{after}">Mois suivant</a>', title="Agenda"))

    def empty(request: Request) -> Reply:
        number = int(request.query.get("page") or 0)
        return html(frame(f'<h1>Archives</h1><p>Page {number}</p><a href="?page={number + 1}">S</a>', title="Archives"))

    def entities(request: Request) -> Reply:
        again = "&amp;".join(f"amp;x={one}" for one in range(len(request.query)))
        return html(frame(f'<h1>E</h1><a href="/entites?page=1&amp;amp;{again}">E</a>', title="E"))

    def repeating(request: Request) -> Reply:
        return html(frame(f'<h1>B</h1><a href="{request.path}/boucle">B</a>', title="B"))

    def session(request: Request) -> Reply:
        number = int(request.query.get("sid") or 0) + 1
        return html(frame(f'<h1>S</h1><a href="/seance?sid={number}">S</a>', title="S"))

    def path_session(request: Request) -> Reply:
        return html(frame(f'<h1>C</h1><a href="/chemin;jsessionid=A{len(site.requests)}">C</a>', title="C"))

    def sorted_listing(request: Request) -> Reply:
        links = "".join(f'<a href="/tri?tri={one}&ordre={way}">T</a>' for one in "abcdef" for way in ("asc", "desc"))
        return html(frame(f"<h1>T</h1>{links}", title="T"))

    site.put("/ressources", listing)
    site.put("/vide", empty)
    site.put("/entites", entities)
    site.put("/tri", sorted_listing)
    site.put("/seance", session)
    site.put("/rond/a", moved("/rond/b"))
    site.put("/rond/b", moved("/rond/a"))
    missing = site.other

    def other(request: Request) -> Reply:
        if request.path.startswith("/agenda/"):
            return calendar(request)
        if request.path.startswith("/boucle/"):
            return repeating(request)
        if request.path.startswith("/chemin"):
            return path_session(request)
        return missing(request)

    site.other = other
    if sitemap:
        listed = "".join(f"<url><loc>{site.address}{path}</loc></url>" for path in paths)
        body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode()
        site.put("/sitemap.xml", Reply(body, headers={"Content-Type": "application/xml"}))
    return paths


TRAPS = ("/agenda", "/vide", "/tri", "/seance", "/entites", "/rond", "/boucle", "/chemin")
