"""A template as it reads on a phone: the approved structure, filled with the values of a send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.infobip.template_store import filled

if TYPE_CHECKING:
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip

OTHER_BUTTONS = {"COPY_CODE": "Copy code", "FLOW": "Open form", "CATALOG": "View catalogue"}


def dressed(infobip: Infobip, message: Message) -> dict[str, Any]:
    """Return what a template has around its text: header, footer and buttons."""
    content = message.content
    template = infobip.templates.find(
        message.site, str(content.get("templateName")), str(content.get("language"))
    )
    if template is None:
        return {}
    data, structure = content.get("templateData") or {}, template.structure
    header, footer = (structure.get(name) or {} for name in ("header", "footer"))
    given = data.get("header") or {}
    return {
        "header": filled(header.get("text") or "", [str(given.get("placeholder") or "")]),
        "footer": footer.get("text") or "",
        "buttons": _buttons(structure.get("buttons") or [], data.get("buttons") or []),
        "location": given if given.get("type") == "LOCATION" else None,
    }


def _buttons(described: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the buttons in their order; a parameter is that of the next button of its type."""
    left = list(given)
    buttons = []
    for button in described:
        mine = next((each for each in left if each.get("type") == button.get("type")), None)
        if mine is not None:
            left.remove(mine)
        buttons.append(_button(button, str((mine or {}).get("parameter") or "")))
    return buttons


def _button(button: dict[str, Any], parameter: str) -> dict[str, Any]:
    kind, title = button.get("type"), button.get("text") or ""
    if kind == "QUICK_REPLY":
        return {"type": "quick", "title": title, "payload": parameter or title}
    if kind == "URL":
        return {"type": "url", "title": title, "url": filled(button.get("url") or "", [parameter])}
    if kind == "PHONE_NUMBER":
        return {"type": "phone", "title": title, "phone": button.get("phoneNumber")}
    return {"type": "other", "title": title or OTHER_BUTTONS.get(str(kind), "Button")}
