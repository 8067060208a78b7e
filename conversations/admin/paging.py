"""Pages of lists that may hold millions of rows: nothing is counted."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

LAST_PAGE = 1000  # older rows are found by filter and search, not by leafing


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
