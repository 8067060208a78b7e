"""`jira_bridge` as a Django application."""

from django.apps import AppConfig


class JiraBridgeConfig(AppConfig):
    name = "jira_bridge"
    verbose_name = "Jira"
