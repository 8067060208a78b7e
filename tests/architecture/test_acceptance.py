"""The table of the forty points names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \|.*\|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_point_has_its_tests():
    rows = [(int(row[1]), TEST.findall(row[0])) for row in ROW.finditer(table())]

    assert [point for point, _tests in rows] == list(range(1, 41))
    assert [point for point, tests in rows if not tests] == []


def test_every_test_of_the_table_exists():
    missing = [
        f"{path}::{name}" for path, name in TEST.findall(table()) if name not in names_of(path)
    ]

    assert missing == []


def table():
    return (ROOT / "docs/acceptance.md").read_text("utf-8")


def names_of(path):
    file = ROOT / "tests" / path
    if not file.is_file():
        return set()
    module = ast.parse(file.read_text("utf-8"))
    return {each.name for each in module.body if isinstance(each, ast.FunctionDef)}
