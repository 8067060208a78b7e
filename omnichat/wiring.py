"""Which app answers for what, named for those that may not import it; part of the settings."""

PROVIDER_NAME = "Infobip"  # as agents are told of it
CHANNEL_PROVIDERS = {"sms": "channels.infobip.sms", "whatsapp": "channels.infobip.whatsapp"}
WEBHOOK_PROVIDERS = {"infobip": "channels.infobip.webhook"}
MISSED_PROVIDERS = {"infobip": "channels.infobip.missed"}
TEMPLATE_PROVIDERS = {"whatsapp": "channels.infobip.templates"}
BLOCKLIST_PROVIDERS = {"infobip": "channels.infobip.blocklist"}
ACCOUNT_PROVIDERS = {"infobip": "channels.infobip.account"}
SUBSCRIPTION_PROVIDERS = {"infobip": "channels.infobip.subscriptions"}
INBOX_HANDLERS = {
    "infobip": "channels.intake.take_in",
    "infobip-reports": "channels.intake.take_in_report",
    "jira": "jira_bridge.events.take_in",
}
OUTBOX_HANDLERS = {
    "audit.check": "conversations.services.chain_checks.check_piece",
    "message.deliver": "channels.delivery.deliver_message",
    "message.read": "channels.presence.mark_read",
    "customer.typing": "channels.presence.show_typing",
    "templates.sync": "channels.templates.sync",
    "file.fetch": "channels.media.fetch_file",
    "file.remove": "conversations.files.remove_released",
    "webhook.readdress": "channels.readdressing.readdress",
    "senders.check": "channels.senders.check_senders",
    "provider.reconcile": "channels.reconcile.reconcile",
    "blocklist.check": "channels.blocklist.check_list",
    "blocklist.release": "channels.blocklist.release",
    "identity.confirm": "channels.identity.confirm",
    "numbers.forget": "channels.way_test.forget_erased",
    "customer.erase": "conversations.services.erasure.go_on",
    "request.open": "jira_bridge.requests.open_request",
    "request.annotate": "jira_bridge.requests.annotate_request",
    "request.reporter": "jira_bridge.customers.set_reporter",
    "request.attach": "jira_bridge.attachments.attach_file",
    "request.transcript": "jira_bridge.transcripts.keep_transcript",
    "request-types.check": "jira_bridge.targets.keep_check",
    "request.refresh": "jira_bridge.statuses.refresh_request",
    "requests.reconcile": "jira_bridge.statuses.reconcile_site",
}
ROLE_PERMISSIONS = "omnichat.roles.PERMISSIONS"
# Whose messages the provider brings.
SUBSCRIBED_SENDERS = "channels.subscriptions.subscribed_senders"
# What an admin should know, on top of the console's overview.
CONSOLE_NOTICES = [
    "jira_bridge.notices.current",
    "channels.notices.current",
    "conversations.admin.inbox_entries.quarantine_notice",
    "conversations.admin.audit_checks.broken_notice",
    "conversations.admin.background.standstill_notice",
]
# What is to be done before a site can talk with customers, in this order.
CONSOLE_CHECKLIST = [
    "channels.overview.connect_provider",
    "channels.overview.add_sender",
    "jira_bridge.overview.choose_request_type",
    "conversations.admin.checklist.set_auto_reply",
    "channels.overview.deliver_test",
]
# How what a site depends on does.
CONSOLE_HEALTH = [
    "channels.overview.health",
    "jira_bridge.overview.health",
    "conversations.admin.background.health",
]
