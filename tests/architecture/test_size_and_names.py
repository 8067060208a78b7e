"""What no linter says: short files, short functions, names that tell something."""

import ast
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("omnichat", "tenants", "logins", "conversations", "channels", "jira_bridge", "sandbox")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


def sources():
    """Yield each production file with its text."""
    packages = ((ROOT / name).rglob("*.py") for name in PACKAGES)
    for path in chain([ROOT / "manage.py"], *packages):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT), path.read_text()


def functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short():
    lengths = {str(path): len(text.splitlines()) for path, text in sources()}

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short():
    assert [
        f"{path}:{function.lineno} {function.name}"
        for path, text in sources()
        for function in functions(text)
        if function.end_lineno - function.lineno + 1 > LONGEST_FUNCTION
    ] == []


def test_names_of_modules_tell_something():
    paths = [path for path, _ in sources()]

    assert [path for path in paths if not SAYS_NOTHING.isdisjoint(path.with_suffix("").parts)] == []


def test_modules_say_what_they_are_for():
    silent = [
        str(path) for path, text in sources() if text and not ast.get_docstring(ast.parse(text))
    ]

    assert silent == []
