"""Tables as CSV: what a spreadsheet would run, and in whose schema the rows are read."""

import csv
import io

import pytest

from conversations.admin.csv_files import csv_response, harmless
from conversations.models import Customer
from tenants.context import public_context
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cell", ["=1+1", "+385", "-1", "@sum", "\tx", "\rx", "\nx"])
def test_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [-7, 0.5, "385951006719", "a=b", ""])
def test_harmless_cell_stays(cell):
    assert harmless(cell) == cell


def test_rows_are_read_in_the_site_of_the_request():
    CustomerFactory(name="=Marko")
    response = csv_response("customers", ["Name"], ([each.name] for each in Customer.objects.all()))

    with public_context():  # where the middleware has gone back to
        written = b"".join(response.streaming_content).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(written))) == [["Name"], ["'=Marko"]]


def test_text_with_semicolons_is_one_cell_where_these_part_cells():
    response = csv_response("customers", ["Name", "Number"], [["Marko;=1+1;\t=2", "+385"]])

    written = b"".join(response.streaming_content).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(written), delimiter=";") for cell in row]
    assert [cell for cell in cells if cell.startswith("=")] == []
