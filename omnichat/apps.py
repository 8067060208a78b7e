"""`omnichat` as a Django application."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from omnichat.checks import check_deployment


class OmnichatConfig(AppConfig):
    name = "omnichat"

    def ready(self) -> None:
        register(check_deployment, Tags.security)
