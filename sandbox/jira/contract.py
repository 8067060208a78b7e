"""What each operation of Jira's REST takes: its scope, its query, its body, and what it costs.

Source: Jira's and Jira Service Management's REST documents and their page on rate limits. What
they allow and the sandbox cannot play is left out, so it is refused and not passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = Any
"""A type, a list of one shape, or a mapping of names to shapes; `object` is any JSON at all."""

JSON, FILES = "application/json", "multipart/form-data"


@dataclass(frozen=True)
class Operation:
    """One method at one path; `required` are names of the body or, without one, of the query."""

    scope: str
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape = None
    required: tuple[str, ...] = ()
    sends: str = ""
    gives: str = JSON
    counts: str = ""
    """The list in the answer whose entries cost points; `.` is the answer itself."""
    points_each: int = 1
    burst: int = 100


_READ_DESK, _WRITE_DESK = "read:servicedesk-request", "write:servicedesk-request"
_CUSTOMERS = "manage:servicedesk-customer"
_READ, _WRITE, _USERS = "read:jira-work", "write:jira-work", "read:jira-user"
_PAGE: dict[str, Shape] = {"start": int, "limit": int}
_PROPERTIES: Shape = [{"key": str, "value": object}]


def _write(scope: str, body: Shape, *required: str, **more: Any) -> Operation:
    return Operation(scope, body=body, required=required, sends=JSON, **more)


def _upload(scope: str) -> Operation:
    return Operation(scope, sends=FILES)


_DESK = "servicedeskapi/servicedesk"
_KINDS = f"{_DESK}/{{desk}}/requesttype"
_REQUEST = "servicedeskapi/request/{issue}"
_ISSUE = "api/3/issue/{issue}"
_PROPERTY = f"{_ISSUE}/properties/{{key}}"

_SERVICE_DESK = {
    f"GET {_DESK}": Operation(_READ_DESK, _PAGE, counts="values"),
    f"GET {_DESK}/{{desk}}": Operation(_READ_DESK, counts="."),
    f"GET {_KINDS}": Operation(
        _READ_DESK,
        _PAGE
        | {
            "searchQuery": str,
            "groupId": int,
            "expand": str,
            "includeHiddenRequestTypesInSearch": bool,
        },
        counts="values",
    ),
    f"GET {_KINDS}/{{kind}}": Operation(_READ_DESK, {"expand": str}, counts="."),
    f"GET {_KINDS}/{{kind}}/field": Operation(_READ_DESK, {"expand": str}, counts="."),
    f"POST {_DESK}/{{desk}}/customer": _write(_CUSTOMERS, {"accountIds": [str]}, "accountIds"),
    f"POST {_DESK}/{{desk}}/attachTemporaryFile": _upload(_WRITE_DESK),
    "POST servicedeskapi/customer": _write(
        _CUSTOMERS,
        {"displayName": str, "email": str, "fullName": str},
        "email",
        query={"strictConflictStatusCode": bool},
    ),
    "POST servicedeskapi/request": _write(
        _WRITE_DESK,
        {
            "serviceDeskId": str,
            "requestTypeId": str,
            "requestFieldValues": dict,
            "raiseOnBehalfOf": str,
            "isAdfRequest": bool,
            "channel": str,
        },
        "serviceDeskId",
        "requestTypeId",
        "requestFieldValues",
    ),
    f"GET {_REQUEST}": Operation(_READ_DESK, {"expand": str}, counts="."),
    f"GET {_REQUEST}/status": Operation(_READ_DESK, _PAGE, counts="values"),
    f"GET {_REQUEST}/comment": Operation(
        _READ_DESK, _PAGE | {"public": bool, "internal": bool, "expand": str}, counts="values"
    ),
    f"POST {_REQUEST}/comment": _write(_WRITE_DESK, {"body": str, "public": bool}, "body"),
    f"POST {_REQUEST}/attachment": _write(
        _WRITE_DESK,
        {
            "temporaryAttachmentIds": [str],
            "public": bool,
            "additionalComment": {"body": str},
        },
        "temporaryAttachmentIds",
    ),
}

_PLATFORM = {
    f"GET {_ISSUE}": Operation(
        _READ,
        {
            "fields": str,
            "fieldsByKeys": bool,
            "properties": str,
            "updateHistory": bool,
            "failFast": bool,
        },
        counts=".",
        burst=150,
    ),
    f"PUT {_ISSUE}": _write(
        _WRITE,
        {"fields": dict, "properties": _PROPERTIES},
        query={"notifyUsers": bool},
        burst=50,
    ),
    f"GET {_ISSUE}/properties": Operation(_READ, counts="keys"),
    f"GET {_PROPERTY}": Operation(_READ, counts="."),
    f"PUT {_PROPERTY}": _write(_WRITE, object, burst=50),
    f"DELETE {_PROPERTY}": Operation(_WRITE, burst=50),
    f"GET {_ISSUE}/transitions": Operation(_READ, {"transitionId": str}, counts="transitions"),
    f"POST {_ISSUE}/transitions": _write(_WRITE, {"transition": {"id": str}}, "transition"),
    f"GET {_ISSUE}/comment": Operation(
        _READ,
        {
            "startAt": int,
            "maxResults": int,
            "orderBy": ("created", "-created", "+created"),
            "expand": str,
        },
        counts="comments",
    ),
    f"POST {_ISSUE}/comment": _write(_WRITE, {"body": dict, "properties": _PROPERTIES}, "body"),
    f"POST {_ISSUE}/attachments": _upload(_WRITE),
    "GET api/3/attachment/content/{attachment}": Operation(
        _READ, {"redirect": bool}, gives="", burst=300
    ),
    "POST api/3/search/jql": _write(
        _READ,
        {
            "jql": str,
            "fields": [str],
            "fieldsByKeys": bool,
            "properties": [str],
            "nextPageToken": str,
            "maxResults": int,
            "reconcileIssues": [int],
        },
        counts="issues",
    ),
    "GET api/3/mypermissions": Operation(
        _READ,
        {
            "permissions": str,
            "issueId": str,
            "issueKey": str,
            "projectKey": str,
        },
        counts=".",
        points_each=2,
    ),
    "GET api/3/myself": Operation(_USERS, {"expand": str}, counts=".", points_each=2),
    "GET api/3/user": Operation(
        _USERS,
        {"accountId": str, "expand": str},
        required=("accountId",),
        counts=".",
        points_each=2,
        burst=150,
    ),
    "GET api/3/user/search": Operation(
        _USERS,
        {"query": str, "accountId": str, "startAt": int, "maxResults": int},
        counts=".",
        points_each=2,
    ),
    "GET api/3/status": Operation(_READ, counts="."),
    "GET api/3/statuscategory": Operation(_READ, counts="."),
}

OPERATIONS: dict[str, Operation] = _SERVICE_DESK | _PLATFORM
