"""The console's page of the provider account: its key is written here and never shown."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels.admin.account_forms import ProviderAccountForm
from channels.admin.way_test import WayTestPages
from channels.admin.webhook import WebhookPages
from channels.models import ProviderAccount
from channels.senders import TOPIC, WORKS, provider, test_account
from channels.templates import ask_for_sync
from channels.webhook_address import current_webhook_url
from conversations import outbox
from conversations.admin import trail
from conversations.admin.site import console
from conversations.models import Sender

LEVELS = {WORKS: messages.SUCCESS}


@admin.register(ProviderAccount, site=console)
class ProviderAccountAdmin(WebhookPages, WayTestPages):
    place = 10
    form = ProviderAccountForm
    readonly_fields = ["webhook_url"]
    harmless_fields = ["base_url", "signature_header", "pulls_inbox"]
    change_form_template = "admin/channels/provideraccount/change_form.html"

    class Media:
        js = ["console/copy.js"]

    def get_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> list[Any]:
        """Whoever may only look sees no field for the key, and no address that holds a secret."""
        may_change = request.user.has_perm("channels.change_provideraccount")
        secrets = ["new_api_key", "remove_key", "webhook_url"] if may_change else []
        return ["base_url", *secrets, "signature_header", "pulls_inbox"]

    @admin.display(description="Webhook URL")
    def webhook_url(self, account: ProviderAccount) -> SafeString:
        return format_html(
            '<input class="console-address" id="webhook-url" value="{}" readonly'
            ' aria-label="Webhook URL">'
            ' <button type="button" class="button" data-copies="webhook-url" hidden>Copy</button>'
            ' <button type="submit" class="button" form="new-webhook-address">'
            "New webhook address</button>"
            '<p class="console-note">The button below enters it in Infobip for you. By hand: enter'
            " it for every message, report and event."
            " It holds a secret: show it to nobody else.</p>",
            current_webhook_url(),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.add_senders))
        return [path("add-senders/", view, name="add_senders"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, unquote(object_id)) if object_id else None
        if account is not None and self.has_change_permission(request, account):
            extra_context = {**(extra_context or {}), **self._context(account)}
        response = super().changeform_view(request, object_id, form_url, extra_context)
        # Not within Django's transaction, which ends here: the provider is asked outside of any.
        if "_test" in request.POST and isinstance(response, HttpResponseRedirect):
            self._test(request)
        return response

    def add_senders(self, request: HttpRequest) -> HttpResponse:
        """Add senders that the last test has found, and no others."""
        account = self.connected(request)
        if not request.user.has_perm("conversations.add_sender"):
            raise PermissionDenied
        chosen = request.POST.getlist("sender")
        added = 0
        for found in account.test_result.get("senders", []) if account else []:
            if f"{found['channel']}:{found['number']}" not in chosen:
                continue
            sender, created = Sender.objects.get_or_create(
                channel=found["channel"], number=found["number"]
            )
            if created:
                added += 1
                fields = {"channel": sender.channel, "number": sender.number}
                trail.record(
                    request, "settings.changed", subject=sender, change="added", fields=fields
                )
        if added:
            outbox.promise_once(TOPIC)
            ask_for_sync()
            text = _("%(count)s added. Subscribe the webhook, so that their messages arrive.")
            self.message_user(request, text % {"count": added})
        elif account:
            self.message_user(request, _("Choose senders that are not added yet."), messages.ERROR)
        return self.back()

    def save_model(
        self, request: HttpRequest, obj: ProviderAccount, form: Any, change: Any
    ) -> None:
        key = form.cleaned_data.get("new_api_key", "")
        if key or form.cleaned_data.get("remove_key"):
            obj.api_key = key
            obj.key_set_at = timezone.now() if key else None
            obj.key_set_by = request.user.get_username() if key else ""
        if key or form.cleaned_data.get("remove_key") or "base_url" in form.changed_data:
            obj.test_result, obj.tested_at = {}, None  # of another account, perhaps
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        outbox.hasten("message.deliver")
        outbox.hasten("file.fetch")

    def _test(self, request: HttpRequest) -> None:
        account = self.connected(request)
        if account is None:
            return
        result = test_account(account)
        trail.record(request, "provider.tested", subject=account, result=result["outcome"])
        level = LEVELS.get(result["outcome"], messages.ERROR)
        self.message_user(request, result["text"], level)

    def _context(self, account: ProviderAccount) -> dict[str, Any]:
        ours = set(Sender.objects.values_list("channel", "number"))
        return {
            "account": account,
            "result": account.test_result,
            "rights": _rights(account.test_result),
            "found": [
                {**each, "known": (each["channel"], each["number"]) in ours}
                for each in account.test_result.get("senders", [])
            ],
            **self.webhook_context(account),
        }


def _rights(result: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Return each right that the key needs, what for, and whether it has it."""
    words = {scope: _("missing") for scope in result.get("lacking", [])}
    words |= {scope: _("cannot be tried without doing it") for scope in result.get("untried", [])}
    rest = _("there") if result.get("outcome") == WORKS else _("not tested")
    return [(right.scope, right.purpose, words.get(right.scope, rest)) for right in provider.RIGHTS]
