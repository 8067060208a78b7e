"""What is stored of a site's conversations, one file per aggregate."""

from conversations.models.agent_profile import AgentProfile
from conversations.models.attachment import Attachment
from conversations.models.attention import AgentPresence, ReadMark
from conversations.models.audit import (
    AuditClock,
    AuditEvent,
    AuditRemoval,
    AuditSeal,
    ChainCheck,
)
from conversations.models.auto_reply import (
    AutoReplySettings,
    AutoReplyText,
    Holiday,
    OpeningHours,
)
from conversations.models.canned_reply import CannedReply, CannedReplyUse
from conversations.models.conversation import Conversation
from conversations.models.customer import Address, Customer, NumberDeletion, PhoneNumber
from conversations.models.draft import Draft
from conversations.models.inbox import InboxEntry
from conversations.models.message import Message, Send
from conversations.models.outbox import OutboxEntry
from conversations.models.sender import Sender
from conversations.models.settings import RetentionSettings, SendingSettings
from conversations.models.template import MessageTemplate

__all__ = [
    "Address",
    "AgentPresence",
    "AgentProfile",
    "Attachment",
    "AuditClock",
    "AuditEvent",
    "AuditRemoval",
    "AuditSeal",
    "AutoReplySettings",
    "AutoReplyText",
    "CannedReply",
    "CannedReplyUse",
    "ChainCheck",
    "Conversation",
    "Customer",
    "Draft",
    "Holiday",
    "InboxEntry",
    "Message",
    "MessageTemplate",
    "NumberDeletion",
    "OpeningHours",
    "OutboxEntry",
    "PhoneNumber",
    "ReadMark",
    "RetentionSettings",
    "Send",
    "Sender",
    "SendingSettings",
]
