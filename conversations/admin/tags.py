"""Tags in a form: words that agents look for, separated by commas."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST_TAG = 40
MOST_TAGS = 20


class TagsField(forms.CharField):
    widget = forms.TextInput(attrs={"size": 60})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        typed = [" ".join(tag.split()) for tag in str(value or "").split(",")]
        return list({tag.casefold(): tag for tag in typed if tag}.values())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(len(tag) > LONGEST_TAG for tag in value):
            raise forms.ValidationError(
                _("A tag has up to %(most)d characters.") % {"most": LONGEST_TAG}
            )
        if len(value) > MOST_TAGS:
            raise forms.ValidationError(
                ngettext(
                    "There is up to %(most)d tag.", "There are up to %(most)d tags.", MOST_TAGS
                )
                % {"most": MOST_TAGS}
            )

    def run_validators(self, value: Any) -> None:
        for tag in value:
            super().run_validators(tag)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))
