"""`logins` as a Django application; its tables are in each site's schema and in the public one."""

from django.apps import AppConfig


class LoginsConfig(AppConfig):
    name = "logins"
