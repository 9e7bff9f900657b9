"""What a browser would send of the forms on a page."""

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.inside = False
        self.select = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        if tag == "form":
            self.inside = "is-rule" in str(attributes.get("class"))
        if not self.inside:
            return
        name, kind = attributes.get("name") or "", attributes.get("type")
        if tag == "input" and (kind not in {"radio", "checkbox"} or "checked" in attributes):
            self.found.setdefault(name, []).append(attributes.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in attributes or self.select not in self.found):
            self.found[self.select] = [attributes.get("value") or ""]


def rule_fields(page: Any, changed: dict[str, Any]) -> dict[str, Any]:
    """The fields of a rule's page as they were sent to the browser, with some changed."""
    reader = _Fields()
    reader.feed(page.content.decode())
    return {**reader.found, **changed}
