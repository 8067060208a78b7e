"""The buttons of a template in the console's form, and the rules for them."""

import re
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.templates import LONGEST_CODE, Button, ButtonKind

LONGEST_BUTTON = 25
LONGEST_ADDRESS = 2000
MOST_BUTTONS = 10
MOST_OF_A_KIND = {ButtonKind.PHONE: 1, ButtonKind.URL: 2, ButtonKind.COPY_CODE: 1}
PHONE = re.compile(r"\+?[0-9]{3,20}")
BUTTONS = [
    ("", gettext_lazy("None")),
    (ButtonKind.QUICK_REPLY.value, gettext_lazy("Quick reply")),
    (ButtonKind.URL.value, gettext_lazy("Opens a link")),
    (ButtonKind.PHONE.value, gettext_lazy("Calls")),
    (ButtonKind.COPY_CODE.value, gettext_lazy("Copies a code")),
]
require_web_address = URLValidator(schemes=["http", "https"])


class ButtonForm(forms.Form):
    kind = forms.ChoiceField(
        choices=BUTTONS,
        required=False,
        widget=forms.Select(attrs={"aria-label": gettext_lazy("Kind")}),
    )
    text = forms.CharField(
        required=False,
        max_length=LONGEST_BUTTON,
        widget=AdminTextInputWidget(attrs={"aria-label": gettext_lazy("Words")}),
    )
    target = forms.CharField(
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget(attrs={"aria-label": gettext_lazy("Link or phone number")}),
    )
    example = forms.CharField(
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget(attrs={"aria-label": gettext_lazy("Example")}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if not kind:
            if any(cleaned.get(name) for name in ("text", "target", "example")):
                self.add_error("kind", _("Choose what the button does."))
            return cleaned
        if kind != ButtonKind.COPY_CODE and cleaned.get("text") == "":
            self.add_error("text", _("Write what stands on the button."))
        if kind == ButtonKind.URL:
            self._check_link(cleaned.get("target") or "", cleaned.get("example") or "")
        if kind == ButtonKind.PHONE and not PHONE.fullmatch(cleaned.get("target") or ""):
            self.add_error("target", _("Enter a number with its country code: +385951006719."))
        if kind == ButtonKind.COPY_CODE and not 0 < len(cleaned.get("example") or "") <= (
            LONGEST_CODE
        ):
            words = ngettext(
                "Write a code like it, of up to %(most)d character.",
                "Write a code like it, of up to %(most)d characters.",
                LONGEST_CODE,
            )
            self.add_error("example", words % {"most": LONGEST_CODE})
        return cleaned

    def button(self) -> Button:
        given = self.cleaned_data
        kind = ButtonKind(given["kind"])
        return Button(
            kind,
            text="" if kind == ButtonKind.COPY_CODE else given["text"],
            url=given["target"] if kind == ButtonKind.URL else "",
            phone=given["target"] if kind == ButtonKind.PHONE else "",
            example=given["example"] if kind in {ButtonKind.URL, ButtonKind.COPY_CODE} else "",
        )

    def _check_link(self, address: str, example: str) -> None:
        before, mark, after = address.partition("{{")
        if not is_web_address(before if mark else address):
            self.add_error("target", _("Enter an address like https://acme.example/orders/{{1}}."))
        elif mark and f"{mark}{after}" != "{{1}}":
            self.add_error("target", _("A link may hold one variable, {{1}}, at its end."))
        elif mark and not example:
            self.add_error("example", _("Write the whole link with an example filled in."))


class BaseButtons(forms.BaseFormSet[ButtonForm]):
    def clean(self) -> None:
        if any(self.errors):
            return
        kinds = [button.kind for button in self.buttons()]
        for kind, most in MOST_OF_A_KIND.items():
            if kinds.count(kind) > most:
                words = _("At most %(most)d of “%(kind)s”.")
                said = {"most": most, "kind": dict(BUTTONS)[kind.value]}
                raise forms.ValidationError(words % said)
        replies = [kind == ButtonKind.QUICK_REPLY for kind in kinds]
        if sum(one != other for one, other in pairwise(replies)) > 1:
            raise forms.ValidationError(_("Keep the quick replies together, first or last."))

    def buttons(self) -> list[Button]:
        return [form.button() for form in self.forms if form.cleaned_data.get("kind")]


ButtonFormSet = forms.formset_factory(
    ButtonForm, formset=BaseButtons, extra=MOST_BUTTONS, max_num=MOST_BUTTONS, validate_max=True
)


def is_web_address(value: str) -> bool:
    try:
        require_web_address(value)
    except forms.ValidationError:
        return False
    return True
