"""What the console's Overview says of Jira: a step to take, and how it does."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.admin.checklist import Step
from conversations.admin.health import Health
from conversations.admin.queue_words import still_words
from conversations.late_promises import standstill
from conversations.moments import ago
from jira_bridge.models import RequestDefaults
from tenants.context import current_site
from tenants.models import Site

TO_JIRA = tuple(topic for topic in settings.OUTBOX_HANDLERS if topic.startswith("request."))
CHANGE_DEFAULTS = "jira_bridge.change_requestdefaults"


def choose_request_type() -> Step:
    defaults = RequestDefaults.objects.current()
    return Step(
        _("Choose default project and request type"),
        defaults is not None and not defaults.problem,
        _("Choose request type"),
        reverse("admin:jira_bridge_requestdefaults_changelist"),
        CHANGE_DEFAULTS,
    )


def health() -> Iterator[Health]:
    site = Site.objects.get(pk=current_site().pk)  # as it is now, whatever this process remembers
    live = site.installations.filter(removed_at=None).defer("system_token")
    installation = live.order_by("-seen_at").first()
    name = _("Jira")
    if installation is None:
        yield Health(name, "unknown", _("not heard of yet"))
    elif site.disconnected_since is not None:
        said = {"ago": ago(site.disconnected_since)}
        yield Health(name, "bad", _("disconnected %(ago)s") % said)
    elif not installation.has_token(timezone.now()):
        yield Health(name, "unknown", _("waits for a token from Jira"))
    elif late := standstill(TO_JIRA):
        page = f"{reverse('admin:conversations_outboxentry_changelist')}?state__exact=pending"
        text = still_words(late)
        if installation.refused_at is not None:
            text = _(
                "does not take the app's calls, noticed %(ago)s. Check in Jira that the app is"
                " installed and that its permissions are granted. What waits goes on by itself"
            ) % {"ago": ago(installation.refused_at)}
        yield Health(name, "bad", text, page, "conversations.view_outboxentry")
    else:
        yield Health(name, "good", _("heard %(ago)s") % {"ago": ago(installation.heard_at)})
