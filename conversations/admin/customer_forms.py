"""What the console asks before it does something to a customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.contracts import Channel
from conversations.models import NumberDeletion
from conversations.services.customer_files import MOST_BYTES

Reason = NumberDeletion.Reason
LONGEST_NOTE = 300


class DeletionForm(forms.Form):
    """Why a number is deleted; the reasons that an admin gives, not those of other pages."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(each.value, each.label) for each in Reason if each != Reason.ERASURE],
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the proof. Write no number or name into it."),
    )


class ConsentForm(forms.Form):
    """How a customer consented, and for which channels."""

    channels = forms.MultipleChoiceField(
        label=_("Channels"), widget=forms.CheckboxSelectMultiple, choices=Channel.choices
    )
    because = forms.CharField(
        label=_("How did the customer consent?"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For instance: “By telephone on 3 November”. Kept with the proof."),
    )

    def __init__(self, data: Any = None, *, closed: list[Channel]) -> None:
        super().__init__(data, initial={"channels": [channel.value for channel in closed]})
        field: Any = self.fields["channels"]
        field.choices = [(channel.value, channel.label) for channel in closed]


class ErasureForm(forms.Form):
    """One tick more than a slip of the hand."""

    sure = forms.BooleanField(label=_("I understand that this cannot be undone."))


class OtherCustomerForm(forms.Form):
    """Who the same person is."""

    other = forms.CharField(
        label=_("The other customer's number or request key"),
        max_length=200,
        help_text=_("A whole number with its country code, or a key like SUP-101."),
    )


class NoForm(forms.Form):
    """Nothing is asked but whether."""


class ImportForm(forms.Form):
    """A file of customers, small enough to be read at once."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB. Import it in parts."))
        return file
