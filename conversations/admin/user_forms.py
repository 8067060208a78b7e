"""What is asked about the people who use a console: whom to invite, and their role."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from conversations.models import AgentProfile
from logins.models import Person
from logins.roles import Role, give_role


class RoleForm(forms.Form):
    """Which role somebody has."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)


class SureForm(RoleForm):
    """The same role once more, from somebody who was asked about it."""

    role = forms.ChoiceField(choices=Role.choices, widget=forms.HiddenInput)
    sure = forms.CharField(widget=forms.HiddenInput, initial="1")


class InviteForm(RoleForm):
    """Somebody new: an account of Jira that we know, or anybody by name."""

    account = forms.ModelChoiceField(
        label=gettext_lazy("Jira account"),
        queryset=AgentProfile.objects.none(),
        required=False,
        empty_label=gettext_lazy("None: enter a name"),
        help_text=gettext_lazy("Whoever has opened OmniChat in a request is listed here."),
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Not needed for a Jira account."),
    )
    login = forms.CharField(
        label=gettext_lazy("E-mail address or user name"),
        max_length=150,
        help_text=gettext_lazy("By which they log in. Nothing is sent to it."),
    )
    field_order = ("account", "name", "login", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.AUDITOR  # nobody gets much by an oversight
        known = User.objects.values("username")
        accounts = AgentProfile.objects.exclude(account_id__in=known).order_by("name", "pk")
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        if "@" in login:
            validate_email(login)
        else:
            UnicodeUsernameValidator()(login)
        if User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login)).exists():
            raise ValidationError(_("Somebody has this already. Enter another one."))
        return login

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("account") is None and not cleaned.get("name"):
            self.add_error("name", _("Enter a name, or choose a Jira account above."))
        if cleaned.get("account") is not None and "@" not in cleaned.get("login", "@"):
            self.add_error("login", _("For a Jira account, enter an e-mail address."))
        return cleaned

    def save(self) -> User:
        """Make the user, who cannot come in by password yet."""
        account, login = self.cleaned_data["account"], self.cleaned_data["login"]
        first, _space, last = (account or self.cleaned_data["name"]).__str__().partition(" ")
        user = User.objects.create_user(
            account.account_id if account else login,
            email=login if "@" in login else "",
            first_name=first[:150],
            last_name=last.strip()[:150],
        )
        give_role(user, Role(self.cleaned_data["role"]))
        Person.objects.create(user=user, role_from=Person.RoleFrom.HERE)
        return user
