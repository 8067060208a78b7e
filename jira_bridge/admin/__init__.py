"""The console's pages of where requests are opened, and what each sender is used for."""

from jira_bridge.admin import request_defaults, sender_rules, senders

# Importing them registers their pages.
__all__ = ["request_defaults", "sender_rules", "senders"]
