"""What every page has to be: clean for axe, within the width of a phone, silent on the console."""

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Scrolling sideways is measured on the page; the parts that stick out say why.
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((part) => part.getBoundingClientRect().right > width + 0.5)
    .map((part) => `${part.tagName} ${part.getAttribute("class")}`);
}"""

_CHANGED = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => {
  const changes = document.getAnimations().filter((one) => one instanceof CSSTransition);
  return Promise.allSettled(changes.map((one) => one.finished));
})"""


def complaints(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": STANDARDS}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {json.dumps(one['nodes'][0]['target'])} {one['nodes'][0]['failureSummary']}" for one in found
    ]


def too_wide(page: Page) -> list[str]:
    """What sticks out of a page that is wider than the screen."""
    parts: list[str] = page.evaluate(_TOO_WIDE)
    return parts


def complaints_in_every_dress(page: Page) -> list[str]:
    """`complaints` on phone and desk, light and dark; with the pages that are wider than the screen."""
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # The colours begin to change with the next frame; buttons take their time.
            page.evaluate(_CHANGED)
            found += [f"{size['width']} {scheme}: {complaint}" for complaint in complaints(page)]
        found += [f"{size['width']}: wider than the screen: {part}" for part in too_wide(page)]
    return found


def listen(page: Page) -> list[str]:
    """Collect what the page complains about on its console, from now on."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard
