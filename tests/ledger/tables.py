"""Tables of `docs/algorithms/`, so that what the pages say is what the code does."""

from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "docs" / "algorithms"


def rows(page: str, first: str) -> list[dict[str, str]]:
    """The rows of the table whose first column is called `first`, by the names of its columns."""
    lines = [_cells(line) for line in (PAGES / page).read_text(encoding="utf-8").splitlines()]
    start = next(number for number, cells in enumerate(lines) if cells and cells[0] == first)
    found = []
    for cells in lines[start + 2 :]:
        if not cells:
            break
        found.append(dict(zip(lines[start], cells, strict=True)))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
