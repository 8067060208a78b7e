"""The console's page of senders: the company's own numbers."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import nudges, outbox
from conversations.admin.pages import SettingsAdmin
from conversations.admin.site import console
from conversations.contracts import Channel
from conversations.models import Message, Send, Sender
from conversations.phone_numbers import NumberRefused, parse_typed

ASKED_OF_A_SENDER = ("senders.check", "templates.sync")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11}")


class SenderForm(forms.ModelForm[Sender]):
    class Meta:
        model = Sender
        fields = ["channel", "number", "label", "messages_per_second", "enabled"]
        help_texts: ClassVar = {
            "channel": gettext_lazy(
                "Only the provider's account manager can activate a number for WhatsApp."
            ),
            "messages_per_second": gettext_lazy(
                "Parts, for SMS; empty for the channel's own pace. How many a country's networks"
                " take the provider's account manager can tell."
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("number") and cleaned.get("channel"):
            try:
                cleaned["number"] = number_as_sent(cleaned["channel"], cleaned["number"])
            except NumberRefused as refusal:
                self.add_error("number", ValidationError(str(refusal), code=refusal.code))
        return cleaned


def number_as_sent(channel: str, typed: str) -> str:
    """Return the sender as the provider has it. By SMS a short code or a name can send too.

    Raises NumberRefused.
    """
    typed = typed.strip()
    if channel == Channel.SMS and (SHORT_CODE.fullmatch(typed) or NAME.fullmatch(typed)):
        return typed
    return parse_typed(typed).address


class SenderAdmin(SettingsAdmin[Sender]):
    place = 20
    form = SenderForm
    list_display = ["number", "channel", "label", "state", "rating", "last_message"]
    list_filter = ["channel", "enabled"]
    harmless_fields = ["channel", "number", "label", "messages_per_second", "enabled"]

    @admin.display(description="state")
    def state(self, sender: Sender) -> str:
        return state_of(sender)

    @admin.display(description="quality")
    def rating(self, sender: Sender) -> str:
        limit = _("%(limit)s people a day") % {"limit": sender.daily_limit}
        known = [sender.quality, limit if sender.daily_limit else ""]
        return ", ".join(word for word in known if word).capitalize() or "-"

    @admin.display(description="last message")
    def last_message(self, sender: Sender) -> str:
        return f"{timesince(sender.heard_at, depth=1)} ago" if sender.heard_at else _("never")

    def save_model(self, request: HttpRequest, obj: Sender, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        # How it stands at the provider, and what may be sent from it: not only at the next hour.
        for topic in ASKED_OF_A_SENDER:
            outbox.promise_once(topic)
        nudges.ring_site()

    def get_readonly_fields(self, request: HttpRequest, obj: Sender | None = None) -> list[str]:
        """A used number stays: its messages say that they went through it."""
        return ["channel", "number"] if obj is not None and is_used(obj) else []

    def has_delete_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_used(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Its templates and tests go with it, whoever may delete them alone."""
        deleted, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected


def state_of(sender: Sender) -> str:
    """Say in a word or two whether a sender works."""
    if not sender.enabled:
        return _("Switched off")
    if sender.provider_state == Sender.NOT_IN_ACCOUNT:
        return _("Not in the provider account")
    if not sender.is_fit:
        return sender.provider_state.replace("-", " ").capitalize()
    if sender.heard_at is not None:
        return _("Working")
    heard = Sender.objects.filter(channel=sender.channel).exclude(heard_at=None)
    return _("No message yet") if heard.exists() else _("Webhook missing")


def is_used(sender: Sender) -> bool:
    used = Q(sender=sender)
    return Message.objects.filter(used).exists() or Send.objects.filter(used).exists()
