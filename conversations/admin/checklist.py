"""What is to be done before a site can talk with customers: asked of the data, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from conversations.models import AutoReplySettings, AutoReplyText


@dataclass(frozen=True)
class Step:
    """One thing to do: `button` leads to `url`, for those who hold `permission`."""

    title: str
    done: bool
    button: str
    url: str
    permission: str


@dataclass(frozen=True)
class ShownStep:
    """A step as one reader sees it: without its button when it is not for them, or done."""

    step: Step
    offered: bool


@dataclass(frozen=True)
class Checklist:
    steps: Sequence[ShownStep]

    @property
    def count(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> int:
        return sum(shown.step.done for shown in self.steps)

    @property
    def finished(self) -> bool:
        return self.done == self.count


def checklist_for(user: User | AnonymousUser) -> Checklist:
    """Return the steps that settings name, in their order."""
    steps: list[Step] = [import_string(name)() for name in settings.CONSOLE_CHECKLIST]
    return Checklist(
        [ShownStep(step, not step.done and user.has_perm(step.permission)) for step in steps]
    )


def set_auto_reply() -> Step:
    """Done when somebody has decided: there is a text, or it was saved switched off."""
    saved = AutoReplySettings.objects.order_by("pk").first()
    decided = saved is not None and (not saved.enabled or AutoReplyText.objects.exists())
    return Step(
        _("Set the auto-reply, or leave it off"),
        decided,
        _("Set auto-reply"),
        reverse("admin:conversations_autoreplysettings_changelist"),
        "conversations.change_autoreplysettings",
    )
