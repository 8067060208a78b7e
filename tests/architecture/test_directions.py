"""The panel reads from right to left as well: its styles name no left and no right."""

import re
from pathlib import Path

import pytest

STYLES = sorted((Path(__file__).parents[2] / "conversations/static/panel").glob("*.css"))
PHYSICAL = re.compile(
    r"\b(?:left|right)\s*[:;]|-(?:left|right)(?:-radius|-width|-color|-style)?\s*:"
    r"|(?<![-\w])(?:max-|min-)?(?:width|height)\s*:(?!\s*\d+px\))"
)
COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_are_logical(path):
    text = COMMENTS.sub("", path.read_text("utf-8"))

    assert PHYSICAL.findall(text) == []


@pytest.mark.parametrize(
    "written", ["margin-left: 4px;", "left: 0;", "text-align: right;", "width: 4px;"]
)
def test_physical_styles_are_found(written):
    assert PHYSICAL.search(written)
