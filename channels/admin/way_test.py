"""The console's test message: sent by a form, watched on a page that refreshes itself."""

from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from channels import way_test
from channels.admin.account_forms import TestMessageForm
from channels.admin.webhook import AccountPages
from channels.models import WayTest
from channels.way_steps import is_over, steps_of
from conversations.admin import trail
from conversations.models import Sender
from conversations.moments import written
from conversations.phone_numbers import mask

REFRESH_SECONDS = "3"
SHOWN = 10


class WayTestPages(AccountPages):
    """The pages of test messages."""

    def get_urls(self) -> list[URLPattern]:
        form = self.admin_site.admin_view(self.test_message)
        watch = self.admin_site.admin_view(self.watch_test)
        return [
            path("test-message/", form, name="test_message"),
            path("test-message/<int:test_id>/", watch, name="watch_test"),
            *super().get_urls(),
        ]

    def test_message(self, request: HttpRequest) -> HttpResponse:
        """Send a test message, or offer to."""
        account = self.connected(request)
        if account is None:
            return self.back()
        initial = {"sender": request.GET.get("sender") or Sender.objects.working().first()}
        form: Any = TestMessageForm(request.POST or None, initial=initial, label_suffix="")
        if request.method == "POST" and form.is_valid():
            sender = form.cleaned_data["sender"]
            test = way_test.begin(
                account,
                sender,
                form.cleaned_data["number"],
                begun_by=request.user.get_username(),
            )
            trail.record(request, "provider.test-sent", subject=test, sender=sender.number)
            return HttpResponseRedirect(reverse("admin:watch_test", args=[test.pk]))
        tests = WayTest.objects.select_related("sender")[:SHOWN]
        rows = [(test, mask(test.address), steps_of(test)) for test in tests]
        context = {
            **self.page_context(request, _("Test message")),
            "form": form,
            "adminform": AdminForm(form, [(None, {"fields": list(form.fields)})], {}, ()),
            "rows": rows,
        }
        template = "admin/channels/provideraccount/test_message.html"
        return TemplateResponse(request, template, context)

    def watch_test(self, request: HttpRequest, test_id: int) -> HttpResponse:
        """Show how far a test message has come."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        test = get_object_or_404(WayTest.objects.select_related("sender"), pk=test_id)
        over = is_over(test)
        title = _("Test message of %(time)s") % {"time": written(test.begun_at)}
        context = {
            **self.page_context(request, title, (_("Test message"), reverse("admin:test_message"))),
            "test": test,
            "address": mask(test.address),
            "steps": steps_of(test),
            "over": over,
        }
        template = "admin/channels/provideraccount/watch_test.html"
        response = TemplateResponse(request, template, context)
        if not over:
            response.headers["Refresh"] = REFRESH_SECONDS
        return response
