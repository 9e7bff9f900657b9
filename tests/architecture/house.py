"""The house as its tests see it: rooms from top to bottom, their files, their keys."""

import ast
import configparser
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db.models import Model

ROOT = Path(__file__).parents[2]
BESIDE_THE_HOUSE = {"tests", "bench"}


def layers() -> list[set[str]]:
    """The rooms from top to bottom; those in one set are strangers."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    lines = rules["importlinter:contract:rooms"]["layers"].split("\n")
    return [{room.strip() for room in line.split("|")} for line in lines if line.strip()]


def rooms() -> set[str]:
    return set().union(*layers())


def packages() -> set[str]:
    return {file.parent.name for file in ROOT.glob("*/__init__.py")} - BESIDE_THE_HOUSE


def sources(folders: Iterable[str]) -> Iterator[Path]:
    """Python files of these folders, without migrations: what was done to the database stays as it is."""
    for folder in sorted(folders):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def written(folders: Iterable[str]) -> Iterator[Path]:
    """Everything that people write in these folders, of whatever kind."""
    kinds = {".py", ".sql", ".html", ".txt", ".css", ".js", ".md", ".toml", ".json"}
    for folder in sorted(folders):
        yield from (file for file in sorted((ROOT / folder).rglob("*")) if file.suffix in kinds)


def upward_keys(models: Iterable[type[Model]]) -> list[str]:
    """Foreign keys, also those written as strings, from a room to one above it or to a stranger."""
    height = {room: height for height, strangers in enumerate(reversed(layers())) for room in strangers}
    found = []
    for model in models:
        own = model._meta.app_label
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            other = field.related_model._meta.app_label
            if {own, other} <= height.keys() and own != other and height[own] <= height[other]:
                found.append(f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}")
    return found


def inexact_arithmetic(source: str) -> list[int]:
    """Lines that make floats: their literals, `float`, and division that does not stay whole."""
    lines = []
    for node in _nodes(source):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if is_literal or is_name or is_division:
            lines.append(node.lineno)
    return sorted(set(lines))


def _nodes(source: str) -> Iterator[ast.expr | ast.stmt]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr | ast.stmt))


def long_functions(source: str, limit: int) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [f"{node.name}: {length}" for node in functions if (length := _lines_of(node)) > limit]


def _lines_of(function: ast.FunctionDef) -> int:
    """Lines of the body: what a docstring says about a function does not make it longer."""
    body = function.body
    begins = body[0].lineno
    if ast.get_docstring(function) is not None and len(body) > 1:
        begins = body[1].lineno
    return (function.end_lineno or begins) - begins + 1


def clock_readings(source: str) -> list[int]:
    """Lines that read the clock, where it should have come in as an argument."""
    readings = {"now", "today", "utcnow", "localdate", "localtime"}
    owners = {"timezone", "datetime", "date"}
    return [
        node.lineno
        for node in _nodes(source)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in readings
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in owners
        and not node.args
    ]
