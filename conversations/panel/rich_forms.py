"""Places, contacts, buttons and lists as agents fill them in; the domain judges what they hold."""

from math import nan
from typing import Any

from django import forms

from conversations.contracts import Agent
from conversations.models import Message
from conversations.panel.forms import LONGEST_INPUT, RouteForm, TextField
from conversations.services.outgoing import Where
from conversations.services.rich_replies import (
    Row,
    Section,
    send_contact,
    send_location,
    send_reply_buttons,
    send_reply_list,
)

MOST_TEXTS = 100  # far beyond any: where it is refused there are better words


class Texts(forms.MultipleChoiceField):
    """Several texts under one name, exactly as they were typed."""

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_TEXTS or any(len(each) > LONGEST_INPUT for each in value):
            raise forms.ValidationError("These are no texts.")


class RichForm(RouteForm):
    """What all of them have. `filled` is by name which of several fields are not empty."""

    client_id = forms.UUIDField()
    quoted = forms.IntegerField(required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.filled: dict[str, list[int]] = {}

    def send(self, agent: Agent) -> Message:
        """Send it. Raises what the domain does."""
        raise NotImplementedError

    def field_of(self, at: str) -> str:
        """Return the id of the field that a refusal is about: empty ones were left out."""
        name, _dot, number = at.partition(".")
        if not number:
            return name
        filled = self.filled.get(name, [])
        return f"{name}-{filled[int(number)] if int(number) < len(filled) else number}"

    @property
    def where(self) -> Where:
        given = self.cleaned_data
        return {
            "client_id": given["client_id"],
            "sender_id": given["sender"],
            "address_id": given["address"],
            "quoted_id": given["quoted"],
        }

    def one(self, name: str) -> str:
        return self.cleaned_data[name] or ""

    def several(self, name: str) -> list[str]:
        """Return those of several fields that are not empty."""
        texts = self.cleaned_data[name]
        self.filled[name] = [number for number, text in enumerate(texts) if text.strip()]
        return [texts[number] for number in self.filled[name]]


class LocationForm(RichForm):
    latitude = TextField(required=False)
    longitude = TextField(required=False)
    name = TextField(required=False)
    street = TextField(required=False)  # `address` is To

    def send(self, agent: Agent) -> Message:
        return send_location(
            agent,
            latitude=_degrees(self.one("latitude")),
            longitude=_degrees(self.one("longitude")),
            name=self.one("name"),
            address=self.one("street"),
            **self.where,
        )


class ContactForm(RichForm):
    name = TextField(required=False)
    phones = Texts(required=False)
    emails = Texts(required=False)
    organisation = TextField(required=False)

    def send(self, agent: Agent) -> Message:
        return send_contact(
            agent,
            name=self.one("name"),
            phones=self.several("phones"),
            emails=self.several("emails"),
            organisation=self.one("organisation"),
            **self.where,
        )


class ButtonsForm(RichForm):
    text = TextField(required=False)
    buttons = Texts(required=False)
    footer = TextField(required=False)

    def send(self, agent: Agent) -> Message:
        return send_reply_buttons(
            agent,
            text=self.one("text"),
            buttons=self.several("buttons"),
            footer=self.one("footer"),
            **self.where,
        )


class ListForm(RichForm):
    """`sections` holds for each row the title of the section that it begins."""

    text = TextField(required=False)
    button = TextField(required=False)
    rows = Texts(required=False)
    descriptions = Texts(required=False)
    grouped = forms.BooleanField(required=False)
    sections = Texts(required=False)
    footer = TextField(required=False)

    def send(self, agent: Agent) -> Message:
        return send_reply_list(
            agent,
            text=self.one("text"),
            button=self.one("button"),
            sections=self._sections(),
            footer=self.one("footer"),
            **self.where,
        )

    def _sections(self) -> list[Section]:
        given = self.cleaned_data
        names = ("rows", "descriptions", *(["sections"] if given["grouped"] else []))
        most = max(len(given[name]) for name in names)
        cells = {name: given[name] + [""] * (most - len(given[name])) for name in names}
        filled = [n for n in range(most) if any(cells[name][n].strip() for name in names)]
        self.filled = {"rows": filled, "descriptions": filled, "sections": []}
        sections: list[tuple[str, list[Row]]] = []
        for number in filled:
            title = cells["sections"][number] if given["grouped"] else ""
            if title.strip() or not sections:
                sections.append((title, []))
                self.filled["sections"].append(number)
            sections[-1][1].append(Row(cells["rows"][number], cells["descriptions"][number]))
        return [Section(rows, title) for title, rows in sections] or [Section([])]


def _degrees(typed: str) -> float:
    """Return what is no number as NaN, which is nowhere on earth."""
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return nan
