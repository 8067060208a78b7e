"""The table of what stands against what names tests that exist, for every case."""

from tests.architecture.test_acceptance import ROOT, TEST, names_of

SECTION = "## Tests by case"


def test_every_case_has_its_tests():
    cases = [row for row in rows() if not TEST.search(row)]

    assert len(rows()) > 30
    assert cases == []


def test_every_test_of_the_table_exists():
    named = TEST.findall("\n".join(rows()))

    assert [f"{path}::{name}" for path, name in named if name not in names_of(path)] == []


def rows():
    """Return the rows of the table, without its head."""
    text = (ROOT / "docs/threat-model.md").read_text("utf-8")
    _before, _title, section = text.partition(SECTION)
    table = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return table[2:]
