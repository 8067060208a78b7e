"""The console's buttons for the webhook: a new address, subscribing it, and taking that back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import subscriptions
from channels.models import ProviderAccount, WebhookSecret
from channels.subscriptions import Step
from channels.webhook_address import OVERLAP, replace_webhook_url
from conversations.admin import trail
from conversations.admin.pages import SingletonAdmin

PAGE = "admin:channels_provideraccount_changelist"


class AccountPages(SingletonAdmin[ProviderAccount]):
    """What pages around the account share: who may act, and where they lead back to."""

    def connected(self, request: HttpRequest) -> ProviderAccount | None:
        """Return the account to act on; without one the admin is told. Raises PermissionDenied."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        account = ProviderAccount.objects.connected()
        if account is None:
            self.message_user(request, _("Enter and save the API key first."), messages.ERROR)
        return account

    def back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse(PAGE))

    def page_context(self, request: HttpRequest, title: str, *crumbs: Any) -> dict[str, Any]:
        """Return what a page below the account's needs to be framed."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "crumbs": [(capfirst(self.opts.verbose_name), reverse(PAGE)), *crumbs],
        }


class WebhookPages(AccountPages):
    """The webhook's part of the provider account's page."""

    def get_urls(self) -> list[URLPattern]:
        buttons = {
            "new-webhook-address": self.new_webhook_address,
            "subscribe": self.subscribe,
            "unsubscribe": self.unsubscribe,
        }
        return [
            path(
                f"{address}/",
                self.admin_site.admin_view(require_POST(view)),
                name=address.replace("-", "_"),
            )
            for address, view in buttons.items()
        ] + super().get_urls()

    def new_webhook_address(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("channels.change_provideraccount"):
            raise PermissionDenied
        trail.record(
            request, "settings.changed", change="changed", fields={"webhook_url": "changed"}
        )
        replace_webhook_url()
        account = ProviderAccount.objects.connected()
        if account is not None and account.subscriptions:
            steps = [subscriptions.readdress(account)]
            self._say(request, steps, done=_("Set up at Infobip: %(steps)s."))
        else:
            text = ngettext(
                "Enter the new webhook URL in Infobip within %(days)s day: until then the old one"
                " works too.",
                "Enter the new webhook URL in Infobip within %(days)s days: until then the old one"
                " works too.",
                OVERLAP.days,
            )
            self.message_user(request, text % {"days": OVERLAP.days})
        return self.back()

    def subscribe(self, request: HttpRequest) -> HttpResponse:
        account = self.connected(request)
        if account is not None:
            steps = subscriptions.subscribe(account)
            self._record(request, account, "webhook.subscribed", steps)
            self._say(request, steps, done=_("Set up at Infobip: %(steps)s."))
        return self.back()

    def unsubscribe(self, request: HttpRequest) -> HttpResponse:
        account = self.connected(request)
        if account is not None:
            steps = subscriptions.unsubscribe(account)
            self._record(request, account, "webhook.unsubscribed", steps)
            self._say(request, steps, done=_("Removed at Infobip: %(steps)s."))
        return self.back()

    def webhook_context(self, account: ProviderAccount) -> dict[str, Any]:
        """Return what the page says of the webhook; secrets are counted, never shown."""
        secrets = WebhookSecret.objects.valid()
        return {
            "subscribed": [
                (subscriptions.label_of(name), numbers)
                for name, numbers in account.subscriptions.get("senders", {}).items()
            ],
            "outdated": subscriptions.is_outdated(account),
            "secret": secrets.filter(retires_at=None).order_by("-pk").first(),
            "retiring": secrets.exclude(retires_at=None).order_by("-retires_at").first(),
        }

    def _record(
        self, request: HttpRequest, account: ProviderAccount, action: str, steps: list[Step]
    ) -> None:
        failed = [step.name for step in steps if step.problem]
        result = "failed" if any(step.failed for step in steps) else "done"
        trail.record(request, action, subject=account, result=result, failed=failed)

    def _say(self, request: HttpRequest, steps: list[Step], *, done: str) -> None:
        for step in steps:
            if step.problem:
                level = messages.ERROR if step.failed else messages.WARNING
                text = _("%(step)s: %(problem)s")
                said = {"step": step.name, "problem": step.problem}
                self.message_user(request, text % said, level)
        if not any(step.failed for step in steps):
            names = ", ".join(step.name for step in steps if not step.problem)
            self.message_user(request, done % {"steps": names})
