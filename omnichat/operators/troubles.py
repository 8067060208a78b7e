"""What may be the matter with a site, as far as operators can see and should do something."""

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from omnichat.figures import STALE_AFTER
from tenants.models import Site

TOO_LONG = timedelta(minutes=15)  # what is tried again and again has been told to people by then
INSTALLED_WITHIN = timedelta(minutes=5)
FEW = 10  # sends, of which a share says nothing
SHARE = 5  # of the sends of a day: every fifth

ACTIVE = Q(state=Site.State.ACTIVE)


@dataclass(frozen=True)
class Trouble:
    """One thing that may be the matter: its name, what to do, and at which sites it is so."""

    name: str
    label: str | Promise
    advice: str | Promise
    holds: Q


TROUBLES = (
    Trouble(
        "disconnected",
        gettext_lazy("Disconnected"),
        gettext_lazy(
            "Forge has not called for three hours, and Jira takes no calls. Ask the site's admins"
            " whether the app is installed and allowed."
        ),
        ACTIVE & Q(disconnected_since__isnull=False),
    ),
    Trouble(
        "waiting",
        gettext_lazy("Waits too long"),
        gettext_lazy(
            "Something waits for more than 15 minutes. Look at the workers first, then at the"
            " provider's and Jira's state; the site's own console says what waits and why."
        ),
        (
            ACTIVE
            & Q(licence_active=True)
            & (
                Q(figures__inbox_oldest_at__lt=Now() - TOO_LONG)
                | Q(figures__outbox_oldest_at__lt=Now() - TOO_LONG)
            )
        ),
    ),
    Trouble(
        "quarantine",
        gettext_lazy("Quarantine"),
        gettext_lazy(
            "Something came in that was not understood: a defect, or news from a neighbour. Have"
            " it looked at, then the site's owners can try it again in their console."
        ),
        ACTIVE & Q(figures__quarantined__gt=0),
    ),
    Trouble(
        "failing",
        gettext_lazy("Sends fail"),
        gettext_lazy(
            "Every fifth message or more of the last 24 hours did not arrive. The reports in the"
            " site's console say why."
        ),
        (
            ACTIVE
            & Q(figures__failed_sends__gte=FEW)
            & Q(figures__failed_sends__gte=F("figures__messages_out") / SHARE)
        ),
    ),
    Trouble(
        "behind",
        gettext_lazy("Behind"),
        gettext_lazy("Its schema lacks migrations of this release. Migrate it now."),
        ~Q(state=Site.State.INSTALLING) & Q(figures__missing_migrations__gt=0),
    ),
    Trouble(
        "installation",
        gettext_lazy("Not installed"),
        gettext_lazy("Its schema should be there within seconds. Retry, then read the log."),
        Q(state=Site.State.INSTALLING, created_at__lt=Now() - INSTALLED_WITHIN),
    ),
    Trouble(
        "uncounted",
        gettext_lazy("Not counted"),
        gettext_lazy(
            "Its figures are old or missing. Look whether beat and the workers run, and at the"
            " problem below."
        ),
        (
            ACTIVE
            & (
                ~Q(figures__problem="")
                | Q(figures__counted_at=None)
                | Q(figures__counted_at__lt=Now() - STALE_AFTER)
            )
        ),
    ),
)


def with_troubles(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Annotate each site with what is the matter: `in_<name>`, read by `troubles_of`."""
    annotated: QuerySet[Site] = sites.annotate(
        **{
            f"in_{each.name}": ExpressionWrapper(each.holds, output_field=BooleanField())
            for each in TROUBLES
        }
    )
    return annotated


def troubles_of(site: Site) -> list[Trouble]:
    """Return what is the matter with a site that was read `with_troubles`."""
    return [each for each in TROUBLES if getattr(site, f"in_{each.name}")]


def in_trouble(name: str = "") -> Q:
    """Return the condition for sites with one trouble, or with any."""
    wanted = [each for each in TROUBLES if name in ("", each.name)]
    return reduce(or_, [each.holds for each in wanted])
