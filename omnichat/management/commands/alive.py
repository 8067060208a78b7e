"""`manage.py alive worker`: whether a process of a kind on this machine is heard, for probes."""

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils import timezone

from tenants.models import Pulse
from tenants.pulses import KINDS, SILENT_AFTER, SWEEP


class Command(BaseCommand):
    help = "Say whether a process of this kind was heard on this machine within 45 seconds."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[kind for kind in KINDS if kind != SWEEP])

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        name = f"{kind} {socket.gethostname()[:60]} "
        since = timezone.now() - SILENT_AFTER
        try:
            heard = Pulse.objects.filter(name__startswith=name, beaten_at__gt=since).exists()
        except Error:
            # A restart would not bring the database back.
            self.stdout.write("Not known: the database is out of reach.")
            return
        if not heard:
            raise CommandError(f"No {kind} was heard on this machine within 45 seconds.")
        self.stdout.write(f"A {kind} is alive.")
