"""Brings the texts in locale/ up to date with code and templates, and compiles them."""

from typing import Any

from django.core.management.base import BaseCommand

from omnichat import messages


class Command(BaseCommand):
    """Renew the files of every language, and say what they lack."""

    help = "Renew the texts in locale/ from code and templates."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = messages.find()
        for language in messages.LANGUAGES:
            messages.renew(language, found)
            lacking = list(messages.problems(messages.read(language), found))
            self.stdout.write(f"{language}: {len(found)} texts, {len(lacking)} to look at")
            for problem in lacking:
                self.stdout.write(f"  {problem}")
