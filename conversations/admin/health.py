"""How what the site depends on does, for the Overview: said by whoever settings name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Health:
    """One thing the site depends on; `url` leads to the cure, for those who hold `permission`."""

    name: str
    state: Literal["good", "bad", "unknown"]
    text: str
    url: str = ""
    permission: str = ""

    @property
    def word(self) -> str:
        """The state for those who do not see its sign."""
        words = {"good": _("Works"), "bad": _("Does not work"), "unknown": _("Not known yet")}
        return words[self.state]


@dataclass(frozen=True)
class ShownHealth:
    health: Health
    cure: str  # "" when there is nothing to mend, or not by this reader


def health_for(user: User | AnonymousUser) -> Sequence[ShownHealth]:
    """Return how everything does: what does not work, then the rest, as the settings name them."""
    found = chain.from_iterable(import_string(name)() for name in settings.CONSOLE_HEALTH)
    shown = [ShownHealth(health, _cure(health, user)) for health in found]
    return sorted(shown, key=lambda each: each.health.state != "bad")


def _cure(health: Health, user: User | AnonymousUser) -> str:
    if health.state == "good" or not health.permission or not user.has_perm(health.permission):
        return ""
    return health.url
