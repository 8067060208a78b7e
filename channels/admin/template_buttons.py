"""The buttons of a template in the console's form, and the rules for them."""

import re
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.validators import URLValidator

from conversations.templates import LONGEST_CODE, Button, ButtonKind

LONGEST_BUTTON = 25
LONGEST_ADDRESS = 2000
MOST_BUTTONS = 10
MOST_OF_A_KIND = {ButtonKind.PHONE: 1, ButtonKind.URL: 2, ButtonKind.COPY_CODE: 1}
PHONE = re.compile(r"\+?[0-9]{3,20}")
BUTTONS = [
    ("", "None"),
    (ButtonKind.QUICK_REPLY.value, "Quick reply"),
    (ButtonKind.URL.value, "Opens a link"),
    (ButtonKind.PHONE.value, "Calls"),
    (ButtonKind.COPY_CODE.value, "Copies a code"),
]
require_web_address = URLValidator(schemes=["http", "https"])


class ButtonForm(forms.Form):
    kind = forms.ChoiceField(
        choices=BUTTONS, required=False, widget=forms.Select(attrs={"aria-label": "Kind"})
    )
    text = forms.CharField(
        required=False,
        max_length=LONGEST_BUTTON,
        widget=AdminTextInputWidget(attrs={"aria-label": "Words"}),
    )
    target = forms.CharField(
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget(attrs={"aria-label": "Link or phone number"}),
    )
    example = forms.CharField(
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=AdminTextInputWidget(attrs={"aria-label": "Example"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if not kind:
            if any(cleaned.get(name) for name in ("text", "target", "example")):
                self.add_error("kind", "Choose what the button does.")
            return cleaned
        if kind != ButtonKind.COPY_CODE and cleaned.get("text") == "":
            self.add_error("text", "Write what stands on the button.")
        if kind == ButtonKind.URL:
            self._check_link(cleaned.get("target") or "", cleaned.get("example") or "")
        if kind == ButtonKind.PHONE and not PHONE.fullmatch(cleaned.get("target") or ""):
            self.add_error("target", "Enter a number with its country code: +385951006719.")
        if kind == ButtonKind.COPY_CODE and not 0 < len(cleaned.get("example") or "") <= (
            LONGEST_CODE
        ):
            self.add_error("example", f"Write a code like it, of 1 to {LONGEST_CODE} characters.")
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
            self.add_error("target", "Enter an address like https://acme.example/orders/{{1}}.")
        elif mark and f"{mark}{after}" != "{{1}}":
            self.add_error("target", "A link may hold one variable, {{1}}, at its end.")
        elif mark and not example:
            self.add_error("example", "Write the whole link with an example filled in.")


class BaseButtons(forms.BaseFormSet[ButtonForm]):
    def clean(self) -> None:
        if any(self.errors):
            return
        kinds = [button.kind for button in self.buttons()]
        for kind, most in MOST_OF_A_KIND.items():
            if kinds.count(kind) > most:
                raise forms.ValidationError(f"At most {most} of “{dict(BUTTONS)[kind.value]}”.")
        replies = [kind == ButtonKind.QUICK_REPLY for kind in kinds]
        if sum(one != other for one, other in pairwise(replies)) > 1:
            raise forms.ValidationError("Keep the quick replies together, first or last.")

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
