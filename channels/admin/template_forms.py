"""The console's form of a template, with Meta's rules checked before anybody waits for approval."""

import re
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.admin.template_buttons import LONGEST_ADDRESS, is_web_address
from channels.provider_account import TemplateDraft
from conversations.contracts import Channel
from conversations.models import MessageTemplate, Sender
from conversations.template_words import LANGUAGES, language_words
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

CATEGORIES = [
    ("UTILITY", gettext_lazy("Utility: about an order or a request")),
    ("MARKETING", gettext_lazy("Marketing")),
]
HEADERS = [
    ("", gettext_lazy("No header")),
    (HeaderKind.TEXT.value, gettext_lazy("Text")),
    (HeaderKind.IMAGE.value, gettext_lazy("Image (JPEG or PNG)")),
    (HeaderKind.VIDEO.value, gettext_lazy("Video (MP4)")),
    (HeaderKind.GIF.value, gettext_lazy("GIF (a short MP4)")),
    (HeaderKind.DOCUMENT.value, gettext_lazy("Document (PDF)")),
    (HeaderKind.LOCATION.value, gettext_lazy("Place")),
]


def _languages() -> list[tuple[str, str]]:
    named = sorted((language_words(code), code) for code in LANGUAGES)
    return [("", _("Choose a language")), *((code, f"{words} ({code})") for words, code in named)]


class LinesField(forms.CharField):
    """A text with new lines, which browsers write as two characters and WhatsApp counts as one."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class TemplateForm(forms.Form):
    """What is submitted; of a template that exists, sender, name and language stay."""

    sender = forms.ModelChoiceField(Sender.objects.none(), label=gettext_lazy("Sender"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=512,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy("Small letters, digits and underscores, like parcel_today."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=_languages)
    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=CATEGORIES)
    header_kind = forms.ChoiceField(label=gettext_lazy("Header"), choices=HEADERS, required=False)
    header_text = forms.CharField(
        label=gettext_lazy("Header's text"),
        required=False,
        max_length=LONGEST_HEADER,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy(
            "Of a text header, up to 60 characters. It may hold one variable, {{1}}."
        ),
    )
    header_example = forms.CharField(
        label=gettext_lazy("Header's example"),
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy(
            "What {{1}} could be; of a file, the address of one like it: https://…"
        ),
    )
    body = LinesField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        strip=True,
        widget=AdminTextareaWidget,
        help_text=gettext_lazy(
            "Variables are {{1}}, {{2}} and so on. It may not begin or end with one."
        ),
    )
    examples = forms.CharField(
        label=gettext_lazy("Examples"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "What the variables of the text could be: one a line, in their order."
        ),
    )
    footer = forms.CharField(
        label=gettext_lazy("Footer"),
        required=False,
        max_length=LONGEST_FOOTER,
        widget=AdminTextInputWidget,
    )

    def __init__(self, *args: Any, template: MessageTemplate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        senders = Sender.objects.working().filter(channel=Channel.WHATSAPP)
        sender: Any = self.fields["sender"]
        sender.queryset = senders
        sender.initial = senders.first()
        if template is not None:
            for name in ("sender", "name", "language"):
                del self.fields[name]
            if template.status == MessageTemplate.Status.APPROVED:
                self.fields["category"].disabled = True
                self.fields["category"].help_text = _("An approved template keeps its category.")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError(
                _("Only small letters, digits and underscores, like parcel_today.")
            )
        return name

    def clean_header_text(self) -> str:
        text: str = self.cleaned_data["header_text"]
        if _unknown_marks(text) or VARIABLE.findall(text) not in ([], ["1"]):
            raise forms.ValidationError(_("A header may hold one variable, {{1}}."))
        return text

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        unknown = _unknown_marks(body)
        if unknown:
            words = _("Variables are numbers: write {{1}} instead of %(unknown)s.")
            raise forms.ValidationError(words % {"unknown": unknown[0]})
        numbers = numbers_in(body)
        if numbers != list(range(1, len(numbers) + 1)):
            raise forms.ValidationError(_("Number the variables from 1, leaving none out."))
        if VARIABLE.match(body) or VARIABLE.fullmatch(body[body.rfind("{{") :]):
            raise forms.ValidationError(_("Begin and end with words, not with a variable."))
        return body

    def clean_examples(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["examples"].splitlines())
        return [line for line in lines if line]

    def clean_footer(self) -> str:
        footer: str = self.cleaned_data["footer"]
        if MARKS.search(footer):
            raise forms.ValidationError(_("A footer can hold no variables."))
        return footer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_header(cleaned)
        if "body" in cleaned and "examples" in cleaned:
            wanted = len(numbers_in(cleaned["body"]))
            if len(cleaned["examples"]) != wanted:
                text = ngettext(
                    "Write one example a line for each variable of the text: %(count)d in all.",
                    "Write one example a line for each variable of the text: %(count)d in all.",
                    wanted,
                )
                self.add_error("examples", text % {"count": wanted})
        known = MessageTemplate.objects.filter(gone_at=None, sender=cleaned.get("sender"))
        same = known.filter(name=cleaned.get("name"), language=cleaned.get("language"))
        if self.template is None and same.exists():
            self.add_error("name", _("This sender has a template of this name in this language."))
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
            self.add_error("header_text", _("Write the header, or choose none."))
        if kind != HeaderKind.TEXT and text:
            self.add_error(
                "header_text", _("Only a text header has words. Choose Text, or empty it.")
            )
        if kind == HeaderKind.TEXT and text and VARIABLE.search(text) and not example:
            self.add_error("header_example", _("Write what the header's variable could be."))
        if kind in MEDIA and not is_web_address(example or ""):
            self.add_error("header_example", _("Enter the address of a file like it: https://…"))


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
