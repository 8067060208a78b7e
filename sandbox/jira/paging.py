"""Pages of lists as the two REST families cut them."""

from typing import Any

from starlette.requests import Request

_LONGEST_JSM_PAGE = 100


def jsm_page(request: Request, values: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the page that `start` and `limit` ask for, as /rest/servicedeskapi shows it."""
    start, limit = window(request, "start", "limit", standard=50, most=_LONGEST_JSM_PAGE)
    part = values[start : start + limit]
    return {
        "_expands": [],
        "size": len(part),
        "start": start,
        "limit": limit,
        "isLastPage": start + limit >= len(values),
        "_links": {},
        "values": part,
    }


def window(
    request: Request, start: str, limit: str, *, standard: int, most: int
) -> tuple[int, int]:
    """Return from where and how many; the gate has seen that both are numbers."""
    query = request.query_params
    wanted = int(query.get(limit, standard))
    return max(0, int(query.get(start, "0"))), min(most, max(1, wanted))
