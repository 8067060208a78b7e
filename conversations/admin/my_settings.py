"""What everybody sets for themselves: language, time zone, and how they log in."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.site import console
from conversations.models import AutoReplySettings
from conversations.moments import ago, written
from logins import second_step, sessions
from logins.models import Person
from logins.sessions import LANGUAGE, TIME_ZONE, Via

WAYS = {Via.JIRA: gettext_lazy("From Jira"), Via.PASSWORD: gettext_lazy("By password")}


class ReaderForm(forms.Form):
    """How the console speaks to somebody."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As the browser asks")), *settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        the_sites = AutoReplySettings.objects.current().time_zone
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            ("", _("The site's: %(zone)s") % {"zone": the_sites}),
            *((name, name.replace("_", " ")) for name in sorted(available_timezones())),
        ]

    def save(self, request: HttpRequest, person: Person) -> None:
        """Keep what was chosen, for this session and those to come."""
        person.language = self.cleaned_data["language"]
        person.time_zone = self.cleaned_data["time_zone"]
        person.save(update_fields=["language", "time_zone"])
        for name, chosen in ((LANGUAGE, person.language), (TIME_ZONE, person.time_zone)):
            request.session[name] = chosen


@console.page("my-settings/", gettext_lazy("My settings"), permission="logins.view_overview")
def my_settings(request: HttpRequest) -> HttpResponse:
    """Show and change what is somebody's own."""
    user = get_object_or_404(User, pk=request.user.pk)
    person, _made = Person.objects.get_or_create(user=user)
    chosen = {"language": person.language, "time_zone": person.time_zone}
    form = ReaderForm(request.POST or None, initial=chosen)
    if form.is_valid():
        form.save(request, person)
        messages.success(request, _("Your settings have been saved."))
        return redirect("admin:my_settings")
    request.current_app = console.name
    context = {
        **console.each_context(request),
        "title": _("My settings"),
        "form": form,
        "has_password": user.has_usable_password(),
        "has_authenticator": second_step.authenticator_of(user) is not None,
        "codes_left": second_step.recovery_codes_left(user),
        "sessions": [
            {
                "way": WAYS.get(Via(session.via)) if session.via else "",
                "began": written(session.began_at),
                "seen": ago(session.seen_at),
                "is_this": session.key == request.session.session_key,
            }
            for session in sessions.sessions_of(user)
        ],
    }
    return TemplateResponse(request, "admin/my_settings.html", context)
