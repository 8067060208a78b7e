"""What a site's admin should know about Jira: on top of the console's overview."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from conversations.admin.notices import Notice
from conversations.models import Conversation, OutboxEntry
from jira_bridge import budget
from jira_bridge.models import RequestDefaults, SenderRule
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
        yield Notice(
            "error",
            "Jira is disconnected",
            f"Nothing has been heard from Jira since {_moment(site.disconnected_since)}, and it"
            " takes no calls of ours. Check in Jira that the app is installed and that its"
            " permissions are granted.",
        )
    elif installation is not None and not installation.has_token(timezone.now()):
        since = installation.system_token_expires_at or installation.heard_at
        yield Notice(
            "warning",
            "Waits for a token from Jira",
            f"Since {_moment(since)}. Requests are opened as soon as Jira sends one, within an"
            " hour as a rule.",
        )


def _licence(site: Site) -> Iterator[Notice]:
    grace_ends_at = site.grace_ends_at
    if site.licence_inactive_since is None or grace_ends_at is None:
        return
    over = grace_ends_at <= timezone.now()
    messages = (
        f"Incoming messages are kept, but open no requests since {_moment(grace_ends_at)}."
        if over
        else f"Incoming messages still open requests until {_moment(grace_ends_at)}."
    )
    yield Notice(
        "error",
        "The licence is not active",
        f"Since {_moment(site.licence_inactive_since)} nothing is sent. {messages} Renew the"
        " licence in Jira.",
    )


def _limit(installation: Installation | None) -> Iterator[Notice]:
    own = installation.held_until if installation is not None else None
    ends = [end for end in (budget.held_until(), own) if end and end > timezone.now()]
    if ends:
        yield Notice(
            "warning",
            f"Jira's limit is reached until {max(ends):%H:%M} UTC",
            "Messages are kept, and their requests are opened after that. Until then OmniChat"
            " opens on no further request.",
        )


def _where_requests_go() -> Iterator[Notice]:
    defaults = RequestDefaults.objects.current()
    page = reverse("admin:jira_bridge_requestdefaults_changelist")
    if defaults is None:
        title = "No request type is chosen"
        yield Notice("error", title, "Customers' messages are kept, but open no requests.", page)
        return
    if defaults.problem:
        yield Notice("error", "The default request type does not work", defaults.problem, page)
    if defaults.customers_refused_at is not None:
        yield Notice(
            "warning",
            "Jira does not let the app make customers",
            f"Since {_moment(defaults.customers_refused_at)} the app itself is the reporter of"
            " new requests.",
            page,
        )
    for rule in SenderRule.objects.exclude(problem="").select_related("sender"):
        yield Notice("error", f"{rule} do not work", rule.problem, _page_of(rule))


def _page_of(rule: SenderRule) -> str:
    return reverse("admin:jira_bridge_senderrule_change", args=[rule.pk])


def _waiting_requests() -> Iterator[Notice]:
    late = Q(state=OutboxEntry.State.PENDING, created_at__lt=timezone.now() - LATE)
    stuck = OutboxEntry.objects.filter(late | Q(state=OutboxEntry.State.DEAD), topic="request.open")
    first = stuck.order_by("pk").first()
    if first is None:
        return
    count = stuck.count()
    reason = f" Last try: {first.last_error}" if first.last_error else ""
    yield Notice(
        "error",
        "1 request is not opened yet" if count == 1 else f"{count} requests are not opened yet",
        f"The first waits since {_moment(first.created_at)}.{reason}",
        f"{reverse('admin:conversations_outboxentry_changelist')}?topic__exact=request.open",
    )


def _hidden_requests() -> Iterator[Notice]:
    hidden = Conversation.objects.exclude(issue_hidden_since=None)
    count = hidden.count()
    if not count:
        return
    keys = list(hidden.order_by("-pk").values_list("issue_key", flat=True)[:KEYS_NAMED])
    more = f" and {count - len(keys)} more" if count > len(keys) else ""
    yield Notice(
        "warning",
        "Jira hides 1 request" if count == 1 else f"Jira hides {count} requests",
        f"{', '.join(keys)}{more}: deleted, or not visible to the app. Let the app see them in"
        " the project's permissions.",
    )


def _given_up() -> Iterator[Notice]:
    """What Jira refused for good, besides requests themselves: a file, a transcript, a reporter."""
    dead = OutboxEntry.objects.filter(state=OutboxEntry.State.DEAD, topic__startswith="request.")
    given_up = dead.exclude(topic="request.open")
    last = given_up.order_by("-pk").first()
    if last is None:
        return
    count = given_up.count()
    yield Notice(
        "warning",
        "Jira refused 1 change" if count == 1 else f"Jira refused {count} changes",
        f"A file, a transcript, a reporter or a property of a request. The last: {last.last_error}",
        f"{reverse('admin:conversations_outboxentry_changelist')}?state__exact=dead",
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %b %Y, %H:%M} UTC"
