"""What agents do with templates: they fill one in and send it."""

from collections.abc import Collection, Mapping
from typing import Any, Unpack

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from conversations.contracts import Agent, Channel, MessageKind
from conversations.errors import NotFound, SendingRefused
from conversations.models import (
    Attachment,
    Conversation,
    Message,
    MessageTemplate,
    Sender,
    SendingSettings,
)
from conversations.phone_numbers import AddressKind, identify
from conversations.services.consent import is_closed_to_sms
from conversations.services.outgoing import (
    Route,
    Where,
    begin_sending,
    require_route,
    store_outgoing,
)
from conversations.services.texts import require_few_parts, sendable_text
from conversations.services.uploads import claim_uploads, give_upload
from conversations.template_values import problems
from conversations.template_words import why_not_sendable
from conversations.templates import (
    HEADER_FILES,
    VARIABLE,
    ButtonKind,
    HeaderKind,
    Structure,
    location_of,
    plain_text,
    preview,
    value_of,
    variables_of,
    words,
)

MARKETING = "MARKETING"
WORDED_HEADERS = {HeaderKind.TEXT, HeaderKind.LOCATION}


class ValuesRefused(SendingRefused):
    """Values are missing or wrong: `problems` has the words, by variable."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(next(iter(problems.values())), code="template-values")
        self.problems = problems


@transaction.atomic
def send_template(
    agent: Agent,
    *,
    template_id: int,
    values: Mapping[str, str],
    attachment_id: int | None = None,
    sms_fallback: str | None = None,
    confirmed: Collection[str] = (),
    **where: Unpack[Where],
) -> Message:
    """Store a filled-in template and promise its delivery, whether the window is open or not.

    As `send_reply` in everything else, but what was typed into the box is still to be sent.
    `attachment_id`: an upload of the agent's for the header. `sms_fallback`: what goes by SMS if
    WhatsApp fails; "" for the template's own text, None for none. ValuesRefused says what is amiss.
    """
    conversation, seen = begin_sending(agent, where["client_id"])
    if seen is not None:
        return seen

    route = require_route(conversation, where["sender_id"], where["address_id"], in_window=False)
    template = _require_template(route, template_id)
    structure = Structure.from_json(template.structure)
    file = _require_file(agent, structure, attachment_id)
    filled = _require_values(structure, values, file)
    content = content_of(template, structure, filled)
    if sms_fallback is not None:
        instead = sms_fallback.strip() or plain_text(structure, filled)
        content["sms_fallback"] = _fallback(conversation, route, instead, confirmed)
    message = store_outgoing(
        agent,
        conversation,
        route,
        client_id=where["client_id"],
        kind=MessageKind.TEMPLATE,
        text=words(preview(structure, filled).body),
        content=content,
    )
    give_upload(file, message)
    return message


def content_of(
    template: MessageTemplate, structure: Structure, values: Mapping[str, str]
) -> dict[str, Any]:
    """Return what is sent of a template, and under `shown` what the customer reads around it."""
    shown = preview(structure, values)
    filled = {each.key: value_of(each, values) for each in variables_of(structure)}
    header = None
    if structure.header is not None:
        header = _header_content(structure.header.kind, filled)
    return {
        "template_id": template.pk,
        "name": template.name,
        "language": template.language,
        "body": [value for key, value in filled.items() if key.startswith("body.")],
        "header": header,
        "buttons": [
            {"type": button.kind, "value": filled[f"button.{index}"]}
            for index, button in enumerate(structure.buttons)
            if f"button.{index}" in filled
        ],
        "shown": {
            "header": words(shown.header) if shown.header_kind in WORDED_HEADERS else "",
            "footer": structure.footer,
            "buttons": [_button_words(each.kind, each.text) for each in structure.buttons],
        },
    }


def default_fallback(template: MessageTemplate, values: Mapping[str, str]) -> str:
    """Return the text that an SMS in the place of a template has, unless the agent changes it."""
    return plain_text(Structure.from_json(template.structure), values)


def _require_template(route: Route, template_id: int) -> MessageTemplate:
    if route.channel != Channel.WHATSAPP:
        raise SendingRefused(_("Templates go by WhatsApp only. Choose it in From and To."))
    template = MessageTemplate.objects.filter(pk=template_id, sender=route.sender).first()
    if template is None:
        raise NotFound(_("This sender has no such template. Choose another."))
    if not MessageTemplate.objects.sendable().filter(pk=template_id).exists():
        raise SendingRefused(
            _("This template cannot be sent any more. %(why)s Choose another.")
            % {"why": why_not_sendable(template)},
            code="template-not-sendable",
        )
    if template.category == MARKETING and route.address.no_marketing_since:
        raise SendingRefused(
            _("The customer asked for no marketing messages. Choose a template of another kind."),
            code="no-marketing",
        )
    return template


def _require_file(
    agent: Agent, structure: Structure, attachment_id: int | None
) -> Attachment | None:
    limit = HEADER_FILES.get(structure.header.kind) if structure.header else None
    if limit is None or attachment_id is None:
        return None
    (file,) = claim_uploads(agent, [attachment_id])
    if file.state != Attachment.State.STORED or not limit.takes(file.content_type):
        types = ", ".join(sorted(each.partition("/")[2].upper() for each in limit.types))
        raise ValuesRefused(
            {"header.file": _("The header of this template takes %(types)s.") % {"types": types}}
        )
    if file.size > limit.largest:
        raise ValuesRefused(
            {
                "header.file": _("The file is larger than %(size)s. Attach a smaller one.")
                % {"size": filesizeformat(limit.largest)}
            }
        )
    return file


def _require_values(
    structure: Structure, values: Mapping[str, str], file: Attachment | None
) -> dict[str, str]:
    filled = {key: value for key, value in values.items() if key != "header.file"}
    if file is not None:
        filled["header.file"] = file.name or _("File")
    if found := problems(structure, filled):
        raise ValuesRefused(found)
    return filled


def _fallback(
    conversation: Conversation, route: Route, text: str, confirmed: Collection[str]
) -> dict[str, str]:
    """Return from whom and with what words an SMS goes in the template's place."""
    sender = Sender.objects.working().filter(channel=Channel.SMS).first()
    chosen = conversation.channels
    off = chosen is not None and Channel.SMS not in chosen
    if off or not SendingSettings.objects.current().sms_fallback or sender is None:
        raise SendingRefused(
            _("Sending by SMS instead is off. Send the template without it."), code="no-fallback"
        )
    if identify(route.address.value).kind is not AddressKind.NUMBER:
        raise SendingRefused(
            _("No number of the customer's is known. Send the template without the SMS."),
            code="no-number",
        )
    if left := VARIABLE.search(text):
        raise SendingRefused(
            _("The SMS still holds %(variable)s. Write what belongs there.")
            % {"variable": left[0]},
            code="fallback-variable",
        )
    if is_closed_to_sms(route.address):
        raise SendingRefused(
            _("The customer asked for no SMS. Send the template without it."), code="opted-out"
        )
    text = sendable_text(text, Channel.SMS)
    require_few_parts(text, Channel.SMS, confirmed)
    return {"sender": sender.number, "text": text}


def _header_content(kind: HeaderKind, filled: Mapping[str, str]) -> dict[str, Any] | None:
    if kind == HeaderKind.TEXT:
        value = filled.get("header.text")
        return {"type": kind, "value": value} if value else None
    if kind == HeaderKind.LOCATION:
        latitude, longitude = location_of(filled["header.location"]) or (0.0, 0.0)
        return {"type": kind, "value": {"latitude": latitude, "longitude": longitude}}
    return {"type": kind, "value": ""}


def _button_words(kind: ButtonKind, text: str) -> str:
    return text or (_("Copy code") if kind == ButtonKind.COPY_CODE else "")
