"""The console's pages of templates that ask the provider: list again, submit, edit, delete."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import templates
from channels.admin.template_buttons import ButtonFormSet
from channels.admin.template_changes import (
    CHANGED,
    NO_ACCOUNT,
    delete_at_provider,
    explain,
    why_not_editable,
)
from channels.admin.template_forms import TemplateForm, initial_of
from channels.models import ProviderAccount
from channels.provider_account import TemplateRefused, template_provider
from conversations.admin import trail
from conversations.admin.site import console
from conversations.admin.templates import TemplateAdmin
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.models import MessageTemplate, Sender
from conversations.services.template_lists import ProviderTemplate, take_deletion, take_one
from conversations.template_words import language_words

Status = MessageTemplate.Status

HEADER = ["header_kind", "header_text", "header_example"]
TEXT = ["body", "examples", "footer"]


@admin.register(MessageTemplate, site=console)
class MessageTemplateAdmin(TemplateAdmin):
    change_list_template = "admin/conversations/messagetemplate/change_list.html"
    change_form_template = "admin/conversations/messagetemplate/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.add_messagetemplate")

    def has_delete_permission(
        self, request: HttpRequest, obj: MessageTemplate | None = None
    ) -> bool:
        gone = obj is not None and obj.gone_at is not None
        return request.user.has_perm("conversations.delete_messagetemplate") and not gone

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("synchronise/", wrap(self.synchronise), name="synchronise_templates"),
            path("<int:template_id>/edit/", wrap(self.edit), name="edit_template"),
            *super().get_urls(),
        ]

    def synchronise(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        account = ProviderAccount.objects.connected()
        senders = templates.senders_with_templates()
        if account is None:
            self.message_user(request, NO_ACCOUNT, messages.ERROR)
        elif not senders:
            text = _("There is no WhatsApp sender yet. Templates belong to one: add it first.")
            self.message_user(request, text, messages.WARNING)
        else:
            for sender in senders:
                self._synchronise(request, account, sender)
        return HttpResponseRedirect(_list_url())

    def _synchronise(self, request: HttpRequest, account: ProviderAccount, sender: Sender) -> None:
        try:
            taken = templates.sync_sender(account, sender)
        except (TemporaryFailure, PermanentFailure) as failure:
            text = _("%(number)s: nothing was changed. %(reason)s")
            why = {"number": sender.number, "reason": failure}
            self.message_user(request, text % why, messages.ERROR)
            return
        text = ngettext(
            "%(number)s: %(count)s template listed.",
            "%(number)s: %(count)s templates listed.",
            taken.listed,
        )
        said = {"number": sender.number, "count": taken.listed}
        self.message_user(request, text % said)
        if taken.gone:
            text = ngettext(
                "%(number)s: %(count)s template is listed no more.",
                "%(number)s: %(count)s templates are listed no more.",
                taken.gone,
            )
            self.message_user(request, text % (said | {"count": taken.gone}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "may_submit": self.has_add_permission(request),
            "show_save_and_add_another": False,
        }
        return super().change_view(request, object_id, form_url, context)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._compose(request, None)

    def edit(self, request: HttpRequest, template_id: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        template = self.get_object(request, str(template_id))
        if template is None:
            return HttpResponseRedirect(_list_url())
        if reason := why_not_editable(template):
            self.message_user(request, reason, messages.ERROR)
            return HttpResponseRedirect(_page_url(template))
        return self._compose(request, template)

    def _compose(self, request: HttpRequest, template: MessageTemplate | None) -> HttpResponse:
        data = request.POST if request.method == "POST" else None
        initial, buttons_initial = initial_of(template) if template else ({}, [])
        form = TemplateForm(data, initial=initial, template=template, label_suffix="")
        buttons = ButtonFormSet(data, initial=buttons_initial)
        context: dict[str, Any] = {}
        if data is not None and all([form.is_valid(), buttons.is_valid()]):
            made = self._submit(request, form, buttons, context)
            if made is not None:
                return HttpResponseRedirect(_page_url(made))
        return TemplateResponse(
            request,
            "admin/conversations/messagetemplate/compose.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Edit") if template else _("New template"),
                "crumbs": self.crumbs() + _crumb(template),
                "template": template,
                "form": form,
                "buttons": buttons,
                "adminform": self._fieldsets(form),
                **context,
            },
        )

    def _submit(
        self, request: HttpRequest, form: TemplateForm, buttons: Any, context: dict[str, Any]
    ) -> MessageTemplate | None:
        """Submit what was filled in; None when it was refused, which stands in the form then."""
        account = ProviderAccount.objects.connected()
        if account is None:
            form.add_error(None, NO_ACCOUNT)
            return None
        template, draft = form.template, form.draft(buttons.buttons())
        sender = template.sender if template else form.cleaned_data["sender"]
        provider = template_provider(sender.channel)
        try:
            if template is None:
                answer = provider.create_template(account, sender.number, draft)
            else:
                answer = provider.edit_template(account, sender.number, template.provider_id, draft)
        except TemplateRefused as refusal:
            explain(refusal, form, context)
        except UnknownOutcome:
            templates.ask_for_sync()
            text = _(
                "Infobip did not answer, so it may have been submitted or not. Look into the list"
                " in a minute before you submit it again."
            )
            form.add_error(None, text)
        except (TemporaryFailure, PermanentFailure) as failure:
            form.add_error(None, _("%(reason)s Nothing was submitted.") % {"reason": failure})
        else:
            return self._keep(request, sender, answer, template)
        return None

    def _keep(
        self,
        request: HttpRequest,
        sender: Sender,
        answer: ProviderTemplate,
        before: MessageTemplate | None,
    ) -> MessageTemplate:
        with transaction.atomic():
            made = take_one(sender, answer, at=timezone.now())
            trail.record(
                request,
                CHANGED if before else "template.submitted",
                subject=made,
                name=made.name,
                language=made.language,
                before=before.status if before else "",
            )
        text = _("Submitted. WhatsApp approves most templates in minutes.")
        self.message_user(request, text)
        return made

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        template = self.get_object(request, object_id)
        if template is None or not self.has_delete_permission(request, template):
            raise PermissionDenied
        if request.method == "POST":
            return self._delete(request, template)
        rows = MessageTemplate.objects.filter(
            sender=template.sender, name=template.name, gone_at=None
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete a template"),
            "crumbs": self.crumbs() + _crumb(template),
            "template": template,
            "languages": ", ".join(language_words(row.language) for row in rows),
        }
        return TemplateResponse(request, "admin/conversations/messagetemplate/delete.html", context)

    def _delete(self, request: HttpRequest, template: MessageTemplate) -> HttpResponse:
        problem = delete_at_provider(template)
        if problem:
            self.message_user(request, problem, messages.ERROR)
            return HttpResponseRedirect(_page_url(template))
        with transaction.atomic():
            count = take_deletion(template.sender, template.name, at=timezone.now())
            trail.record(request, "template.deleted", subject=template, name=template.name)
            templates.ask_for_sync()  # the account's other senders have lost it too
        text = ngettext(
            "“%(name)s” is deleted in %(count)s language.",
            "“%(name)s” is deleted in %(count)s languages.",
            count,
        )
        self.message_user(request, text % {"name": template.name, "count": count})
        return HttpResponseRedirect(_list_url())

    def _fieldsets(self, form: Any) -> AdminForm:
        about = [name for name in ("sender", "name", "language") if name in form.fields]
        groups = [
            (None, {"fields": [*about, "category"]}),
            (_("Header"), {"fields": HEADER}),
            (_("Text"), {"fields": TEXT}),
        ]
        return AdminForm(form, groups, {}, (), model_admin=self)


def _crumb(template: MessageTemplate | None) -> list[tuple[str, str]]:
    return [(str(template), _page_url(template))] if template else []


def _list_url() -> str:
    return reverse("admin:conversations_messagetemplate_changelist")


def _page_url(template: MessageTemplate) -> str:
    return reverse("admin:conversations_messagetemplate_change", args=[template.pk])
