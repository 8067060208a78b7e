"""The console's pages of the provider: its account and webhook, templates, missed messages."""

from channels.admin import account, missed, templates

# Importing them registers their pages.
__all__ = ["account", "missed", "templates"]
