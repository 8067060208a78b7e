"""`omnichat` as a Django application."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connection

from omnichat.checks import check_deployment
from omnichat.logs import name_site


class OmnichatConfig(AppConfig):
    name = "omnichat"

    def ready(self) -> None:
        register(check_deployment, Tags.security)
        name_site(lambda: str(getattr(connection, "schema_name", "")))
