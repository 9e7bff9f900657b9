"""docs/events.md is what the catalogue says."""

from pathlib import Path

from events import catalogue, reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == reference.page(), "run make reference, and read the difference"


def test_every_public_event_has_its_section_and_no_other():
    page = reference.page()

    assert [name for name in catalogue.TYPES if f"\n## {name}\n" in page] == sorted(
        catalogue.PUBLIC, key=list(catalogue.TYPES).index
    )
