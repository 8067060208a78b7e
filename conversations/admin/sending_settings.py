"""The console's page of how messages are sent, and of the site's own words for opting out."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.help_texts import filled_in
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from conversations.consent_words import IN, LONGEST_OWN, OUT, bare, bare_words
from conversations.models import SendingSettings
from conversations.sms_text import CHARACTER_LIMIT, LONGEST_SENDABLE

MOST_WORDS = 50


class WordsField(forms.CharField):
    """Words, one in a line; as a list they are what a customer's text is compared with."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        typed = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        for word in typed:
            if not bare(word):
                raise _refused(_("“%(word)s” has no letter or digit."), word)
            if len(bare(word)) > LONGEST_OWN:
                text = _("“%(word)s” is too long: a word has up to %(longest)d characters.")
                raise _refused(text, word)
        words = list(dict.fromkeys(map(bare, typed)))
        if len(words) > MOST_WORDS:
            text = _("These are %(found)d words, up to %(most)d are allowed.")
            raise ValidationError(text % {"found": len(words), "most": MOST_WORDS})
        return words

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class SendingSettingsForm(forms.ModelForm[SendingSettings]):
    longest_sms = forms.IntegerField(
        label=gettext_lazy("Longest SMS"),
        initial=CHARACTER_LIMIT,
        min_value=1,
        max_value=LONGEST_SENDABLE.gsm7,
        error_messages={
            "max_value": gettext_lazy(
                "Enter %(limit_value)s or less: Infobip takes no more than 25 parts."
            )
        },
        help_text=filled_in(
            gettext_lazy(
                "Characters, up to %(gsm7)s: so many fit into the 25 parts that Infobip takes of"
                " one message. With an emoji, or in an alphabet like the Cyrillic, they end at"
                " %(unicode)s; in Chinese, say, Infobip's other bound comes first: 4,000 bytes are"
                " %(bytes)s characters. A longer text is refused whatever is set here."
            ),
            gsm7=LONGEST_SENDABLE.gsm7,
            unicode=LONGEST_SENDABLE.unicode,
            bytes=LONGEST_SENDABLE.three_bytes_each,
        ),
    )
    opt_out_words = WordsField(
        label=gettext_lazy("Own words for opting out"),
        required=False,
        help_text=filled_in(
            gettext_lazy(
                "One in each line. A message that consists of one of them alone opts the customer"
                " out of that channel. %(words)s always do."
            ),
            words=", ".join(sorted(OUT)).upper(),
        ),
    )
    opt_in_words = WordsField(
        label=gettext_lazy("Own words for opting in again"),
        required=False,
        help_text=filled_in(
            gettext_lazy("One in each line. %(words)s always do."),
            words=", ".join(sorted(IN)).upper(),
        ),
    )

    class Meta:
        model = SendingSettings
        fields = [
            "longest_sms",
            "mark_read",
            "show_typing",
            "sms_fallback",
            "opt_out_words",
            "opt_in_words",
        ]
        labels: ClassVar = {
            "longest_sms": gettext_lazy("Longest SMS"),
            "opt_out_words": gettext_lazy("Own words for opting out"),
            "opt_in_words": gettext_lazy("Own words for opting in again"),
            "mark_read": gettext_lazy("Mark messages as read"),
            "show_typing": gettext_lazy("Show typing"),
            "sms_fallback": gettext_lazy("SMS in a template's place"),
        }
        help_texts: ClassVar = {
            "mark_read": gettext_lazy(
                "Opening a conversation shows the customer on WhatsApp that it was read."
            ),
            "show_typing": gettext_lazy(
                "The customer sees on WhatsApp that an agent is writing. Only while messages are"
                " marked as read too: WhatsApp does both in one."
            ),
            "sms_fallback": gettext_lazy(
                "Agents may have a template sent by SMS where WhatsApp does not deliver it."
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        out, back = (bare_words(cleaned.get(f"opt_{way}_words") or []) for way in ("out", "in"))
        self._refuse("opt_in_words", back & OUT, _("These always opt out: %(words)s."))
        self._refuse("opt_out_words", out & IN, _("These always opt in: %(words)s."))
        both = _("These are in both lists: %(words)s. Keep each in one.")
        self._refuse("opt_in_words", (out & back) - OUT - IN, both)
        return cleaned

    def _refuse(self, field: str, words: set[str], text: str) -> None:
        if words:
            self.add_error(field, text % {"words": ", ".join(sorted(words))})


@admin.register(SendingSettings, site=console)
class SendingSettingsAdmin(SingletonAdmin[SendingSettings]):
    place = 70
    form = SendingSettingsForm
    change_form_template = "admin/conversations/sendingsettings/change_form.html"
    harmless_fields = SendingSettingsForm.Meta.fields

    def save_model(
        self, request: HttpRequest, obj: SendingSettings, form: Any, change: Any
    ) -> None:
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)


def _refused(text: str, word: str) -> ValidationError:
    shown = word if len(word) <= LONGEST_OWN else f"{word[:LONGEST_OWN]}…"
    return ValidationError(text % {"word": shown, "longest": LONGEST_OWN})
