"""The console's page of the provider account: its key is written here and never shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from channels.models import ProviderAccount
from channels.webhook_address import OVERLAP, current_webhook_url, replace_webhook_url
from conversations import outbox
from conversations.admin import trail
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console

# Of a shorter key the end would be too much of it.
SHORTEST_KEY_WITH_SHOWN_END = 12


class ProviderAccountForm(forms.ModelForm[ProviderAccount]):
    new_api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}),
    )
    remove_key = forms.BooleanField(label="Remove the saved key", required=False)

    class Meta:
        model = ProviderAccount
        fields = ["base_url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_api_key" in self.fields:  # not on a page that may only be looked at
            self.fields["new_api_key"].help_text = saved_key(self.instance)

    def clean_new_api_key(self) -> str:
        key: str = self.cleaned_data["new_api_key"]
        if not key.isascii() or not key.isprintable() or " " in key:
            raise forms.ValidationError("A key has letters, digits and signs only. Copy it again.")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_api_key") and cleaned.get("remove_key"):
            self.add_error("remove_key", "Enter a new key or remove the saved one, not both.")
        return cleaned


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


@admin.register(ProviderAccount, site=console)
class ProviderAccountAdmin(SingletonAdmin[ProviderAccount]):
    form = ProviderAccountForm
    readonly_fields = ["webhook_url"]
    harmless_fields = ["base_url"]
    change_form_template = "admin/channels/provideraccount/change_form.html"

    class Media:
        js = ["console/copy.js"]

    def get_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> list[Any]:
        """Whoever may only look sees no field for the key, and no address that holds a secret."""
        may_change = request.user.has_perm("channels.change_provideraccount")
        secrets = ["new_api_key", "remove_key", "webhook_url"] if may_change else []
        return ["base_url", *secrets]

    @admin.display(description="Webhook URL")
    def webhook_url(self, account: ProviderAccount) -> SafeString:
        return format_html(
            '<input class="console-address" id="webhook-url" value="{}" readonly'
            ' aria-label="Webhook URL">'
            ' <button type="button" class="button" data-copies="webhook-url" hidden>Copy</button>'
            ' <button type="submit" class="button" form="new-webhook-address">'
            "New webhook address</button>"
            '<p class="console-note">Enter it in Infobip for every message, report and event.'
            " It holds a secret: show it to nobody else.</p>",
            current_webhook_url(),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_webhook_address)
        return [
            path("new-webhook-address/", view, name="new_webhook_address"),
            *super().get_urls(),
        ]

    def new_webhook_address(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("channels.change_provideraccount"):
            raise PermissionDenied
        trail.record(
            request, "settings.changed", change="changed", fields={"webhook_url": "changed"}
        )
        replace_webhook_url()
        self.message_user(
            request,
            f"Enter the new webhook address in Infobip within {OVERLAP.days} days:"
            " until then the old one works too.",
        )
        return HttpResponseRedirect(reverse("admin:channels_provideraccount_changelist"))

    def save_model(
        self, request: HttpRequest, obj: ProviderAccount, form: Any, change: Any
    ) -> None:
        key = form.cleaned_data.get("new_api_key", "")
        if key or form.cleaned_data.get("remove_key"):
            obj.api_key = key
            obj.key_set_at = timezone.now() if key else None
            obj.key_set_by = request.user.get_username() if key else ""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        outbox.hasten("message.deliver")
