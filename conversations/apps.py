"""The domain as a Django application."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
