"""The guide to importing says what is true of plain CSV files."""

from pathlib import Path

from integrations.importing import plain_csv
from shops.models import Programme
from tests.integrations.test_import_csv import documents


def test_the_example_in_the_guide_is_read(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    example = guide.partition("<!-- tested: csv -->\n```csv\n")[2].partition("```")[0]
    path = tmp_path / "guide.csv"
    path.write_text(example, encoding="utf-8")

    found = documents(path, Programme(key="coffee", currency="EUR", time_zone="Europe/Berlin"))

    assert [(type(document).__name__, document.draft.reference) for document in found] == [
        ("Bought", "2025-117"),
        ("Bought", "2025-118"),
        ("Returned", "R-31"),
        ("Returned", "R-32"),
    ]


def test_the_guide_names_every_column():
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")

    assert [column for column in (*plain_csv.REQUIRED, *plain_csv.OPTIONAL) if f"`{column}`" not in guide] == []
