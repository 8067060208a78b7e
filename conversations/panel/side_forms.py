"""Channels and numbers of a request: what an agent sees of them, and what the page sends."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from conversations.contracts import Agent, Channel
from conversations.models import Conversation, Sender
from conversations.phone_numbers import AddressKind, display, identify
from conversations.reach import number_of_reporter, numbers_of, written_addresses

LONGEST_NUMBER = 100  # far beyond any: where it is refused there are better words

Problems = dict[Channel | None, str]


class SidePlaceForm(forms.Form):
    """What is on the agent's screen; `holding`: changes that are not saved yet."""

    seen = forms.CharField(required=False, max_length=100)
    holding = forms.BooleanField(required=False)


class NumbersForm(forms.Form):
    channels = forms.MultipleChoiceField(choices=Channel, required=False)
    same = forms.BooleanField(required=False)
    number = forms.CharField(required=False, max_length=LONGEST_NUMBER)
    number_sms = forms.CharField(required=False, max_length=LONGEST_NUMBER)
    number_whatsapp = forms.CharField(required=False, max_length=LONGEST_NUMBER)
    confirm = forms.BooleanField(required=False)

    def numbers(self) -> dict[Channel, str]:
        """Return what was typed for each channel that is chosen."""
        given = self.cleaned_data
        return {
            channel: given["number" if given["same"] else f"number_{channel.value}"]
            for channel in Channel
            if channel in given["channels"]
        }


@dataclass(frozen=True)
class NumberField:
    """One input; `note` says where its number comes from, or why it stays."""

    name: str
    label: str
    value: str = ""
    fixed: bool = False
    note: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ChannelTag:
    channel: str
    label: str
    on: bool
    lacks_sender: bool
    field: NumberField

    @property
    def may_change(self) -> bool:
        return self.on or not self.lacks_sender


@dataclass(frozen=True)
class Numbers:
    """The form; `stops`: without any channel it stops a conversation."""

    tags: tuple[ChannelTag, ...]
    same: bool
    shared: NumberField
    problem: str = ""
    may_change: bool = True
    stops: bool = False


def channels_of(conversation: Conversation) -> list[Channel]:
    """Return the channels that are on: those chosen, else all on which the customer is reached."""
    if conversation.channels is not None:
        return [channel for channel in Channel if channel in conversation.channels]
    return [channel for channel in Channel if channel in numbers_of(conversation)]


def numbers_shown(agent: Agent, conversation: Conversation | None, *, may_change: bool) -> Numbers:
    """Return the form as the conversation stands, or as the reporter's profile suggests."""
    working = set(Sender.objects.working().values_list("channel", flat=True))
    if conversation is None:
        # Who may not use it has no business with a number of other requests.
        profile = display(number_of_reporter(agent)) if may_change else ""
        note = _("From the customer's profile") if profile else ""
        values = dict.fromkeys(Channel, profile)
        on, notes, fixed = [c for c in Channel if c in working], dict.fromkeys(Channel, note), set()
    else:
        known = numbers_of(conversation)
        values = {channel: display(address.value) for channel, address in known.items()}
        on, fixed = channels_of(conversation), set(written_addresses(conversation))
        notes = dict.fromkeys(
            fixed, _("Messages were exchanged with this number: it cannot be changed.")
        )
    tags = tuple(
        ChannelTag(
            channel.value,
            str(channel.label),
            on=channel in on,
            lacks_sender=channel not in working,
            field=NumberField(
                f"number_{channel.value}",
                _("%(channel)s number") % {"channel": channel.label},
                values.get(channel, ""),
                fixed=channel in fixed,
                note=notes.get(channel, ""),
            ),
        )
        for channel in Channel
    )
    same, shared = _shared(tags)
    stops = bool(conversation and on)
    return Numbers(tags, same, shared, may_change=may_change, stops=stops)


def numbers_refused(shown: Numbers, form: NumbersForm, problems: Problems) -> Numbers:
    """Return the form as the agent has filled it in, each problem at its field."""
    given = form.cleaned_data
    shared, each = (problems, {}) if given["same"] else ({}, problems)
    tags = tuple(
        ChannelTag(
            tag.channel,
            tag.label,
            on=tag.channel in given["channels"],
            lacks_sender=tag.lacks_sender,
            field=_filled(tag.field, given, [Channel(tag.channel)], each),
        )
        for tag in shown.tags
    )
    return Numbers(
        tags,
        given["same"],
        _filled(shown.shared, given, list(Channel), shared),
        problem=problems.get(None, ""),
        stops=shown.stops,
    )


def _filled(
    field: NumberField, given: dict[str, str], channels: list[Channel], problems: Problems
) -> NumberField:
    found = dict.fromkeys(problems[channel] for channel in channels if channel in problems)
    value = field.value if field.fixed else given[field.name]
    note = "" if found or value != field.value else field.note
    return NumberField(
        field.name, field.label, value, fixed=field.fixed, note=note, problem=" ".join(found)
    )


def _shared(tags: tuple[ChannelTag, ...]) -> tuple[bool, NumberField]:
    """Say whether one number is for all channels, and return the field that holds it."""
    known = [tag.field for tag in tags if tag.field.value]
    known.sort(key=lambda field: not field.fixed)  # where one stays, it is the common one
    first = known[0] if known else NumberField("number", "")
    identities = [identify(field.value) for field in known]
    same = all(
        identity.kind is AddressKind.NUMBER and identity.key == identities[0].key
        for identity in identities
    )
    label = _("Phone number")
    return same, NumberField("number", label, first.value, fixed=first.fixed, note=first.note)
