"""What the page sends, read with care; the domain judges texts and routes."""

from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator

LONGEST_INPUT = 20_000  # far beyond what any channel takes: there the domain has better words


class PlaceForm(forms.Form):
    """What is on the agent's screen: up to which version, from which row, with which route."""

    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    since = forms.CharField(required=False, validators=[RegexValidator(r"^[0-9]{30}\Z")])
    seen = forms.CharField(required=False, max_length=100)
    sender = forms.IntegerField(required=False)
    address = forms.IntegerField(required=False)


class EarlierForm(forms.Form):
    before = forms.CharField(validators=[RegexValidator(r"^[0-9]{30}\Z")])


class TextField(forms.Field):
    """A text exactly as it was typed: not stripped, and NUL is for the domain to refuse."""

    default_validators = [MaxLengthValidator(LONGEST_INPUT)]


class MessageForm(forms.Form):
    text = TextField(required=False)
    client_id = forms.UUIDField()
    sender = forms.IntegerField()
    address = forms.IntegerField()


class DraftForm(forms.Form):
    text = TextField(required=False)
