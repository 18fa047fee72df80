"""Pictures of each page of the demonstration archive: `python -m bench.screenshots [NAME…]` writes docs/screenshots/.

Each page is taken wide and on a phone, light and dark. A page is a row of `bench.views.VIEWS`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench import demo
from bench.desk import at_the_desk
from bench.views import VIEWS, View

TARGET = demo.ROOT / "docs" / "screenshots"
COLOURS = 64
SIZES: dict[str, tuple[int, int]] = {"wide": (1280, 860), "phone": (360, 740)}
SCHEMES = ("light", "dark")


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
            if view.scrolled and size == "phone":
                page.locator(".desk-main").evaluate("part => part.scrollIntoView()")
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
    with demo.served() as site, sync_playwright() as playwright, at_the_desk(site):
        browser = demo.chromium(playwright)
        for name in names:
            take(browser, site.address, name, VIEWS[name])
        browser.close()
    size = sum(path.stat().st_size for path in TARGET.glob("*.png"))
    print(f"{len(list(TARGET.glob('*.png')))} pictures, {size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
