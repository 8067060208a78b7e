"""The part of JQL the sandbox understands: clauses joined by AND, then ORDER BY."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.jira.issues import Issue, now_ms
from sandbox.jira.workflow import CATEGORIES, DESKS, status_by_id

_CLAUSE = re.compile(
    r"""\s*(?P<field>issue\.property\[[\w.-]+\](?:\.\w+)*|[A-Za-z]\w*)
        \s*(?P<op>>=|<=|!=|=|>|<|~)
        \s*(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'()]+)\s*""",
    re.VERBOSE,
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


class JqlError(ValueError):
    """A query Jira would refuse, or one this sandbox does not know."""


@dataclass(frozen=True)
class Clause:
    """One condition of a query."""

    field: str
    op: str
    value: str


def search(issues: list[Issue], jql: str) -> list[Issue]:
    """Return the issues a query finds, newest first unless it says otherwise."""
    clauses, order, descending = _parse(jql)
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
                raise JqlError(f"Error in the JQL Query near character {place + 1}.")
            place = joined.end()
        match = _CLAUSE.match(jql, place)
        if match is None:
            raise JqlError(f"Error in the JQL Query near character {place + 1}.")
        clauses.append(Clause(match["field"], match["op"], _unquoted(match["value"])))
        place = match.end()
    if not clauses:
        raise JqlError("Unbounded JQL queries are not allowed here. Add a search restriction.")
    if order not in {"created", "updated", "key", "id"}:
        raise JqlError(f"Not able to sort using field '{order}'.")
    return clauses, order, descending


def _holds(clause: Clause, issue: Issue) -> bool:
    if named := _PROPERTY.fullmatch(clause.field):
        return _compare(clause, _property(issue, named[1], named[2]), clause.value)
    field = clause.field.lower()
    if field in {"created", "updated"}:
        return _COMPARE[_needs(clause, *_COMPARE)](issue[field], _moment(clause.value))
    if field == "summary":
        _needs(clause, "~")
        words = set(_words(issue["fields"]["summary"]))
        return all(word in words for word in _words(clause.value))
    if field == "reporter":
        return _compare(clause, issue["reporter"], clause.value)
    if field in {"key", "issuekey", "id", "issue"}:
        candidates = {issue["key"], issue["id"]}
        return (clause.value.upper() in candidates) == (_needs(clause, "=", "!=") == "=")
    return _holds_for_name(clause, field, issue)


def _holds_for_name(clause: Clause, field: str, issue: Issue) -> bool:
    status = status_by_id(issue["status"])
    number, category, _ = CATEGORIES[status.category]
    desk = DESKS[issue["desk_id"]]
    names = {
        "project": {desk.project_key, desk.project_name, desk.project_id},
        "status": {status.id, status.name},
        "statuscategory": {str(number), category, status.category},
    }
    if field not in names:
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission.")
    matches = clause.value.lower() in {name.lower() for name in names[field]}
    return matches == (_needs(clause, "=", "!=") == "=")


def _compare(clause: Clause, actual: Any, wanted: str) -> bool:
    equal = _needs(clause, "=", "!=") == "="
    # An empty field matches neither operator.
    return actual is not None and (str(actual).lower() == wanted.lower()) == equal


def _needs(clause: Clause, *operators: str) -> str:
    if clause.op not in operators:
        raise JqlError(f"The operator '{clause.op}' is not supported by '{clause.field}'.")
    return clause.op


def _property(issue: Issue, key: str, path: str) -> Any:
    value: Any = issue["properties"].get(key, {}).get("value")
    for part in path.split(".")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _moment(text: str) -> int:
    if age := _AGE.fullmatch(text):
        return now_ms() - int(age[1]) * _UNIT_MS[age[2]]
    for pattern in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            moment = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return int(moment.timestamp() * 1000)
    raise JqlError(f"Date value '{text}' is invalid. Valid: 'yyyy-MM-dd HH:mm', '-5m', '-2h'.")


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
