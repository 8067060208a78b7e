"""The page of one site: how it is, what happened to it, and what can be done."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from conversations.moments import written
from omnichat import figures
from omnichat.operators import history, wording
from omnichat.operators.actions import ACTIONS, Action, actions_for, perform
from omnichat.operators.site import operators
from omnichat.operators.troubles import troubles_of, with_troubles
from tenants.models import Installation, Site


class ReasonForm(forms.Form):
    """Why something is done to a site: for who reads its history."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "It stands in the site's history for operators. Name no customer, number or message."
        ),
    )


@operators.page("sites/<int:site_id>/")
def site(request: HttpRequest, site_id: int) -> HttpResponse:
    """Show all that operators may know of a site."""
    found = _site(site_id)
    return operators.show(
        request,
        "operator/site.html",
        title=found.slug,
        site=found,
        lozenges=[wording.state(found), wording.licence(found)],
        troubles=troubles_of(found),
        facts=_facts(found),
        counted=_counted(found),
        figures=wording.figures_of(found),
        counted_at=wording.counted(found),
        installations=_installations(found),
        history=history.of(found.cloud_id),
        actions=actions_for(found),
    )


@operators.page("sites/<int:site_id>/count/")
@require_POST
def count(request: HttpRequest, site_id: int) -> HttpResponse:
    """Count a site anew: one short statement, so that it can be waited for."""
    counted = figures.count(get_object_or_404(Site, pk=site_id))
    if counted.problem:
        said = _("It could not be counted: %(problem)s") % {"problem": counted.problem}
        messages.error(request, said)
    else:
        messages.success(request, _("Counted just now."))
    return HttpResponseRedirect(operators.address("site", str(site_id)))


@operators.page("sites/<int:site_id>/<slug:name>/")
def act(request: HttpRequest, site_id: int, name: str) -> HttpResponse:
    """Ask before something is done to a site, and do it."""
    action, found = ACTIONS.get(name), _site(site_id)
    if action is None:
        raise Http404
    back = operators.address("site", str(site_id))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, reason = request.user.get_username(), form.cleaned_data["reason"]
        if perform(action, found.pk, by=by, reason=reason):
            messages.success(request, str(action.done))
        else:
            messages.error(request, _("The site is in another state now. Nothing was done."))
        return HttpResponseRedirect(back)
    return _question(request, action, found, form=form, back_url=back)


def _question(request: HttpRequest, action: Action, found: Site, **context: Any) -> HttpResponse:
    if not action.offered(found):
        messages.error(request, _("The site is in another state now. Nothing was done."))
        return HttpResponseRedirect(context["back_url"])
    return operators.show(
        request,
        "operator/confirm.html",
        title=str(action.title) % {"site": found.slug},
        sentences=action.sentences,
        button=str(action.label).rstrip("…"),
        dangerous=action.dangerous,
        site=found,
        crumbs=[(found.slug, context["back_url"])],
        **context,
    )


def _site(site_id: int) -> Site:
    sites = wording.with_installations(with_troubles(Site.objects.select_related("figures")))
    return get_object_or_404(sites, pk=site_id)


def _facts(found: Site) -> list[tuple[str, str]]:
    """Return what stands about a site in the public schema, nothing for what is not so."""
    facts = [
        (_("Jira site"), wording.jira_host(found)),
        (_("Cloud id"), found.cloud_id),
        (_("Schema"), found.schema_name),
        (_("Region"), found.region),
        (_("Installed"), written(found.created_at)),
        (_("Licence"), _licence(found)),
        (_("Jira"), wording.heard(found)),
        (_("Connection"), wording.disconnected(found)),
        (_("Uninstalled"), written(found.uninstalled_at) if found.uninstalled_at else ""),
        (_("Will be erased"), written(found.erased_at) if found.erased_at else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _licence(found: Site) -> str:
    if found.licence_active:
        return pgettext("licence", "Active")
    ends_at = found.grace_ends_at
    if ends_at is None:
        return _("Not active")
    return _("Not active; new requests are opened until %(time)s") % {"time": written(ends_at)}


def _counted(found: Site) -> list[tuple[str, object, str]]:
    """Return names, numbers, and how old the oldest is."""
    known = wording.figures_of(found)
    return [
        (_("Incoming, waiting"), known.inbox_waiting, wording.oldest_of(known.inbox_oldest_at)),
        (_("Outgoing, waiting"), known.outbox_waiting, wording.oldest_of(known.outbox_oldest_at)),
        (_("In quarantine"), known.quarantined, ""),
        (_("Given up"), known.outbox_dead, ""),
        (_("Messages in, 24 hours"), known.messages_in, ""),
        (
            _("Messages out, 24 hours"),
            known.messages_out,
            wording.failed_share(known.failed_sends, known.messages_out),
        ),
        (_("Missing migrations"), known.missing_migrations, ""),
    ]


def _installations(found: Site) -> list[dict[str, Any]]:
    """Return the installations, newest first; a token is never read, only when it ends."""
    known = Installation.objects.filter(site=found).defer("system_token").order_by("-seen_at")
    return [
        {
            "row": each,
            "seen": written(each.seen_at),
            "heard": written(each.heard_at),
            "token": wording.token_until(each.system_token_expires_at),
            "refused": written(each.refused_at) if each.refused_at else "",
            "removed": written(each.removed_at) if each.removed_at else "",
        }
        for each in known
    ]
