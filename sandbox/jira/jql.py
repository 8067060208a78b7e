"""The part of JQL the sandbox understands: clauses joined by AND, then ORDER BY."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.jira.issues import Issue, now_ms
from sandbox.jira.workflow import CATEGORIES, DESKS, STATUSES, status_by_id

_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'(),]+)"""
_CLAUSE = re.compile(
    rf"""\s*(?P<field>issue\.property\[[\w.-]+\](?:\.\w+)*|[A-Za-z]\w*)
        (?:\s*(?P<op>>=|<=|!=|=|>|<|~)\s*(?P<value>{_VALUE})
        |\s+(?P<listed>(?:not\s+)?in)\s*\((?P<values>\s*{_VALUE}\s*(?:,\s*{_VALUE}\s*)*)\)
        |\s+(?P<empty>is(?:\s+not)?)\s+(?:empty|null)\b)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_ORDER = re.compile(r"\s*order\s+by\s+(\w+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)
_AND = re.compile(r"and\b", re.IGNORECASE)
_AGE = re.compile(r"-(\d+)([mhdw])")
_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PROPERTY = re.compile(r"issue\.property\[([\w.-]+)\]((?:\.\w+)*)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


_NAMES: dict[str, dict[str, set[str]]] = {
    "project": {
        desk.id: {desk.project_key.lower(), desk.project_name.lower(), desk.project_id}
        for desk in DESKS.values()
    },
    "status": {status.id: {status.id, status.name.lower()} for status in STATUSES},
    "statuscategory": {
        key: {str(number), name.lower(), key} for key, (number, name, _color) in CATEGORIES.items()
    },
}


_ANY_ISSUE: Issue = {
    "id": "0",
    "key": "",
    "desk_id": "1",
    "fields": {"summary": ""},
    "reporter": "",
    "status": STATUSES[0].id,
    "created": 0,
    "updated": 0,
    "properties": {},
}


class JqlError(ValueError):
    """A query Jira would refuse, or one this sandbox does not know."""


@dataclass(frozen=True)
class Clause:
    """One condition of a query."""

    field: str
    op: str
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        """Return what a field is compared with."""
        return self.values[0]

    @property
    def is_positive(self) -> bool:
        """Return whether it asks for what it names, and not for the others."""
        return self.op in {"=", "in", "is not"}


def search(issues: list[Issue], jql: str) -> list[Issue]:
    """Return the issues a query finds, newest first unless it says otherwise."""
    clauses, order, descending = _parse(jql)
    for clause in clauses:
        _holds(clause, _ANY_ISSUE)  # so that a wrong clause is refused whatever there is to find
    found = [issue for issue in issues if all(_holds(clause, issue) for clause in clauses)]
    return sorted(found, key=lambda issue: _sort_key(issue, order), reverse=descending)


def _parse(jql: str) -> tuple[list[Clause], str, bool]:
    clauses: list[Clause] = []
    place, order, descending = 0, "created", True
    while place < len(jql):
        if ordering := _ORDER.fullmatch(jql, place):
            order = ordering[1].lower()
            descending = (ordering[2] or "asc").lower() == "desc"
            break
        if clauses:
            joined = _AND.match(jql, place)
            if joined is None:
                raise JqlError(_unreadable(place))
            place = joined.end()
        match = _CLAUSE.match(jql, place)
        if match is None:
            raise JqlError(_unreadable(place))
        clauses.append(_clause(match))
        place = match.end()
    if not clauses:
        raise JqlError(
            "Unbounded JQL queries are not allowed here. "
            "Please add a search restriction to your query."
        )
    if order not in {"created", "updated", "key", "id"}:
        raise JqlError(f"Not able to sort using field '{order}'.")
    return clauses, order, descending


def _clause(match: re.Match[str]) -> Clause:
    if match["op"]:
        return Clause(match["field"], match["op"], (_unquoted(match["value"]),))
    if match["listed"]:
        values = tuple(map(_unquoted, re.findall(_VALUE, match["values"])))
        return Clause(match["field"], " ".join(match["listed"].lower().split()), values)
    return Clause(match["field"], " ".join(match["empty"].lower().split()), ())


def _holds(clause: Clause, issue: Issue) -> bool:
    if named := _PROPERTY.fullmatch(clause.field):
        return _compare(clause, _property(issue, named[1], named[2]))
    field = clause.field.lower()
    if field in {"created", "updated"}:
        moment = _moment(clause.field, clause.value) if clause.values else 0
        return _COMPARE[_needs(clause, *_COMPARE)](issue[field], moment)
    if field == "summary":
        _needs(clause, "~")
        words = set(_words(issue["fields"]["summary"]))
        return all(word in words for word in _words(clause.value))
    if field == "reporter":
        return _compare(clause, issue["reporter"])
    if field in {"key", "issuekey", "id", "issue"}:
        _needs(clause, "=", "!=", "in", "not in")
        wanted = {value.upper() for value in clause.values}
        return bool(wanted & {issue["key"], issue["id"]}) == clause.is_positive
    return _holds_for_name(clause, field, issue)


def _holds_for_name(clause: Clause, field: str, issue: Issue) -> bool:
    known = _NAMES.get(field)
    if known is None:
        words = "does not exist or you do not have permission to view it."
        raise JqlError(f"Field '{clause.field}' {words}")
    _needs(clause, "=", "!=", "in", "not in")
    for value in clause.values:
        if not any(value.lower() in names for names in known.values()):
            raise JqlError(f"The value '{value}' does not exist for the field '{clause.field}'.")
    status = status_by_id(issue["status"])
    place = {"project": issue["desk_id"], "status": status.id, "statuscategory": status.category}
    matches = any(value.lower() in known[place[field]] for value in clause.values)
    return matches == clause.is_positive


def _compare(clause: Clause, actual: Any) -> bool:
    _needs(clause, "=", "!=", "in", "not in", "is", "is not")
    if not clause.values:
        return (actual is not None) == clause.is_positive
    # An empty field matches neither side of a comparison.
    found = str(actual).lower() in {value.lower() for value in clause.values}
    return actual is not None and found == clause.is_positive


def _needs(clause: Clause, *operators: str) -> str:
    if clause.op not in operators:
        raise JqlError(
            f"The operator '{clause.op}' is not supported by the '{clause.field}' field."
        )
    return clause.op


def _property(issue: Issue, key: str, path: str) -> Any:
    value: Any = issue["properties"].get(key, {}).get("value")
    for part in path.split(".")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _moment(field: str, text: str) -> int:
    if age := _AGE.fullmatch(text):
        return now_ms() - int(age[1]) * _UNIT_MS[age[2]]
    for pattern in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            moment = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return int(moment.timestamp() * 1000)
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: "
        "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
        "or a period format e.g. '-5d', '4w 2d'."
    )


def _unreadable(place: int) -> str:
    return (
        f"Error in the JQL Query: it cannot be read from here on. (line 1, character {place + 1})"
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _unquoted(value: str) -> str:
    if value[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _sort_key(issue: Issue, order: str) -> int:
    if order in {"created", "updated"}:
        return 1_000_000 * int(issue[order]) + int(issue["id"])
    return int(issue["id"])
