"""Takes screenshots of the pages of the demonstration archive: `python -m bench.tools.screenshots [NAME…]` writes
screenshots/.

Each page of `bench.tools.views.VIEWS` is taken on a wide screen and on a phone, in the light and the dark theme. With
`--readme`, only the pictures that README shows are taken, and written to docs/screenshots/.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench.tools import demo
from bench.tools.desk import at_the_desk
from bench.tools.views import VIEWS, View

TARGET = demo.ROOT / "screenshots"
SHOWN = demo.ROOT / "docs" / "screenshots"
"""Folder of README's pictures."""
COLOURS = 64
SIZES: dict[str, tuple[int, int]] = {"wide": (1280, 860), "phone": (360, 740)}
SCHEMES = ("light", "dark")


def take(browser: Browser, address: str, name: str, view: View, wanted: frozenset[str] | None) -> None:
    """Take and write the four pictures of a page.

    Args:
        browser: the browser.
        address: address of the site.
        name: name of the page in `VIEWS`.
        view: the page.
        wanted: names of the only files to write, for README; None to write all of them to screenshots/.
    """
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            file = f"{name}-{size}-{scheme}.png"
            if wanted is not None and file not in wanted:
                continue
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
            _write(page.screenshot(animations="disabled"), (TARGET if wanted is None else SHOWN) / file)
            context.close()


def _write(picture: bytes, path: Path) -> None:
    """Write a picture with a small palette, which is enough for pages of text and takes a quarter of the bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Take screenshots of the pages named on the command line, or of all, and return the exit status."""
    for_readme = "--readme" in sys.argv[1:]
    readme = (demo.ROOT / "README.md").read_text("utf-8")
    wanted = frozenset(re.findall(r"docs/screenshots/([a-z0-9-]+\.png)", readme)) if for_readme else None
    names = [name for name in sys.argv[1:] if name != "--readme"] or list(VIEWS)
    unknown = [name for name in names if name not in VIEWS]
    if unknown:
        print(f"no such page: {', '.join(unknown)}; there are {', '.join(VIEWS)}", file=sys.stderr)
        return 2
    target = TARGET if wanted is None else SHOWN
    target.mkdir(parents=True, exist_ok=True)
    with demo.served() as site, sync_playwright() as playwright, at_the_desk(site):
        browser = demo.chromium(playwright)
        for name in names:
            take(browser, site.address, name, VIEWS[name], wanted)
        browser.close()
    size = sum(path.stat().st_size for path in target.glob("*.png"))
    print(f"{len(list(target.glob('*.png')))} pictures, {size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
