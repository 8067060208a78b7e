"""The console's page of senders: the company's own numbers."""

import re
from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import nudges, outbox
from conversations.admin.choice_filters import ChannelFilter, SwitchFilter
from conversations.admin.lozenges import Level, lozenge
from conversations.admin.twins import TwinsAdmin
from conversations.contracts import Channel
from conversations.models import Message, Send, Sender
from conversations.moments import ago
from conversations.phone_numbers import NumberRefused, parse_typed

ASKED_OF_A_SENDER = ("senders.check", "templates.sync")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11}")

FIELDS = ["channel", "number", "label", "messages_per_second", "enabled"]
STATES = {
    "banned": gettext_lazy("Banned"),
    "deleted": gettext_lazy("Deleted"),
    "disconnected": gettext_lazy("Disconnected"),
    "flagged": gettext_lazy("Flagged"),
    "migrated": gettext_lazy("Moved elsewhere"),
    "offline": gettext_lazy("Offline"),
    "pending": gettext_lazy("Waiting for approval"),
    "rate-limited": gettext_lazy("Limited"),
    "restricted": gettext_lazy("Restricted"),
    "unverified": gettext_lazy("Not verified"),
}
QUALITIES = {
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
}


class InUseFilter(SwitchFilter):
    title = gettext_lazy("In use")
    parameter_name = "enabled"


class SenderForm(forms.ModelForm[Sender]):
    class Meta:
        model = Sender
        fields = FIELDS
        labels: ClassVar = {
            "channel": gettext_lazy("Channel"),
            "number": gettext_lazy("Number"),
            "label": gettext_lazy("Label"),
            "messages_per_second": gettext_lazy("Messages per second"),
            "enabled": gettext_lazy("In use"),
        }
        help_texts: ClassVar = {
            "channel": gettext_lazy(
                "Only the provider's account manager can activate a number for WhatsApp."
            ),
            "number": gettext_lazy("As the provider has it: digits with country code, or a name."),
            "label": gettext_lazy("What agents see beside the number, if anything."),
            "messages_per_second": gettext_lazy(
                "Parts, for SMS; empty for the channel's own pace. How many a country's networks"
                " take the provider's account manager can tell."
            ),
        }
        error_messages: ClassVar = {
            NON_FIELD_ERRORS: {"unique_together": gettext_lazy("This sender is there already.")}
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


class SenderAdmin(TwinsAdmin[Sender]):
    """Registered by who also knows where the requests of its customers go."""

    place = 20
    form = SenderForm
    list_display = ["own_number", "on_channel", "named", "rating", "last_message"]
    list_filter: ClassVar[list[Any]] = [ChannelFilter, InUseFilter]
    empty_text = gettext_lazy("No senders yet. Add the number your customers will see.")
    empty_action = gettext_lazy("Add sender")
    harmless_fields = FIELDS
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sender]:
        heard = Sender.objects.filter(channel=OuterRef("channel")).exclude(heard_at=None)
        return super().get_queryset(request).annotate(channel_heard=Exists(heard))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description=gettext_lazy("State"))
        def state(sender: Sender) -> str:
            return lozenge(*standing_of(sender, subscribed))

        subscribed = import_string(settings.SUBSCRIBED_SENDERS)()
        *before, rating, last = self.list_display
        return [*before, state, rating, last]

    @admin.display(description=gettext_lazy("Number"), ordering="number")
    def own_number(self, sender: Sender) -> str:
        return sender.number

    @admin.display(description=gettext_lazy("Channel"), ordering="channel")
    def on_channel(self, sender: Sender) -> str:
        return lozenge(sender.get_channel_display())

    @admin.display(description=gettext_lazy("Label"), ordering="label")
    def named(self, sender: Sender) -> str:
        return sender.label

    @admin.display(description=gettext_lazy("Quality"))
    def rating(self, sender: Sender) -> str:
        quality = quality_words(sender.quality)
        if not sender.daily_limit:
            return quality
        limit = {"quality": quality, "limit": sender.daily_limit}
        if not quality:
            return _("%(limit)s people a day") % limit
        return _("%(quality)s, %(limit)s people a day") % limit

    @admin.display(description=gettext_lazy("Last message"), ordering="heard_at")
    def last_message(self, sender: Sender) -> str:
        return ago(sender.heard_at) if sender.heard_at else _("never")

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


def standing_of(sender: Any, subscribed: Collection[tuple[str, str]]) -> tuple[str, Level]:
    """Say in a word or two whether a sender works; asks nothing more of one from the list."""
    if not sender.enabled:
        return _("Switched off"), "neutral"
    if sender.provider_state == Sender.NOT_IN_ACCOUNT:
        return _("Not in the provider account"), "error"
    if not sender.is_fit:
        return state_words(sender), "error"
    if sender.heard_at is not None:
        return _("Working"), "success"
    if sender.channel_heard or (sender.channel, sender.number) in subscribed:
        return _("No message yet"), "info"
    return _("Webhook missing"), "warning"


def state_words(sender: Sender) -> str:
    """Return what the provider says of a sender; a word that is new to us as it comes."""
    unknown = sender.provider_state.replace("-", " ").capitalize()
    return str(STATES.get(sender.provider_state, unknown))


def quality_words(quality: str) -> str:
    return str(QUALITIES.get(quality, quality.capitalize()))


def is_used(sender: Sender) -> bool:
    used = Q(sender=sender)
    return Message.objects.filter(used).exists() or Send.objects.filter(used).exists()
