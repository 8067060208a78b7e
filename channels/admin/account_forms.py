"""Forms of the provider account's pages."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import ProviderAccount
from conversations.contracts import Channel
from conversations.models import Sender
from conversations.phone_numbers import NumberRefused, parse_typed
from conversations.services.consent import has_opted_out
from tenants.context import current_site

# Of a shorter key the end would be too much of it.
SHORTEST_KEY_WITH_SHOWN_END = 12
HEADER = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


class ProviderAccountForm(forms.ModelForm[ProviderAccount]):
    new_api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}),
    )
    remove_key = forms.BooleanField(label="Remove the saved key", required=False)
    signature_header = forms.CharField(
        label=gettext_lazy("Header of the signature"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "In which Infobip signs what it posts; it depends on your account. Leave it as it is"
            " unless your Infobip account manager names another."
        ),
    )

    class Meta:
        model = ProviderAccount
        fields = ["base_url", "signature_header", "pulls_inbox"]
        labels = {"pulls_inbox": "Fetch missed messages"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_api_key" in self.fields:  # not on a page that may only be looked at
            self.fields["new_api_key"].help_text = saved_key(self.instance)

    def clean_new_api_key(self) -> str:
        key: str = self.cleaned_data["new_api_key"]
        if not key.isascii() or not key.isprintable() or " " in key:
            raise forms.ValidationError("A key has letters, digits and signs only. Copy it again.")
        return key

    def clean_signature_header(self) -> str:
        header: str = self.cleaned_data["signature_header"] or self.instance.signature_header
        if not HEADER.fullmatch(header):
            raise forms.ValidationError("This is not the name of a header like X-Hub-Signature.")
        return header

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_api_key") and cleaned.get("remove_key"):
            self.add_error("remove_key", "Enter a new key or remove the saved one, not both.")
        return cleaned


class TestMessageForm(forms.Form):
    """Which sender is tried, and whose phone gets the message."""

    sender = forms.ModelChoiceField(Sender.objects.working(), label=gettext_lazy("From"))
    number = forms.CharField(
        label=gettext_lazy("My number"),
        max_length=40,
        help_text=gettext_lazy("With country code. It gets one message, which your account pays."),
    )

    def clean(self) -> dict[str, Any]:
        if not current_site().licence_active:
            raise forms.ValidationError(_("The licence is not active: nothing is sent."))
        cleaned = super().clean() or self.cleaned_data
        sender, number = cleaned.get("sender"), cleaned.get("number")
        if sender and number and has_opted_out(number, Channel(sender.channel)):
            words = _("This phone said STOP. Send START from it first, or try another.")
            self.add_error("number", words)
        return cleaned

    def clean_number(self) -> str:
        try:
            return parse_typed(self.cleaned_data["number"]).address
        except NumberRefused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal


def saved_key(account: ProviderAccount) -> str:
    """Say which key is saved, without saying it."""
    if not account.api_key:
        return "No key is saved."
    if len(account.api_key) >= SHORTEST_KEY_WITH_SHOWN_END:
        saved = f"Saved key ends in {account.api_key[-4:]}"
    else:
        saved = "A key is saved"
    if account.key_set_at:
        saved += f", set on {account.key_set_at:%Y-%m-%d %H:%M} UTC"
        saved += f" by {account.key_set_by}" if account.key_set_by else ""
    return f"{saved}. Leave this empty to keep it."
