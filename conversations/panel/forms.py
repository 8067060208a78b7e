"""What the page sends, read with care; the domain judges texts and routes."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator

from conversations.contracts import Channel
from conversations.thread import Screen
from conversations.thread_rows import Gap

LONGEST_ID = 18  # digits
VALUE = "value."
MOST_CODES = 10
LONGEST_CODE = 40
LONGEST_MARK = 12
LONGEST_INPUT = 20_000  # far beyond what any channel takes: there the domain has better words


class PlaceForm(forms.Form):
    """What is on the agent's screen: up to which version, from which row, with which route.

    `present` is said only by a page that asks by the clock: a stream rings it for colleagues.
    """

    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    since = forms.CharField(required=False, validators=[RegexValidator(r"^[0-9]{30}\Z")])
    gap_after = forms.CharField(required=False, validators=[RegexValidator(r"^[0-9]{30}\Z")])
    gap_before = forms.CharField(required=False, validators=[RegexValidator(r"^[0-9]{30}\Z")])
    seen = forms.CharField(required=False, max_length=100)
    sender = forms.IntegerField(required=False)
    address = forms.IntegerField(required=False)
    present = forms.CharField(required=False, max_length=LONGEST_MARK)

    @property
    def screen(self) -> Screen:
        """Return which rows are on the screen; all where nothing was said."""
        given = self.cleaned_data if self.is_valid() else {}
        gap = Gap(given.get("gap_after", ""), given.get("gap_before", ""))
        return Screen(given.get("since", ""), gap if gap.after and gap.before else None)


class PresenceForm(forms.Form):
    """`typed` is how many milliseconds ago; `present` what the page shows of colleagues."""

    typed = forms.IntegerField(required=False, min_value=0, max_value=60_000)
    left = forms.BooleanField(required=False)
    present = forms.CharField(required=False, max_length=LONGEST_MARK)


class SeenForm(forms.Form):
    """`upto`: the agent has read so far; without it, the thread has only come on the screen."""

    upto = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class EarlierForm(forms.Form):
    before = forms.CharField(validators=[RegexValidator(r"^[0-9]{30}\Z")])


class GapForm(forms.Form):
    """A piece of the thread that is not on the screen, between two places."""

    after = forms.CharField(validators=[RegexValidator(r"^[0-9]{30}\Z")])
    before = forms.CharField(validators=[RegexValidator(r"^[0-9]{30}\Z")])


class WordsForm(forms.Form):
    """What is looked for in the thread, and before which place."""

    q = forms.CharField(max_length=200)
    before = forms.CharField(required=False, validators=[RegexValidator(r"^[0-9]{30}\Z")])


class TextField(forms.Field):
    """A text exactly as it was typed: not stripped, and NUL is for the domain to refuse."""

    default_validators = [MaxLengthValidator(LONGEST_INPUT)]


class RouteForm(forms.Form):
    """From and To."""

    sender = forms.IntegerField()
    address = forms.IntegerField()


class Numbers(forms.MultipleChoiceField):
    """Several ids; how many, and whose they are, is for the domain to judge."""

    def validate(self, value: list[str]) -> None:
        if not all(each.isdecimal() and len(each) <= LONGEST_ID for each in value):
            raise forms.ValidationError("These are no ids.")

    def clean(self, value: Any) -> list[int]:
        return [int(each) for each in super().clean(value)]


class Codes(forms.MultipleChoiceField):
    """Questions that the agent has said yes to; one that nobody asked changes nothing."""

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_CODES or not all(len(each) <= LONGEST_CODE for each in value):
            raise forms.ValidationError("These are no codes.")


class MessageForm(RouteForm):
    """`attachments` are ids of uploads, `quoted` of the message that is answered."""

    text = TextField(required=False)
    client_id = forms.UUIDField()
    attachments = Numbers(required=False)
    quoted = forms.IntegerField(required=False)
    confirmed = Codes(required=False)


class UploadForm(forms.Form):
    """`header`: the file goes with a template, not with the next message."""

    sender = forms.IntegerField()
    file = forms.FileField(allow_empty_file=True, max_length=1000)
    header = forms.BooleanField(required=False)


class SearchForm(RouteForm):
    """What was typed into the chooser."""

    q = forms.CharField(required=False, max_length=200)
    language = forms.CharField(required=False, max_length=20)


class TemplateForm(RouteForm):
    """`fallback` is whether an SMS goes in the template's place, should WhatsApp fail."""

    client_id = forms.UUIDField()
    template = forms.IntegerField()
    attachment = forms.IntegerField(required=False)
    fallback = forms.BooleanField(required=False)
    fallback_text = TextField(required=False)
    confirmed = Codes(required=False)

    def values(self) -> dict[str, str]:
        """Return what was filled in, by variable."""
        given = {
            name.removeprefix(VALUE): str(value)
            for name, value in self.data.items()
            if name.startswith(VALUE)
        }
        return {key: value[:LONGEST_INPUT] for key, value in given.items()}


class ChannelForm(forms.Form):
    """Over which channel a message that was not delivered goes."""

    channel = forms.ChoiceField(choices=Channel.choices)
    confirmed = Codes(required=False)


class DraftForm(forms.Form):
    """`anew`: written on in the knowledge of what colleagues have sent meanwhile."""

    text = TextField(required=False)
    anew = forms.BooleanField(required=False)
