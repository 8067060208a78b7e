"""What a site's admin should know about Jira: on top of the console's overview."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.admin.notices import Notice
from conversations.models import Conversation, OutboxEntry
from conversations.moments import written
from jira_bridge import budget
from jira_bridge.models import RequestDefaults, SenderRule
from jira_bridge.targets import told_problem
from tenants.context import current_site
from tenants.models import Installation, Site

LATE = timedelta(minutes=5)  # a request is opened within seconds
KEYS_NAMED = 5


def current() -> Iterator[Notice]:
    """Yield what is the matter with the current site's Jira."""
    site = Site.objects.get(pk=current_site().pk)  # as it is now, whatever this process remembers
    live = site.installations.filter(removed_at=None).defer("system_token")
    installation = live.order_by("-seen_at").first()
    yield from _connection(site, installation)
    yield from _licence(site)
    yield from _limit(installation)
    yield from _where_requests_go()
    yield from _waiting_requests()
    yield from _hidden_requests()
    yield from _given_up()


def _connection(site: Site, installation: Installation | None) -> Iterator[Notice]:
    if site.disconnected_since is not None:
        text = _(
            "Nothing has been heard from Jira since %(time)s, and it takes no calls of ours. Check"
            " in Jira that the app is installed and that its permissions are granted."
        )
        said = {"time": written(site.disconnected_since)}
        yield Notice("error", _("Jira is disconnected"), text % said)
    elif installation is not None and not installation.has_token(timezone.now()):
        since = installation.system_token_expires_at or installation.heard_at
        text = _(
            "Since %(time)s. Requests are opened as soon as Jira sends one, within an hour as a"
            " rule."
        )
        title = _("Waits for a token from Jira")
        yield Notice("warning", title, text % {"time": written(since)})


def _licence(site: Site) -> Iterator[Notice]:
    grace_ends_at = site.grace_ends_at
    if site.licence_inactive_since is None or grace_ends_at is None:
        return
    if grace_ends_at <= timezone.now():
        text = _(
            "Since %(time)s nothing is sent. Incoming messages are kept, but open no requests since"
            " %(end)s. Renew the licence in Jira."
        )
    else:
        text = _(
            "Since %(time)s nothing is sent. Incoming messages still open requests until %(end)s."
            " Renew the licence in Jira."
        )
    said = {"time": written(site.licence_inactive_since), "end": written(grace_ends_at)}
    yield Notice("error", _("The licence is not active"), text % said)


def _limit(installation: Installation | None) -> Iterator[Notice]:
    own = installation.held_until if installation is not None else None
    ends = [end for end in (budget.held_until(), own) if end and end > timezone.now()]
    if ends:
        yield Notice(
            "warning",
            _("Jira's limit is reached until %(time)s") % {"time": written(max(ends))},
            _(
                "Messages are kept, and their requests are opened after that. Until then OmniChat"
                " opens on no further request."
            ),
        )


def _where_requests_go() -> Iterator[Notice]:
    defaults = RequestDefaults.objects.current()
    page = reverse("admin:jira_bridge_requestdefaults_changelist")
    if defaults is None:
        text = _("Customers' messages are kept, but open no requests.")
        yield Notice("error", _("No request type is chosen"), text, page, is_step=True)
        return
    if defaults.problem:
        title = _("The default request type does not work")
        yield Notice("error", title, told_problem(defaults), page)
    if defaults.customers_refused_at is not None:
        text = _("Since %(time)s the app itself is the reporter of new requests.")
        yield Notice(
            "warning",
            _("Jira does not let the app make customers"),
            text % {"time": written(defaults.customers_refused_at)},
            page,
        )
    for rule in SenderRule.objects.exclude(problem="").select_related("sender"):
        title = _("Requests from %(sender)s do not work") % {"sender": rule.sender}
        yield Notice("error", title, told_problem(rule), _page_of(rule))


def _page_of(rule: SenderRule) -> str:
    return reverse("admin:jira_bridge_senderrule_change", args=[rule.pk])


def _waiting_requests() -> Iterator[Notice]:
    late = Q(state=OutboxEntry.State.PENDING, created_at__lt=timezone.now() - LATE)
    stuck = OutboxEntry.objects.filter(late | Q(state=OutboxEntry.State.DEAD), topic="request.open")
    first = stuck.order_by("pk").first()
    if first is None:
        return
    count = stuck.count()
    title = ngettext(
        "%(count)s request is not opened yet", "%(count)s requests are not opened yet", count
    )
    text = _("The first waits since %(time)s.")
    if first.last_error:
        text = _("The first waits since %(time)s. Last try: %(reason)s")
    said = {"time": written(first.created_at), "reason": first.last_error}
    yield Notice(
        "error",
        title % {"count": count},
        text % said,
        f"{reverse('admin:conversations_outboxentry_changelist')}?topic__exact=request.open",
    )


def _hidden_requests() -> Iterator[Notice]:
    hidden = Conversation.objects.exclude(issue_hidden_since=None)
    count = hidden.count()
    if not count:
        return
    keys = list(hidden.order_by("-pk").values_list("issue_key", flat=True)[:KEYS_NAMED])
    more = count - len(keys)
    text = _(
        "%(keys)s: deleted, or not visible to the app. Let the app see them in the project's"
        " permissions."
    )
    if more:
        text = ngettext(
            "%(keys)s and %(more)s more: deleted, or not visible to the app. Let the app see them"
            " in the project's permissions.",
            "%(keys)s and %(more)s more: deleted, or not visible to the app. Let the app see them"
            " in the project's permissions.",
            more,
        )
    title = ngettext("Jira hides %(count)s request", "Jira hides %(count)s requests", count)
    said = {"keys": ", ".join(keys), "more": more}
    yield Notice("warning", title % {"count": count}, text % said)


def _given_up() -> Iterator[Notice]:
    """What Jira refused for good, besides requests themselves: a file, a transcript, a reporter."""
    dead = OutboxEntry.objects.filter(state=OutboxEntry.State.DEAD, topic__startswith="request.")
    given_up = dead.exclude(topic="request.open")
    last = given_up.order_by("-pk").first()
    if last is None:
        return
    count = given_up.count()
    title = ngettext("Jira refused %(count)s change", "Jira refused %(count)s changes", count)
    text = _("A file, a transcript, a reporter or a property of a request. The last: %(reason)s")
    yield Notice(
        "warning",
        title % {"count": count},
        text % {"reason": last.last_error},
        f"{reverse('admin:conversations_outboxentry_changelist')}?state__exact=dead",
    )
