"""`manage.py check_deployment`: whether this deployment can do its work, tried out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnichat.deployment import examine


class Command(BaseCommand):
    help = (
        "Tries settings, database, schemas, clock, broker and files. Ends with 1 if one is unfit."
    )
    requires_system_checks = []  # they are among what is told

    def handle(self, *args: Any, **options: Any) -> None:
        unfit = []
        for finding in examine():
            said = finding.problem or finding.found
            self.stdout.write(f"{'UNFIT' if finding.problem else 'ok':<6} {finding.about}: {said}")
            unfit += [finding.about] if finding.problem else []
        if unfit:
            raise CommandError(f"Mend {', '.join(unfit)}, and check again.")
