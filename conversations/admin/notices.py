"""What an admin should know, on top of the console's overview: said by whoever settings name."""

from dataclasses import dataclass
from itertools import chain
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Notice:
    """One thing to know; `url` leads to where something can be done about it.

    `is_step`: of a site that is being set up, the checklist says it already.
    """

    level: Literal["warning", "error"]
    title: str
    text: str
    url: str = ""
    is_step: bool = False


def notices() -> list[Notice]:
    """Return what the current site's admin should know, errors first."""
    found = chain.from_iterable(import_string(name)() for name in settings.CONSOLE_NOTICES)
    return sorted(found, key=lambda notice: notice.level != "error")
