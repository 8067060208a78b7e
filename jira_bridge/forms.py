"""The console's forms of where requests are opened: drop-downs of what Jira has, and its fields."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jira_bridge import catalogue
from jira_bridge.catalogue import Field, Kind
from jira_bridge.field_values import as_jira, as_typed
from jira_bridge.models import RequestDefaults, RequestTarget, SenderRule
from jira_bridge.targets import problem_of, to_fill_in

LONGEST_SUMMARY = 255  # Jira's
EXAMPLE = {"channel": "WhatsApp", "number": "385991903327"}
MARKS = re.compile(r"\{([^{}]*)\}")
EMPTY: tuple[Any, ...] = (None, "", [])
IDS = {
    "service_desk_id": gettext_lazy("Service desk"),
    "request_type_id": gettext_lazy("Request type"),
}
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
MOMENT = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
INPUTS: dict[Kind, tuple[Any, dict[str, Any]]] = {
    Kind.CHOICE: (forms.ChoiceField, {}),
    Kind.CHOICES: (forms.MultipleChoiceField, {"widget": forms.CheckboxSelectMultiple}),
    Kind.TEXT: (forms.CharField, {"max_length": 255, "widget": AdminTextInputWidget}),
    Kind.RICH_TEXT: (forms.CharField, {"widget": AdminTextareaWidget}),
    Kind.NUMBER: (forms.FloatField, {}),
    Kind.DATE: (forms.DateField, {"widget": DAY}),
    Kind.DATETIME: (forms.DateTimeField, {"widget": MOMENT}),
}


class RequestTargetForm(forms.ModelForm[Any]):
    """Choose a request type; `inputs` are those fields of it that need a value."""

    inputs: ClassVar[Sequence[Field]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = _pair(self.instance)
        self.initial["request_type"] = _choice(*self._before)
        stored = self.instance.field_values
        for field in self.inputs:
            value = as_typed(field, stored[field.id]) if field.id in stored else _default(field)
            self.initial[input_name(field)] = value
        if self.is_bound:
            self._fill_in_what_was_not_shown()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        target = self.instance
        if cleaned.get("request_type"):
            target.service_desk_id, target.request_type_id = pair_of(cleaned["request_type"])
        elif cleaned.get("service_desk_id") and cleaned.get("request_type_id"):
            target.service_desk_id = cleaned["service_desk_id"]
            target.request_type_id = cleaned["request_type_id"]
        else:
            return cleaned
        self._take_values(target)
        if problem := problem_of(target):
            self.add_error("request_type" if "request_type" in self.fields else None, problem)
        return cleaned

    def _take_values(self, target: RequestTarget) -> None:
        if catalogue.kept_fields(*_pair(target)) is not None:
            typed = {field: self.cleaned_data.get(input_name(field)) for field in self.inputs}
            target.field_values = {
                field.id: as_jira(field, value)
                for field, value in typed.items()
                if value not in EMPTY
            }
            target.problem, target.checked_at = "", timezone.now()
        elif _pair(target) != self._before:
            target.field_values = {}
            target.problem, target.checked_at = "", None

    def _fill_in_what_was_not_shown(self) -> None:
        """Give the inputs of a type just chosen what is known of them, before anybody saw them."""
        data: Any = self.data
        data = data.copy()
        for field in self.inputs:
            name = input_name(field)
            # Of several choices none may be ticked: then a browser does not name them.
            if name not in data and field.kind != Kind.CHOICES and self.initial[name]:
                data[name] = str(self.initial[name])
        self.data = data


class RequestDefaultsForm(RequestTargetForm):
    class Meta:
        model = RequestDefaults
        fields: ClassVar[Sequence[str]] = ["summary_pattern"]
        labels: ClassVar[dict[str, Any]] = {
            **IDS,
            "summary_pattern": gettext_lazy("Summary"),
            "mask_number": gettext_lazy("Mask the number"),
            "show_number_in_property": gettext_lazy("Find requests by number"),
            "create_customers": gettext_lazy("Make customers"),
            "attach_files": gettext_lazy("Attach files"),
            "transcript": gettext_lazy("Transcript"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "summary_pattern": format_lazy(
                gettext_lazy("{marks} are filled in: “{pattern}” becomes “{example}”."),
                marks="{channel}, {number}",
                pattern="{channel} request from {number}",
                example=f"{EXAMPLE['channel']} request from {EXAMPLE['number']}",
            ),
            "mask_number": gettext_lazy("Hide the middle of the customer's number in the summary."),
            "show_number_in_property": gettext_lazy(
                "Jira's search then finds requests by the customer's number. Everyone who can "
                "see a request, and every app on the site, can then see the number too."
            ),
            "create_customers": gettext_lazy(
                "Make a Jira customer of somebody who writes for the first time, where possible."
            ),
            "attach_files": gettext_lazy(
                "Attach the files of messages to the request in Jira too."
            ),
            "transcript": gettext_lazy(
                "What becomes of the conversation in Jira when the request is resolved."
            ),
        }

    def clean_summary_pattern(self) -> str:
        pattern: str = self.cleaned_data["summary_pattern"]
        if not pattern.isprintable():
            raise forms.ValidationError(_("A summary is one line."))
        unknown = [mark for mark in MARKS.findall(pattern) if mark not in EXAMPLE]
        if unknown:
            text = _("OmniChat does not know %(unknown)s. Use {channel} and {number}.")
            named = ", ".join(f"{{{mark}}}" for mark in unknown)
            raise forms.ValidationError(text % {"unknown": named})
        if len(RequestDefaults(summary_pattern=pattern).summary(**EXAMPLE)) > LONGEST_SUMMARY:
            text = ngettext(
                "With a number filled in, this is longer than %(most)d character.",
                "With a number filled in, this is longer than %(most)d characters.",
                LONGEST_SUMMARY,
            )
            raise forms.ValidationError(text % {"most": LONGEST_SUMMARY})
        return pattern


class SenderRuleForm(RequestTargetForm):
    class Meta:
        model = SenderRule
        fields: ClassVar[Sequence[str]] = ["sender"]
        labels: ClassVar[dict[str, Any]] = {**IDS, "sender": gettext_lazy("Sender")}


def form_for(
    base: type[RequestTargetForm], chosen: tuple[str, str], *, kept: tuple[str, str]
) -> type[RequestTargetForm]:
    """Return the form as the catalogue has it now, with inputs for the chosen type's fields.

    `kept` is the choice that is saved, which stays on offer. Without a catalogue the ids themselves
    are the form's fields.
    """
    inputs = inputs_for(*chosen)
    attributes: dict[str, Any] = {input_name(field): _input(field) for field in inputs}
    desks = catalogue.kept_desks()
    if desks is not None:
        attributes["request_type"] = forms.ChoiceField(
            label=_("Request type"),
            choices=[("", _("Choose a request type")), *_groups(desks, kept)],
            help_text=_("By service desk. Requests of this type are opened for new conversations."),
            error_messages={
                "invalid_choice": _("This type no longer exists in Jira. Choose another.")
            },
        )
    return type(base.__name__, (base,), {**attributes, "inputs": inputs, "__module__": __name__})


def inputs_for(desk_id: str, type_id: str) -> list[Field]:
    """Return the fields of a type for which the console has inputs."""
    known = catalogue.kept_fields(desk_id, type_id) or ()
    return [field for field in to_fill_in(known) if field.kind != Kind.OTHER]


def input_name(field: Field) -> str:
    return f"value_{field.id}"


def pair_of(choice: str) -> tuple[str, str]:
    """Return the ids of desk and type in a choice."""
    desk_id, _colon, type_id = choice.partition(":")
    return desk_id, type_id


def _choice(desk_id: str, type_id: str) -> str:
    return f"{desk_id}:{type_id}" if desk_id and type_id else ""


def _pair(target: RequestTarget) -> tuple[str, str]:
    return target.service_desk_id, target.request_type_id


def _groups(desks: Sequence[catalogue.Desk], kept: tuple[str, str]) -> list[tuple[str, Any]]:
    groups: list[tuple[str, Any]] = []
    for desk in desks:
        types = catalogue.kept_request_types(desk.id) or ()
        offered = [
            (_choice(desk.id, each.id), f"{each.name} ({desk.key})")
            for each in types
            if each.can_create or (desk.id, each.id) == kept
        ]
        groups.append((str(desk), offered))
    if _choice(*kept) not in {value for _desk, offered in groups for value, _name in offered}:
        lost = _("Request type %(type)s of service desk %(desk)s")
        named = lost % {"type": kept[1], "desk": kept[0]}
        groups += [(_("Not found in Jira"), [(_choice(*kept), named)])] if all(kept) else []
    return [group for group in groups if group[1]]


def _input(field: Field) -> forms.Field:
    kind, options = INPUTS[field.kind]
    if field.kind == Kind.CHOICE:
        options = {"choices": [("", _("Choose")), *field.choices]}
    if field.kind == Kind.CHOICES:
        options = {**options, "choices": field.choices}
    hint = _("Jira requires a value: every new request gets this one.")
    made: forms.Field = kind(label=_label(field), help_text=hint, **options)
    return made


def _default(field: Field) -> Any:
    if field.kind == Kind.CHOICES:
        return list(field.default)
    return field.default[0] if field.default else None


def _label(field: Field) -> str:
    zone = timezone.get_current_timezone_name()
    return f"{field.name} ({zone})" if field.kind == Kind.DATETIME else field.name
