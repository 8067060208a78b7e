"""Pages of lists that may hold millions of rows: nothing is counted, nothing is skipped over."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.timezone import is_naive

LAST_PAGE = 1000  # older rows are found by filter and search, not by leafing
LONGEST_CURSOR = 1000  # characters
OLDER, NEWER = "older", "newer"  # in the address: with the row before which, or after which


class OnwardPaginator(Paginator[Any]):
    """Knows the pages up to the one asked for, and whether one more follows."""

    def __init__(self, queryset: QuerySet[Any], per_page: int, *, page: int) -> None:
        super().__init__(queryset, per_page)
        self._rows = queryset.order_by().values("pk")
        self._page = min(max(page, 1), LAST_PAGE)

    @cached_property
    def count(self) -> int:
        """The number of rows up to the end of this page, and one more if there are more."""
        return self._rows[: self._page * self.per_page + 1].count()


class Keyset:
    """An order of rows, all its columns in one direction, none empty, the last one unique.

    A place in it is a row's values: rows that come meanwhile shift nothing, and the millionth row
    is found as quickly as the first, through an index of these columns.
    """

    def __init__(self, *names: str) -> None:
        self.names = names
        self.fields = [name.removeprefix("-") for name in names]
        self.descending = names[0].startswith("-")

    def following(self, rows: QuerySet[Any], values: Sequence[Any]) -> QuerySet[Any]:
        """Return the rows behind this place, in order."""
        lookup = "lt" if self.descending else "gt"
        return rows.filter(self._beyond(values, lookup)).order_by(*self.names)

    def preceding(self, rows: QuerySet[Any], values: Sequence[Any]) -> QuerySet[Any]:
        """Return the rows before this place, the nearest first."""
        lookup = "gt" if self.descending else "lt"
        sign = "" if self.descending else "-"
        backwards = [f"{sign}{name}" for name in self.fields]
        return rows.filter(self._beyond(values, lookup)).order_by(*backwards)

    def values_of(self, row: Any) -> list[Any]:
        return [getattr(row, name) for name in self.fields]

    def cursor_of(self, row: Any) -> str:
        written = [
            value.isoformat() if isinstance(value, datetime) else str(value)
            for value in self.values_of(row)
        ]
        return urlsafe_b64encode(json.dumps(written).encode()).decode().rstrip("=")

    def place_of(self, rows: QuerySet[Any], cursor: str) -> list[Any] | None:
        """Read a cursor that came from outside; None if it is none of ours."""
        if not cursor or len(cursor) > LONGEST_CURSOR:
            return None
        try:
            written = json.loads(urlsafe_b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}"))
            pairs = zip(self.fields, written, strict=True)
            return [_read(_field(rows, name), value) for name, value in pairs]
        except (ValueError, TypeError, RecursionError, OverflowError, ValidationError):
            return None

    def chunks(self, rows: QuerySet[Any], size: int) -> Iterator[list[Any]]:
        """Read all rows in order, a statement for each chunk: no transaction stays open."""
        chunk = list(rows.order_by(*self.names)[:size])
        while chunk:
            yield chunk
            chunk = list(self.following(rows, self.values_of(chunk[-1]))[:size])

    def _beyond(self, values: Sequence[Any], lookup: str) -> Q:
        first, *others = self.fields
        if not others:
            return Q(**{f"{first}__{lookup}": values[0]})
        beyond = Q()
        for position, name in enumerate(self.fields):
            equal = dict(zip(self.fields[:position], values, strict=False))
            beyond |= Q(**equal, **{f"{name}__{lookup}": values[position]})
        # Said of the first column by itself, it is where an index begins to be read.
        return Q(**{f"{first}__{lookup}e": values[0]}) & beyond


class KeysetChangeList(ChangeList):
    """A list in one order, `keyset` of its admin, leafed through by where the reader stands."""

    model_admin: Any
    older_url = newer_url = newest_url = ""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        for name in (OLDER, NEWER):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_queryset(request, *args, **kwargs)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return list(self.model_admin.keyset)

    def get_results(self, request: HttpRequest) -> None:
        keyset = Keyset(*self.model_admin.keyset)
        older = keyset.place_of(self.queryset, request.GET.get(OLDER, ""))
        newer = keyset.place_of(self.queryset, request.GET.get(NEWER, ""))
        if newer is not None:
            found = list(keyset.preceding(self.queryset, newer)[: self.list_per_page + 1])
            if len(found) > self.list_per_page:
                shown = found[self.list_per_page - 1 :: -1]
                self._show(keyset, shown, more_older=True, more_newer=True)
                return
            older = None  # less than a page is left above: that is the first page
        rows = self.queryset if older is None else keyset.following(self.queryset, older)
        found = list(rows[: self.list_per_page + 1])
        self._show(
            keyset,
            found[: self.list_per_page],
            more_older=len(found) > self.list_per_page,
            more_newer=older is not None,
        )

    def _show(
        self, keyset: Keyset, shown: list[Any], *, more_older: bool, more_newer: bool
    ) -> None:
        self.result_list = shown
        self.result_count = len(shown)
        self.full_result_count = None
        self.can_show_all = False
        self.show_admin_actions = True
        self.multi_page = more_older or more_newer
        self.page_num = 1
        self.paginator = Paginator(shown, self.list_per_page)
        if more_older and shown:
            self.older_url = self.get_query_string({OLDER: keyset.cursor_of(shown[-1])})
        if more_newer:
            self.newest_url = self.get_query_string()
            if shown:
                self.newer_url = self.get_query_string({NEWER: keyset.cursor_of(shown[0])})


def _field(rows: QuerySet[Any], name: str) -> Any:
    annotation = rows.query.annotations.get(name)
    return annotation.output_field if annotation else rows.model._meta.get_field(name)


def _read(field: Any, written: object) -> Any:
    if not isinstance(written, str) or "\0" in written:
        raise ValidationError("A cursor holds text.")
    value = field.to_python(written)
    if value is None or (isinstance(value, datetime) and is_naive(value)):
        raise ValidationError("A cursor says where.")
    return value
