"""Measures what a first visit costs a browser: `python -m bench.tools.vitals`.

Pages of the demonstration archive are opened on a phone of 360 × 740 pixels with an empty cache, slowed down as by
Lighthouse: a network of 1.6 Mbit/s with 150 ms of latency, a processor four times slower. Bytes are those transferred,
including headers.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from bench.tools import demo

PAGES = {
    "home": "/",
    "results": "/?q=commande+publique",
    "themes": "/themes",
    "years": "/annees",
    "help": "/aide",
}
_LATENCY, _BYTES_A_SECOND = 150, 1_600_000 // 8
_SHIFTS = """
    () => new Promise(done => {
        let sum = 0;
        new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value })
            .observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 300);
    })
"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
_LARGEST = """
    () => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
        .observe({ type: "largest-contentful-paint", buffered: true }))
"""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Figures of one visit: requests, bytes transferred, layout shift, first and largest paint in milliseconds."""

    requests: int
    received: float
    shift: float
    first: float
    largest: float


def visit(browser: Browser, address: str, path: str) -> Vitals:
    """Open a page with an empty cache on a slow phone, and return the figures of the visit."""
    context = browser.new_context(
        base_url=address, locale="fr-FR", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": _LATENCY,
            "downloadThroughput": _BYTES_A_SECOND,
            "uploadThroughput": _BYTES_A_SECOND,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(path, wait_until="networkidle")
    shift = page.evaluate(_SHIFTS)
    found = Vitals(len(received), sum(received), shift, page.evaluate(_PAINT), page.evaluate(_LARGEST))
    context.close()
    return found


def main() -> int:
    """Print the figures of several pages as a table, and return the exit status."""
    print("| page | requests | kB | layout shift | first paint | largest paint |\n|---|---|---|---|---|---|")
    with demo.served() as site, sync_playwright() as playwright:
        browser = demo.chromium(playwright)
        for name, path in PAGES.items():
            one = visit(browser, site.address, path)
            print(
                f"| {name} | {one.requests} | {one.received / 1000:.1f} | {one.shift:.3f} "
                f"| {one.first:.0f} ms | {one.largest:.0f} ms |"
            )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
