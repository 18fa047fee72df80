"""Pictures of each page of the demonstration archive: `python -m bench.screenshots [NAME…]` writes docs/screenshots/.

Each page is taken wide and on a phone, light and dark. A page is a row of `VIEWS`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench import demo

TARGET = demo.ROOT / "docs" / "screenshots"
COLOURS = 64
SIZES: dict[str, tuple[int, int]] = {"wide": (1280, 860), "phone": (360, 740)}
SCHEMES = ("light", "dark")


def _nothing(page: Page) -> None:
    pass


def _type(page: Page) -> None:
    page.locator("#q").press_sequentially("com")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def _open_filters(page: Page) -> None:
    if page.locator("#filtres > summary").is_visible():
        page.locator("#filtres > summary").click()


def _select(page: Page) -> None:
    page.locator(".select button[value=add]").first.click()
    page.goto("/selection")


def _save(page: Page) -> None:
    """Saved once, though the page is taken four times."""
    search = page.url
    page.goto("/recherches")
    if not page.get_by_role("link", name="commande").count():
        page.goto(search)
        page.locator(".save-row button").click()
        page.goto("/recherches")


@dataclass(frozen=True, slots=True)
class View:
    """A page to be taken.

    Attributes:
        path: its address.
        role: who reads: None for a visitor, else ``member`` or ``staff``.
        prepare: what the reader does before.
    """

    path: str
    role: str | None = None
    prepare: Callable[[Page], None] = _nothing


VIEWS: dict[str, View] = {
    "home": View("/"),
    "results": View("/?q=commande+publique&year=2023&year=none"),
    "filters": View("/?q=coop*&type=Guide", prepare=_open_filters),
    "completion": View("/", prepare=_type),
    "corrected": View("/?q=comande+publike"),
    "nothing": View("/?q=coop*&type=Webinaire&year=2014"),
    "resource": View("/"),
    "member": View("/?private=oui", role="member"),
    "account": View("/compte", role="member"),
    "selection": View("/", role="member", prepare=_select),
    "saved": View("/?q=commande", role="member", prepare=_save),
    "api": View("/api"),
    "themes": View("/themes"),
    "years": View("/annees"),
    "help": View("/aide"),
    "sign-in": View("/connexion"),
    "missing": View("/ressources/inconnue"),
}


def take(browser: Browser, address: str, name: str, view: View) -> None:
    """Write the four pictures of a page."""
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                base_url=address,
                locale="fr-FR",
                viewport={"width": width, "height": height},
                has_touch=size == "phone",
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            page = context.new_page()
            if view.role is not None:
                demo.sign_in(page, view.role)
            page.goto(view.path)
            if name == "resource":
                page.locator(".hit-title a").first.click()
                page.wait_for_url("**/ressources/**")
            view.prepare(page)
            _write(page.screenshot(animations="disabled"), TARGET / f"{name}-{size}-{scheme}.png")
            context.close()


def _write(picture: bytes, path: Path) -> None:
    """Few colours are enough for pages of text, and a quarter of the bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Take the pages named, or all."""
    names = sys.argv[1:] or list(VIEWS)
    unknown = [name for name in names if name not in VIEWS]
    if unknown:
        print(f"no such page: {', '.join(unknown)}; there are {', '.join(VIEWS)}", file=sys.stderr)
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    with demo.served() as site, sync_playwright() as playwright:
        browser = demo.chromium(playwright)
        for name in names:
            take(browser, site.address, name, VIEWS[name])
        browser.close()
    size = sum(path.stat().st_size for path in TARGET.glob("*.png"))
    print(f"{len(list(TARGET.glob('*.png')))} pictures, {size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
