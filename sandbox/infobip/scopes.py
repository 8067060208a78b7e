"""What a key must be allowed for each area: any one of the scopes named."""

SEND_SMS = frozenset({"message:send", "sms:message:send", "sms:manage"})
SEND_WHATSAPP = frozenset({"message:send", "whatsapp:message:send", "whatsapp:manage"})
SEND = SEND_SMS | SEND_WHATSAPP
LOGS = frozenset({"sms:logs:read", "sms:manage"})
PREVIEW = frozenset({"sms:manage"})
INBOUND_SMS = frozenset({"inbound-message:read", "sms:inbound-message:read", "sms:manage"})
INBOUND_WHATSAPP = frozenset(
    {"inbound-message:read", "whatsapp:inbound-message:read", "whatsapp:manage"}
)
INBOUND = INBOUND_SMS | INBOUND_WHATSAPP
WHATSAPP = frozenset({"whatsapp:manage"})
SUBSCRIPTIONS = frozenset({"subscriptions:manage"})
NUMBERS = frozenset({"numbers:manage"})
BLOCKLIST = frozenset({"blocklist:manage"})
ACCOUNT = frozenset({"account-management:manage"})
