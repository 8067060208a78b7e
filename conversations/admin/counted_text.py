"""A text of the site's own in a form: below it stands what it takes, with example values."""

import json
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.capabilities import CAPABILITIES
from conversations.services.texts import longest_text

# Without letters that would make an SMS of it dearer by themselves.
EXAMPLES = {
    "customer.name": "Mary Baker",
    "request.key": "SUP-1024",
    "agent.name": "Anna Smith",
}


class CountedText(forms.Textarea):
    """Counted as the channel counts that the field `channel` beside it holds; empty: as SMS."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 6, "dir": "auto", **(attrs or {})})

    class Media:
        js: ClassVar = [forms.Script("console/counter.js", type="module")]

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        limits = {channel.value: longest_text(channel) for channel in CAPABILITIES}
        told = {
            "data-longest": json.dumps(limits | {"": min(limits.values())}),
            "data-examples": json.dumps(EXAMPLES),
            "aria-describedby": f"count-{name}",
        }
        field = super().render(name, value, {**(attrs or {}), **told}, renderer)
        return render_to_string("admin/counter.html", {"name": name, "field": field})
