"""What Jira takes as a rich text: a valid document of the Atlassian Document Format."""

from typing import Any

_INLINE = {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard"}
_PLAIN = {"paragraph", "codeBlock", "bulletList", "orderedList", "mediaSingle"}
_BLOCKS = _PLAIN | {
    "heading",
    "blockquote",
    "rule",
    "panel",
    "table",
    "expand",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
}
_CONTENT: dict[str, set[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": {"text"},
    "blockquote": _PLAIN - {"mediaSingle"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": _PLAIN,
    "panel": _PLAIN | {"heading"},
    "expand": _BLOCKS - {"expand"},
    "table": {"tableRow"},
    "tableRow": {"tableCell", "tableHeader"},
    "tableCell": _BLOCKS - {"table", "expand"},
    "tableHeader": _BLOCKS - {"table", "expand"},
}
_MARKS = {
    "strong",
    "em",
    "code",
    "link",
    "strike",
    "underline",
    "subsup",
    "textColor",
    "backgroundColor",
}
_NEEDS_ATTRS = {"heading", "mention", "emoji", "date", "status", "inlineCard", "panel", "link"}
_KEYS = {"type", "content", "attrs", "marks", "text", "version"}
# Other nodes are valid in Jira and nothing the sandbox can show.
_LEAVES = {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "rule"}


def document_problem(document: Any) -> str | None:
    """Return why Jira would not take this as a rich text, or None when it would."""
    if not isinstance(document, dict) or document.get("type") != "doc":
        return "Operation value must be an Atlassian Document."
    if document.get("version") != 1 or not isinstance(document.get("content"), list):
        return "An Atlassian Document has version 1 and content."
    return _problem(document)


def _problem(node: dict[str, Any]) -> str | None:
    kind = node["type"]
    if node.keys() - _KEYS or ("version" in node) != (kind == "doc"):
        return f"A node '{kind}' has a key that is not known."
    if ("text" in node) != (kind == "text"):
        return "Text stands in text nodes and nowhere else."
    if kind == "text" and (not isinstance(node["text"], str) or not node["text"]):
        return "A text node is not empty."
    if kind in _NEEDS_ATTRS and not isinstance(node.get("attrs"), dict):
        return f"A node '{kind}' needs attrs."
    return _marks_problem(node) or _content_problem(node)


def _marks_problem(node: dict[str, Any]) -> str | None:
    marks = node.get("marks", [])
    if not isinstance(marks, list) or (marks and node["type"] != "text"):
        return "Marks are a list on a text node."
    for mark in marks:
        kind = str(mark.get("type")) if isinstance(mark, dict) else ""
        if kind not in _MARKS or (kind in _NEEDS_ATTRS and not isinstance(mark.get("attrs"), dict)):
            return f"'{kind}' is no mark."
    return None


def _content_problem(node: dict[str, Any]) -> str | None:
    kind = node["type"]
    allowed = _CONTENT.get(kind)
    content = node.get("content", [])
    if allowed is None:
        known = kind in _LEAVES and "content" not in node
        return None if known else f"'{kind}' is no node the sandbox knows."
    if not isinstance(content, list):
        return f"The content of '{kind}' is a list."
    if kind.endswith("List") and not content:
        return f"A '{kind}' has items."
    for child in content:
        found = str(child.get("type")) if isinstance(child, dict) else str(child)
        if found not in allowed:
            return f"'{found}' cannot stand in '{kind}'."
        problem = _problem(child)
        if problem:
            return problem
    return None
