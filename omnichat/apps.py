"""`omnichat` as a Django application."""

from django.apps import AppConfig


class OmnichatConfig(AppConfig):
    name = "omnichat"
