"""Forms of the provider account's pages."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import ProviderAccount
from conversations.admin.people import called
from conversations.contracts import Channel
from conversations.models import Sender
from conversations.moments import written
from conversations.phone_numbers import NumberRefused, parse_typed
from conversations.services.consent import has_opted_out
from tenants.context import current_site

# Of a shorter key the end would be too much of it.
SHORTEST_KEY_WITH_SHOWN_END = 12
HEADER = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


class ProviderAccountForm(forms.ModelForm[ProviderAccount]):
    new_api_key = forms.CharField(
        label=gettext_lazy("API key"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}),
    )
    remove_key = forms.BooleanField(label=gettext_lazy("Remove the saved key"), required=False)
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
        labels: ClassVar = {
            "base_url": gettext_lazy("Base URL"),
            "signature_header": gettext_lazy("Header of the signature"),
            "pulls_inbox": gettext_lazy("Fetch missed messages"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_api_key" in self.fields:  # not on a page that may only be looked at
            self.fields["new_api_key"].help_text = saved_key(self.instance)

    def clean_new_api_key(self) -> str:
        key: str = self.cleaned_data["new_api_key"]
        if not key.isascii() or not key.isprintable() or " " in key:
            words = _("A key has letters, digits and signs only. Copy it again.")
            raise forms.ValidationError(words)
        return key

    def clean_signature_header(self) -> str:
        header: str = self.cleaned_data["signature_header"] or self.instance.signature_header
        if not HEADER.fullmatch(header):
            words = _("This is not the name of a header like X-Hub-Signature.")
            raise forms.ValidationError(words)
        return header

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_api_key") and cleaned.get("remove_key"):
            words = _("Enter a new key or remove the saved one, not both.")
            self.add_error("remove_key", words)
        return cleaned


class TestMessageForm(forms.Form):
    """Which sender is tried, and whose phone gets the message."""

    sender = forms.ModelChoiceField(
        Sender.objects.working(),
        label=gettext_lazy("From"),
        help_text=gettext_lazy(
            "To try WhatsApp, first write something to its number from your phone: without that,"
            " WhatsApp takes no such text."
        ),
    )
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
        return _("No key is saved yet. Make one in Infobip's portal, under API keys.")
    shows_end = len(account.api_key) >= SHORTEST_KEY_WITH_SHOWN_END
    said = {"end": account.api_key[-4:] if shows_end else ""}
    if account.key_set_at is None:
        if not shows_end:
            return _("A key is saved. Leave this empty to keep it.")
        return _("Saved key ends in %(end)s. Leave this empty to keep it.") % said
    said |= {"time": written(account.key_set_at), "who": called(account.key_set_by)}
    if not shows_end:
        return _("A key is saved, set %(time)s by %(who)s. Leave this empty to keep it.") % said
    return _("Saved key ends in %(end)s, set %(time)s by %(who)s. Leave this empty to keep it.") % (
        said
    )
