"""Infobip's templates: listing them, understanding them, and having them made.

Source: Infobip's WhatsApp OpenAPI document. Two lists exist, one per sender and one of the whole
account; in older answers body and footer are plain strings, and ids are numbers.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from channels.infobip import client
from channels.models import ProviderAccount
from channels.provider_account import Listing, TemplateDraft, TemplateRefused
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.services.template_lists import ProviderTemplate
from conversations.templates import (
    VARIABLE,
    Button,
    ButtonKind,
    Header,
    HeaderKind,
    Structure,
    numbers_in,
)

PAGE_SIZE = 100
MOST_PAGES = 100  # of 6,000 templates, which is all that WhatsApp allows, 60 are full
# The list of one sender is not offered there; a refusal of ours is another matter.
NO_SUCH_LIST = {"404", "405", "410"}
HEADERS = {kind.upper(): kind for kind in HeaderKind}
BUTTONS = {
    "QUICK_REPLY": ButtonKind.QUICK_REPLY,
    "URL": ButtonKind.URL,
    "PHONE_NUMBER": ButtonKind.PHONE,
    "COPY_CODE": ButtonKind.COPY_CODE,
}
NAMES = {kind: name for name, kind in BUTTONS.items()}
UNDERSTOOD_PARTS = {"type", "header", "body", "footer", "buttons"}
# Where a violation belongs: the beginning of its path, and the field that was filled in.
FIELDS = (
    ("name", "name"),
    ("language", "language"),
    ("category", "category"),
    ("structure.header.example", "header_example"),
    ("structure.header.text", "header_text"),
    ("structure.header", "header_kind"),
    ("structure.body.example", "examples"),
    ("structure.body", "body"),
    ("structure.footer", "footer"),
    ("structure.buttons", "buttons"),
)
PENDING = "PENDING"
AUTHENTICATION = "AUTHENTICATION"
BRACES = re.compile(r"\{\{.*?\}\}")


def list_templates(account: ProviderAccount, sender_number: str) -> Listing:
    """Return the templates of a sender.

    Raises TemporaryFailure or PermanentFailure; half a list is a TemporaryFailure.
    """
    path = f"/whatsapp/2/senders/{quote(sender_number, safe='')}/templates"
    try:
        rows = _rows(client.get(account, path, {}), "templates")
    except PermanentFailure as failure:
        if failure.code not in NO_SUCH_LIST:
            raise
        rows = _rows_of_account(account, sender_number)
        if not rows or len({str(_mapping(row).get("businessAccountId")) for row in rows}) > 1:
            # Perhaps this sender's, perhaps not: the refusal is what we know.
            raise
    named = [row for row in rows if _is_named(row)]
    return Listing([understood(row) for row in named], complete=len(named) == len(rows))


def create_template(
    account: ProviderAccount, sender_number: str, draft: TemplateDraft
) -> ProviderTemplate:
    """Submit a template for approval. Raises as `client.post`, and TemplateRefused."""
    content = {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "structure": payload_of(draft.structure),
    }
    path = f"/whatsapp/2/senders/{quote(sender_number, safe='')}/templates"
    with _refusals_by_field():
        return understood({"status": PENDING} | content | client.post(account, path, content))


def edit_template(
    account: ProviderAccount, sender_number: str, provider_id: str, draft: TemplateDraft
) -> ProviderTemplate:
    """Submit changes of a template for approval. Raises as `client.patch`, and TemplateRefused."""
    content = {"category": draft.category, "structure": payload_of(draft.structure)}
    known = {"id": provider_id, "name": draft.name, "language": draft.language, "status": PENDING}
    path = (
        f"/whatsapp/2/senders/{quote(sender_number, safe='')}"
        f"/templates/{quote(provider_id, safe='')}"
    )
    with _refusals_by_field():
        return understood(known | content | client.patch(account, path, content))


def delete_template(account: ProviderAccount, sender_number: str, name: str) -> None:
    """Delete a template in all its languages. Raises as `client.delete`."""
    path = f"/whatsapp/2/senders/{quote(sender_number, safe='')}/templates/{quote(name, safe='')}"
    client.delete(account, path)


def understood(row: dict[str, Any]) -> ProviderTemplate:
    """Translate one template; what we cannot send names the part that is the reason."""
    raw = _mapping(row.get("structure"))
    structure, unknown = _structure(raw)
    category = _text(row.get("category")).upper()
    if category == AUTHENTICATION:
        unknown = _("authentication templates")
    return ProviderTemplate(
        provider_id=str(row.get("id") or "")[:100],
        name=_text(row.get("name"))[:512],
        language=_text(row.get("language"))[:20],
        status=_text(row.get("status")).upper()[:40],
        category=category[:40],
        quality=_text(row.get("quality")).upper()[:20],
        rejected_for=_reason(row)[:100],
        structure=structure,
        not_understood=(unknown or _variables_unknown(structure))[:200],
        raw=row,
    )


def payload_of(structure: Structure) -> dict[str, Any]:
    """Return a structure in Infobip's words, as it is submitted."""
    header = structure.header
    body: dict[str, Any] = {"text": structure.body}
    if structure.examples:
        body["examples"] = list(structure.examples)
    payload: dict[str, Any] = {"body": body}
    if header is not None:
        given = {"text": header.text, "example": header.example}
        payload["header"] = {"format": header.kind.upper()} | _without_empty(given)
    if structure.footer:
        payload["footer"] = {"text": structure.footer}
    if structure.buttons:
        payload["buttons"] = [_button_payload(button) for button in structure.buttons]
    in_words = header is None or header.kind == HeaderKind.TEXT
    return payload | {"type": "TEXT" if in_words else "MEDIA"}


