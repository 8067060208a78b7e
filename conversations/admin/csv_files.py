"""Tables as CSV: streamed row by row, and harmless in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from tenants.context import current_schema, schema_context

# What a spreadsheet may take for a formula: those beginnings get an apostrophe in front.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
LINES_AT_ONCE = 200  # each piece of a response costs as much as a line
BYTE_ORDER_MARK = "\ufeff"  # else Excel reads UTF-8 as the letters of its own country


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_response(
    name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Return a download called after `name` and today; rows are written as they are read."""
    return download(name, "csv", "text/csv; charset=utf-8", _lines(heads, rows))


def download(
    name: str, ending: str, content_type: str, lines: Iterator[str]
) -> StreamingHttpResponse:
    """Return a file that is written, from the current site's rows, while it is taken."""
    response = StreamingHttpResponse(_in_schema(current_schema(), lines), content_type=content_type)
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="{name}-{day}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, int | float) or value is None:
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _in_schema(schema_name: str, lines: Iterator[str]) -> Iterator[str]:
    """A response is written when the middleware has left the site's schema already."""
    with schema_context(schema_name):
        yield from lines


def _lines(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    # Every text in quotes: where a spreadsheet parts cells at semicolons, none begins inside one.
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield BYTE_ORDER_MARK + writer.writerow([harmless(head) for head in heads])
    written = (writer.writerow([harmless(cell) for cell in row]) for row in rows)
    while some := "".join(islice(written, LINES_AT_ONCE)):
        yield some
