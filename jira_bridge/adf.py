"""Atlassian Document Format: texts that stay inert, and what such a document says."""

from typing import Any

Node = dict[str, Any]


def document(text: str) -> Node:
    """Return a document that shows `text` as it is: no mark-up in it comes alive."""
    return {
        "type": "doc",
        "version": 1,
        "content": [_paragraph(lines) for lines in text.split("\n\n")],
    }


def plain_text(node: Any) -> str:
    """Return what a document, or a part of one, says; the inverse of `document`."""
    if isinstance(node, str):
        return node
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    between = "\n\n" if node.get("type") == "doc" else ""
    return between.join(plain_text(part) for part in node.get("content") or [])


def _paragraph(text: str) -> Node:
    content: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:  # an empty text node is not valid ADF
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}
