"""What has come of events: of their conversation, of themselves, and what was promised."""

from conversations.models import InboxEntry, OutboxEntry
from tenants.context import tenant_context


def state_of(conversation, site):
    with tenant_context(site):
        conversation.refresh_from_db()
    return conversation.state


def kept(site):
    with tenant_context(site):
        return list(InboxEntry.objects.order_by("pk").values_list("source", "state", "reason"))


def promised(site):
    with tenant_context(site):
        return list(OutboxEntry.objects.order_by("pk").values_list("topic", "group"))
