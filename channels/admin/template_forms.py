"""The console's form of a template, with Meta's rules checked before anybody waits for approval."""

import re
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget

from channels.admin.template_buttons import LONGEST_ADDRESS, is_web_address
from channels.provider_account import TemplateDraft
from conversations.contracts import Channel
from conversations.models import MessageTemplate, Sender
from conversations.template_words import LANGUAGES
from conversations.templates import (
    LONGEST_BODY,
    LONGEST_HEADER,
    VARIABLE,
    Button,
    Header,
    HeaderKind,
    Structure,
    numbers_in,
)

LONGEST_FOOTER = 60
NAME = re.compile(r"[a-z0-9_]{1,512}")
MARKS = re.compile(r"\{\{(.*?)\}\}")
MEDIA = {HeaderKind.IMAGE, HeaderKind.VIDEO, HeaderKind.GIF, HeaderKind.DOCUMENT}

CATEGORIES = [("UTILITY", "Utility: about an order or a request"), ("MARKETING", "Marketing")]
HEADERS = [
    ("", "None"),
    (HeaderKind.TEXT.value, "Text"),
    (HeaderKind.IMAGE.value, "Image (JPEG or PNG)"),
    (HeaderKind.VIDEO.value, "Video (MP4)"),
    (HeaderKind.GIF.value, "GIF (a short MP4)"),
    (HeaderKind.DOCUMENT.value, "Document (PDF)"),
    (HeaderKind.LOCATION.value, "Place"),
]


class LinesField(forms.CharField):
    """A text with new lines, which browsers write as two characters and WhatsApp counts as one."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class TemplateForm(forms.Form):
    """What is submitted; of a template that exists, sender, name and language stay."""

    sender = forms.ModelChoiceField(Sender.objects.none())
    name = forms.CharField(
        max_length=512,
        widget=AdminTextInputWidget,
        help_text="Small letters, digits and underscores, like parcel_today.",
    )
    language = forms.ChoiceField(
        choices=[("", "Choose a language")]
        + [(code, f"{words} ({code})") for code, words in LANGUAGES.items()]
    )
    category = forms.ChoiceField(choices=CATEGORIES)
    header_kind = forms.ChoiceField(label="Header", choices=HEADERS, required=False)
    header_text = forms.CharField(
        required=False,
        max_length=LONGEST_HEADER,
        widget=AdminTextInputWidget,
        help_text="Of a text header, up to 60 characters. It may hold one variable, {{1}}.",
    )
    header_example = forms.CharField(
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget,
        help_text="What {{1}} could be; of a file, the address of one like it: https://…",
    )
    body = LinesField(
        max_length=LONGEST_BODY,
        strip=True,
        widget=AdminTextareaWidget,
        help_text="Variables are {{1}}, {{2}} and so on. It may not begin or end with one.",
    )
    examples = forms.CharField(
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="What the variables of the text could be: one a line, in their order.",
    )
    footer = forms.CharField(required=False, max_length=LONGEST_FOOTER, widget=AdminTextInputWidget)

    def __init__(self, *args: Any, template: MessageTemplate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        senders = Sender.objects.working().filter(channel=Channel.WHATSAPP)
        sender: Any = self.fields["sender"]
        sender.queryset = senders
        if template is not None:
            for name in ("sender", "name", "language"):
                del self.fields[name]
            if template.status == MessageTemplate.Status.APPROVED:
                self.fields["category"].disabled = True
                self.fields["category"].help_text = "An approved template keeps its category."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError(
                "Only small letters, digits and underscores, like parcel_today."
            )
        return name

    def clean_header_text(self) -> str:
        text: str = self.cleaned_data["header_text"]
        if _unknown_marks(text) or VARIABLE.findall(text) not in ([], ["1"]):
            raise forms.ValidationError("A header may hold one variable, {{1}}.")
        return text

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        unknown = _unknown_marks(body)
        if unknown:
            raise forms.ValidationError(
                f"Variables are numbers: write {{{{1}}}} instead of {unknown[0]}."
            )
        numbers = numbers_in(body)
        if numbers != list(range(1, len(numbers) + 1)):
            raise forms.ValidationError("Number the variables from 1, leaving none out.")
        if VARIABLE.match(body) or VARIABLE.fullmatch(body[body.rfind("{{") :]):
            raise forms.ValidationError("Begin and end with words, not with a variable.")
        return body

    def clean_examples(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["examples"].splitlines())
        return [line for line in lines if line]

    def clean_footer(self) -> str:
        footer: str = self.cleaned_data["footer"]
        if MARKS.search(footer):
            raise forms.ValidationError("A footer can hold no variables.")
        return footer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_header(cleaned)
        if "body" in cleaned and "examples" in cleaned:
            wanted = len(numbers_in(cleaned["body"]))
            if len(cleaned["examples"]) != wanted:
                text = f"Write one example a line for each variable of the text: {wanted} in all."
                self.add_error("examples", text)
        known = MessageTemplate.objects.filter(gone_at=None, sender=cleaned.get("sender"))
        same = known.filter(name=cleaned.get("name"), language=cleaned.get("language"))
        if self.template is None and same.exists():
            self.add_error("name", "This sender has a template of this name in this language.")
        return cleaned

    def draft(self, buttons: list[Button]) -> TemplateDraft:
        """Return what was filled in, once it is valid."""
        given = self.cleaned_data
        kind = given["header_kind"]
        structure = Structure(
            body=given["body"],
            examples=tuple(given["examples"]),
            header=_header(HeaderKind(kind), given) if kind else None,
            footer=given["footer"],
            buttons=tuple(buttons),
        )
        kept = self.template
        return TemplateDraft(
            name=kept.name if kept else given["name"],
            language=kept.language if kept else given["language"],
            category=given["category"],
            structure=structure,
        )

    def _check_header(self, cleaned: dict[str, Any]) -> None:
        kind, text = cleaned.get("header_kind"), cleaned.get("header_text")
        example = cleaned.get("header_example")
        if kind == HeaderKind.TEXT and text == "":
            self.add_error("header_text", "Write the header, or choose none.")
        if kind != HeaderKind.TEXT and text:
            self.add_error("header_text", "Only a text header has words. Choose Text, or empty it.")
        if kind == HeaderKind.TEXT and text and VARIABLE.search(text) and not example:
            self.add_error("header_example", "Write what the header's variable could be.")
        if kind in MEDIA and not is_web_address(example or ""):
            self.add_error("header_example", "Enter the address of a file like it: https://…")


def initial_of(template: MessageTemplate) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what the form and its buttons show of a template that exists."""
    structure = Structure.from_json(template.structure)
    header = structure.header
    form = {
        "category": template.category,
        "header_kind": header.kind.value if header else "",
        "header_text": header.text if header else "",
        "header_example": header.example if header else "",
        "body": structure.body,
        "examples": "\n".join(structure.examples),
        "footer": structure.footer,
    }
    buttons = [
        {
            "kind": button.kind.value,
            "text": button.text,
            "target": button.url or button.phone,
            "example": button.example,
        }
        for button in structure.buttons
    ]
    return form, buttons


def _header(kind: HeaderKind, given: dict[str, Any]) -> Header:
    with_example = kind in MEDIA or bool(VARIABLE.search(given["header_text"]))
    return Header(kind, given["header_text"], given["header_example"] if with_example else "")


def _unknown_marks(text: str) -> list[str]:
    return [found[0] for found in MARKS.finditer(text) if not VARIABLE.fullmatch(found[0])]
