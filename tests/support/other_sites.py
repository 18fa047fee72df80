"""Pages of two other sites, as WordPress and SPIP write them, and their import profiles."""

from __future__ import annotations

WORDPRESS_PROFILE = """\
name = "Territoires en commun"
resource = "article.type-fiche"
remove = ".sharedaddy, .related-posts"

[title]
selector = ".entry-title"

[type]
selector = ".fiche-nature a"

[private]
selector = "[data-acces]"
attribute = "data-acces"
public = ["libre"]
private = ["adherents"]

[themes]
selector = "a[rel~='tag']"

[date]
selector = "time.published"
attribute = "datetime"

[body]
selector = ".entry-content"

[summary]
selector = ".entry-summary"

[listings]
"/theme/eau" = "Eau et rivières"
"/theme/foret/*" = "Forêt"
"""

SPIP_PROFILE = """\
name = "Revue des communes"

[title]
selector = "h1.crayon"

[type]
value = "Article de revue"

[private]
label = "Lecture"
public = ["Ouverte à tous"]
private = ["Abonnés"]

[themes]
label = "Mots-clés"
separator = ","

[date]
selector = "p.info-publi abbr"

[body]
selector = "div.texte"

[summary]
selector = "div.chapo"
"""


def wordpress_article(
    title: str, *, access: str | None = "libre", text: str = "La rivière est à tous.", n: int = 1
) -> str:
    """Return a resource as a WordPress theme writes it.

    `access` says who may read it (None leaves that out); `n` is its number, from 1 to 9, also the day of its date.
    """
    marked = "" if access is None else f'<span class="badge" data-acces="{access}"></span>'
    return (
        f'<article id="post-{n}" class="post-{n} fiche type-fiche status-publish hentry">'
        f'<header class="entry-header"><h2 class="entry-title"><a href="/fiches/{n}/">{title}</a></h2>{marked}'
        f'<time class="entry-date published" datetime="2023-05-0{n}T09:00:00+02:00">mai 2023</time></header>'
        f'<div class="entry-summary"><p>Le résumé de {title}.</p></div><div class="entry-content"><p>{text}</p>'
        '<ul><li>Un point</li></ul><a href="/wp-content/uploads/guide.pdf">Le guide</a>'
        '<div class="sharedaddy"><p>Partagez ce contenu</p></div></div>'
        '<footer><p class="fiche-nature">Nature : <a href="/nature/guide">Guide pratique</a></p>'
        '<a rel="category tag" href="/t/eau">Eau</a> <a rel="tag" href="/t/berges">Berges</a></footer></article>'
    )


def wordpress_page(*articles: str, path: str = "/fiches/1/") -> str:
    """Return a page of the WordPress site."""
    return (
        '<!DOCTYPE html><html lang="fr-FR"><head><meta charset="UTF-8"><title>Territoires en commun</title>'
        f'<link rel="canonical" href="https://communs.example{path}"></head><body class="wordpress">'
        '<nav><a rel="tag" href="/t/menu">Menu</a></nav><h1 class="page-title">Fiches</h1><main>'
        f"{''.join(articles)}</main><aside class='widget'><p>Lecture : abonnés</p></aside></body></html>"
    )


def spip_page(
    title: str, *, reading: str | None = "Ouverte à tous", text: str = "La commune a changé de regard."
) -> str:
    """Return an article as SPIP writes it; `reading` is its label on who may read it, which None leaves out."""
    access = "" if reading is None else f"<li><strong>Lecture :</strong> {reading}</li>"
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="generator" content="SPIP 4.2">'
        f'<title>{title} - Revue des communes</title><link rel="canonical" href="https://revue.example/article12">'
        "</head><body class='page_article'><form><label>Lecture</label> <select><option>Abonnés</option></select>"
        "</form>"
        f"<div class='cartouche'><h1 class='crayon article-titre-12'>{title}</h1>"
        "<p class='info-publi'><abbr class='published' title='2021-11-08T10:00:00Z'>8 novembre 2021</abbr></p></div>"
        f"<div class='chapo'><p>En bref.</p></div><div class='texte crayon'><p>{text}</p><h3>Suite</h3>"
        "<p>La suite.</p></div>"
        f"<ul class='infos'>{access}<li>Mots-clés : communes, écoute, Communes</li></ul></body></html>"
    )
