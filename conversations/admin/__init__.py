"""The site's console: Django's admin with the pages that a site's own people need."""

from conversations.admin import (
    audit_events,
    auto_reply,
    canned_replies,
    conversations,
    customer_merging,
    customer_pages,
    customer_transfers,
    customers,
    inbox_entries,
    my_settings,
    outbox_entries,
    reports,
    retention,
    senders,
    sending_settings,
    user_actions,
    users,
)

# Importing them registers their pages.
__all__ = [
    "audit_events",
    "auto_reply",
    "canned_replies",
    "conversations",
    "customer_merging",
    "customer_pages",
    "customer_transfers",
    "customers",
    "inbox_entries",
    "my_settings",
    "outbox_entries",
    "reports",
    "retention",
    "senders",
    "sending_settings",
    "user_actions",
    "users",
]
