"""A message, and the attempts to send it."""

from uuid import UUID, uuid4

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.contracts import (
    LADDER,
    AutoReplyOccasion,
    Channel,
    FailureKind,
    MessageKind,
    SendState,
)
from conversations.models.conversation import Conversation
from conversations.models.customer import Address
from conversations.models.sender import Sender


class MessageQuerySet(models.QuerySet["Message"]):
    def in_order(self) -> "MessageQuerySet":
        """As a thread shows them: by the provider's time, then as they came."""
        return self.order_by("occurred_at", "pk")

    def from_customer(self) -> "MessageQuerySet":
        return self.filter(direction=Message.Direction.IN)

    def changed_after(self, version: int) -> "MessageQuerySet":
        return self.filter(version__gt=version)

    def known_as(self, channel: str, reference: str) -> "MessageQuerySet":
        """Those that a provider means by an id: a customer's by its own, ours by that of a send."""
        ours = Send.objects.known_as(reference).values("message")
        theirs = Message.objects.filter(channel=channel, provider_id=reference).values("pk")
        # Not one condition or the other: for that PostgreSQL reads every message there is.
        return self.filter(pk__in=theirs.union(ours))


class Message(models.Model):
    """One message of a conversation; an outgoing one shows what became of its sends."""

    ERASED = "erased"  # all that the content of a message holds that was emptied for ever

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="messages"
    )
    direction = models.CharField(max_length=3, choices=Direction)
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=20, choices=MessageKind, default=MessageKind.TEXT)
    text = models.TextField(blank=True)
    content = models.JSONField(default=dict, blank=True)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="messages")
    provider_id = models.CharField(max_length=512, blank=True)
    client_id = models.UUIDField(null=True, blank=True)
    author = models.CharField(max_length=128, blank=True, help_text="An agent's Jira account id.")
    auto_reply = models.CharField(
        max_length=10, choices=AutoReplyOccasion, blank=True, help_text="Why it was sent by itself."
    )
    quoted = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    quoted_provider_id = models.CharField(
        max_length=512, blank=True, help_text="As the provider names the quoted message."
    )
    reaction = models.CharField(max_length=64, blank=True, help_text="The customer's, an emoji.")
    reacted_at = models.DateTimeField(null=True, blank=True)
    read_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the provider was asked to show it as read."
    )
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    version = models.BigIntegerField(help_text="The conversation's version at its last change.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("message")
        verbose_name_plural = gettext_lazy("messages")
        indexes = [
            models.Index(fields=["conversation", "version"]),
            models.Index(fields=["conversation", "occurred_at", "id"]),
            models.Index(fields=["address", "-occurred_at"]),
            # Rows come in the order of time: a few pages tell what a month of a report reads.
            BrinIndex(fields=["created_at"], name="message_created", pages_per_range=32),
            models.Index(
                fields=["author", "conversation"], name="message_by_author", condition=~Q(author="")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=~Q(provider_id=""),
                name="inbound_message_stored_once",
            ),
            models.UniqueConstraint(
                fields=["client_id"],
                condition=Q(client_id__isnull=False),
                name="agents_message_stored_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"

    @property
    def inbound(self) -> bool:
        return self.direction == self.Direction.IN

    @property
    def erased(self) -> bool:
        return self.ERASED in self.content

    @property
    def text_alone(self) -> str:
        """What goes over a channel that carries text alone: of a template all its words."""
        if self.kind != MessageKind.TEMPLATE:
            return self.text
        shown, header = self.content.get("shown", {}), self.content.get("header")
        worded = header is None or header["type"] == "text"
        parts = (shown.get("header") if worded else "", self.text, shown.get("footer"))
        return "\n".join(part for part in parts if part)

    @property
    def shown_send(self) -> "Send | None":
        """The newest send, or an older one that proved delivered.

        Reads `sends` as prefetched.
        """
        sends = sorted(self.sends.all(), key=lambda send: send.number)
        delivered = [send for send in sends if send.proved_delivered]
        return delivered[-1] if delivered else (sends[-1] if sends else None)

    @property
    def status(self) -> str:
        """One of received and the states of a send."""
        if self.inbound:
            return "received"
        send = self.shown_send
        return send.state if send else SendState.QUEUED


class SendQuerySet(models.QuerySet["Send"]):
    def known_as(self, reference: str) -> "SendQuerySet":
        """Those that a provider means by `reference`: our id, or one it gave itself."""
        try:
            return self.filter(Q(pk=UUID(reference)) | Q(provider_id=reference))
        except ValueError:
            return self.filter(provider_id=reference)

    def below(self, state: SendState) -> "SendQuerySet":
        """Those that may still move up to `state`."""
        return self.filter(state__in=LADDER[: LADDER.index(state)])


class Send(models.Model):
    """One attempt to send a message; its id is the message id that the provider gets."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="sends")
    number = models.PositiveSmallIntegerField(default=1, help_text="1 for the first attempt.")
    channel = models.CharField(max_length=10, choices=Channel)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=SendState, default=SendState.QUEUED)
    provider_id = models.CharField(max_length=512, blank=True, db_index=True)
    failure = models.CharField(max_length=20, choices=FailureKind, blank=True)
    error_code = models.CharField(max_length=100, blank=True, help_text="The provider's own.")
    error_text = models.CharField(max_length=500, blank=True)
    error_permanent = models.BooleanField(default=False)
    parts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Of an SMS, as they are charged; 0 on other channels."
    )
    by_fallback = models.BooleanField(default=False, help_text="It arrived as an SMS instead.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = SendQuerySet.as_manager()

    class Meta:
        indexes = [
            BrinIndex(fields=["created_at"], name="send_created", pages_per_range=32),
            models.Index(fields=["message"], name="send_failed", condition=Q(state="failed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="one_send_per_attempt")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def proved_delivered(self) -> bool:
        return self.state in {SendState.DELIVERED, SendState.READ}
