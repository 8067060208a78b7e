"""`manage.py add_operator`: somebody who may enter the operators' console."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from omnichat.operators.people import invite
from omnichat.operators.site import operators, record
from tenants.context import public_context

BY = "add_operator"


class Command(BaseCommand):
    help = (
        "Invites an operator, and prints the link by which they set password and authenticator,"
        " once and within seven days. Of one who is there already, what they had stops working."
        " In the sandbox OPERATOR_PASSWORD in the environment makes the operator at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="What they type to log in.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("OPERATOR_PASSWORD", "")
        with public_context():
            if password:
                self._admit(options["name"], password)
                self.stdout.write(f"{settings.APP_URL}{operators.address('index')}")
                return
            try:
                link = invite(options["name"], by=BY)
            except ValidationError as refusal:
                raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{settings.APP_URL}{link}")

    @transaction.atomic
    def _admit(self, name: str, password: str) -> None:
        if not settings.SANDBOX:
            raise CommandError("OPERATOR_PASSWORD is for the sandbox: send the link instead.")
        user, created = User.objects.get_or_create(username=name)
        if not created and user.is_superuser and user.check_password(password):
            return
        user.set_password(password)
        user.is_active = user.is_staff = user.is_superuser = True
        user.save()
        record("invited", by=BY, operator=name)