def _rows(answer: dict[str, Any], name: str) -> list[Any]:
    listed = answer.get(name)
    if not isinstance(listed, list):
        raise TemporaryFailure("Infobip's list of templates cannot be read.")
    return listed


def _rows_of_account(account: ProviderAccount, sender_number: str) -> list[Any]:
    rows: list[Any] = []
    for page in range(MOST_PAGES):
        parameters = {"sender": sender_number, "page": str(page), "size": str(PAGE_SIZE)}
        answer = client.get(account, "/whatsapp/1/templates", parameters)
        found = _rows(answer, "results")
        rows += found
        pages = _mapping(answer.get("paging")).get("totalPages")
        last = page + 1 >= pages if isinstance(pages, int) else len(found) < PAGE_SIZE
        if last or not found:
            return rows
    raise TemporaryFailure("Infobip's list of templates does not end.")


@contextmanager
def _refusals_by_field() -> Iterator[None]:
    try:
        yield
    except client.Refusal as refusal:
        fields: dict[str, str] = {}
        for path, said in refusal.violations.items():
            field = next((name for start, name in FIELDS if path.startswith(start)), "")
            fields[field] = "; ".join(filter(None, (fields.get(field, ""), said)))
        raise TemplateRefused(str(refusal), code=refusal.code, fields=fields) from refusal


def _is_named(row: Any) -> bool:
    return isinstance(row, dict) and bool(_text(row.get("name")) and _text(row.get("language")))


def _structure(raw: dict[str, Any]) -> tuple[Structure, str]:
    """Return what we understand of a structure, and the first part that we do not."""
    header, header_unknown = _header(raw.get("header"))
    buttons, buttons_unknown = _buttons(raw.get("buttons"))
    body = raw.get("body")
    examples = _mapping(body).get("examples")
    structure = Structure(
        body=_part_text(body),
        examples=tuple(map(str, examples)) if isinstance(examples, list) else (),
        header=header,
        footer=_part_text(raw.get("footer")),
        buttons=buttons,
    )
    if _text(raw.get("type")).upper() not in {"", "TEXT", "MEDIA"}:
        return structure, _("its type (%(type)s)") % {"type": _text(raw.get("type"))}
    others = sorted(name for name in raw if name not in UNDERSTOOD_PARTS and raw[name])
    if others:
        return structure, _("a part of another kind (%(part)s)") % {"part": others[0]}
    if not structure.body:
        return structure, _("its body")
    return structure, header_unknown or buttons_unknown


def _header(raw: Any) -> tuple[Header | None, str]:
    if not raw:
        return None, ""
    if isinstance(raw, str):
        return Header(HeaderKind.TEXT, raw), ""
    content = _mapping(raw)
    kind = HEADERS.get(_text(content.get("format")).upper())
    if kind is None:
        said = _text(content.get("format")) or "?"
        return None, _("a header of another kind (%(kind)s)") % {"kind": said}
    example = content.get("example")
    return Header(kind, _text(content.get("text")), _text(example)), ""


def _buttons(raw: Any) -> tuple[tuple[Button, ...], str]:
    if not raw:
        return (), ""
    buttons, unknown = [], ""
    for each in raw if isinstance(raw, list) else [raw]:
        content = _mapping(each)
        said = _text(content.get("type")).upper()
        kind = BUTTONS.get(said)
        if kind is None:
            unknown = unknown or _("a button of another kind (%(kind)s)") % {"kind": said or "?"}
            continue
        button = Button(
            kind,
            text=_text(content.get("text")),
            url=_text(content.get("url")),
            phone=_text(content.get("phoneNumber")),
            example=_text(content.get("example")),
        )
        buttons.append(button)
    return tuple(buttons), unknown


def _variables_unknown(structure: Structure) -> str:
    header = structure.header.text if structure.header else ""
    addresses = [button.url for button in structure.buttons]
    for text in (structure.body, header, *addresses):
        for braces in BRACES.findall(text):
            if not VARIABLE.fullmatch(braces):
                # Infobip takes values by their order, so there is no way to send these.
                return _("named variables (%(variable)s)") % {"variable": braces}
    numbers = numbers_in(structure.body)
    if numbers != list(range(1, len(numbers) + 1)):
        return _("variables that are not numbered from 1")
    if any(len(numbers_in(text)) > 1 for text in (header, *addresses)):
        return _("a header or a link with several variables")
    return ""


def _reason(row: dict[str, Any]) -> str:
    for name in ("rejectionReason", "rejectedReason", "reason"):
        said = _text(row.get(name))
        if said and said.upper() != "NONE":
            return said
    return ""


def _button_payload(button: Button) -> dict[str, Any]:
    given = {
        "text": button.text,
        "url": button.url,
        "phoneNumber": button.phone,
        "example": button.example,
    }
    return {"type": NAMES[button.kind]} | _without_empty(given)


def _without_empty(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _part_text(raw: Any) -> str:
    return _text(_mapping(raw).get("text")) if isinstance(raw, dict) else _text(raw)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
