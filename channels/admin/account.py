"""The console's page of the provider account: its key is written here and never shown."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from channels.admin.account_forms import ProviderAccountForm
from channels.admin.test_history import test_history
from channels.admin.way_test import WayTestPages
from channels.admin.webhook import WebhookPages
from channels.models import ProviderAccount
from channels.senders import TOPIC, WORKS, provider, test_account, told
from channels.templates import ask_for_sync
from channels.webhook_address import current_webhook_url
from conversations import outbox
from conversations.admin import trail
from conversations.admin.senders import quality_words
from conversations.admin.site import console
from conversations.contracts import Channel
from conversations.models import Sender

LEVELS = {WORKS: messages.SUCCESS}
RIGHTS = ", ".join(right.scope for right in provider.RIGHTS)
TOLD = ("count", "code", "reason")  # of a test's result, what it takes to say it in words


@admin.register(ProviderAccount, site=console)
class ProviderAccountAdmin(WebhookPages, WayTestPages):
    place = 10
    form = ProviderAccountForm
    readonly_fields = ["webhook_url"]
    harmless_fields = ["base_url", "signature_header", "pulls_inbox"]
    change_form_template = "admin/channels/provideraccount/change_form.html"

    class Media:
        js = ["console/copy.js"]

    def get_fieldsets(self, request: HttpRequest, obj: ProviderAccount | None = None) -> Any:
        """What the webhook needs is asked once there is an account."""
        remove = ["remove_key"] if obj is not None and obj.api_key else []
        account = (None, {"fields": ["base_url", "new_api_key", *remove]})
        if obj is None:
            return [account]
        return [
            account,
            (gettext_lazy("Webhook"), {"fields": ["webhook_url", "signature_header"]}),
            (gettext_lazy("Missed messages"), {"fields": ["pulls_inbox"]}),
        ]

    @admin.display(description=gettext_lazy("Webhook URL"))
    def webhook_url(self, account: ProviderAccount) -> SafeString:
        context = {"url": current_webhook_url()}
        return render_to_string("admin/channels/provideraccount/webhook_url.html", context)

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
        extra_context = {**(extra_context or {}), "rights_needed": RIGHTS}
        if account is not None and self.has_change_permission(request, account):
            extra_context |= self._context(account)
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
            text = ngettext(
                "%(count)s sender added. Subscribe the webhook, so that its messages arrive.",
                "%(count)s senders added. Subscribe the webhook, so that their messages arrive.",
                added,
            )
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
        outcome = result["outcome"]
        facts = {name: result[name] for name in TOLD if name in result}
        trail.record(request, "provider.tested", subject=account, result=outcome, **facts)
        self.message_user(request, told(result), LEVELS.get(outcome, messages.ERROR))
        if not Sender.objects.exists() and result.get("senders"):
            text = _("Choose below, under “Senders of this account”, which of them to use.")
            self.message_user(request, text)

    def _context(self, account: ProviderAccount) -> dict[str, Any]:
        ours = set(Sender.objects.values_list("channel", "number"))
        return {
            "account": account,
            "tests": test_history(account),
            "may_add": any(
                (each["channel"], each["number"]) not in ours
                for each in account.test_result.get("senders", [])
            ),
            "rights": _rights(account.test_result),
            "found": [
                {
                    **each,
                    "words": _sender_words(each),
                    "known": (each["channel"], each["number"]) in ours,
                }
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


def _sender_words(found: dict[str, Any]) -> str:
    said = {
        "number": found["number"],
        "channel": Channel(found["channel"]).label,
        "quality": quality_words(found["quality"]),
    }
    if found["quality"]:
        return _("%(number)s, %(channel)s, quality: %(quality)s") % said
    return _("%(number)s, %(channel)s") % said
