"""The settings dialog of the panel: what an agent wants of it from now on."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from conversations.contracts import Agent
from conversations.panel import fragments
from conversations.panel.access import for_agent
from conversations.panel.forms import PlaceForm
from conversations.services.preferences import Preferences, save_preferences


class PreferencesForm(forms.Form):
    send_with_enter = forms.BooleanField(required=False)
    counter_details = forms.BooleanField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)


@require_POST
@for_agent
def preferences(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Keep them; the answer brings a composer that follows them, and names the language."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    language = save_preferences(agent, Preferences(**form.cleaned_data))
    answer = fragments.changes(agent, PlaceForm(request.POST))
    answer.headers["X-Language"] = language
    return answer
