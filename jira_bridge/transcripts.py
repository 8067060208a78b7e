"""The transcript of a conversation, kept in Jira when its request is resolved."""

import json
from datetime import UTC, datetime
from io import BytesIO

from conversations.contracts import Promise, SendState
from conversations.models import AgentProfile, Conversation, Message
from conversations.outbox import asking_first
from conversations.phone_numbers import display, mask
from conversations.services.files import note_transcript, transcript_until
from conversations.thread_parts import words_of
from conversations.thread_rows import MessageRow, message_row
from jira_bridge import adf
from jira_bridge.attachments import is_attached
from jira_bridge.models import RequestDefaults
from jira_bridge.tokens import app_client
from jira_bridge.visibility import noticing

LONGEST_COMMENT = 32_767  # characters, of the document as it travels
OURSELVES = "OmniChat"  # what no agent wrote
WORTH_SAYING = {SendState.FAILED, SendState.UNCONFIRMED}


def keep_transcript(promise: Promise) -> None:
    """Write what was said since the last transcript into the request, as the console says.

    The audit log holds up to which message. After a try whose end is unknown, a file of the same
    name and size, or a comment of the same text, is taken for this one.
    """
    conversation = Conversation.objects.select_related("customer").get(pk=promise.subject)
    defaults = RequestDefaults.objects.current()
    if defaults is None or defaults.transcript == RequestDefaults.Transcript.OFF:
        return
    deleted = conversation.end_reason == Conversation.EndReason.DELETED
    messages = _messages(conversation, promise.promised_at)
    if deleted or conversation.customer.erased_at or not messages:
        return
    text = _text(conversation, messages, masked=defaults.mask_number)
    document = adf.document(text)
    in_comment = defaults.transcript == RequestDefaults.Transcript.COMMENT
    name = f"omnichat-{conversation.issue_key}-{promise.promised_at:%Y-%m-%d-%H%M}.txt"
    with noticing(conversation.issue_id, attempt=promise.attempt):
        if in_comment and len(json.dumps(document)) <= LONGEST_COMMENT:
            _comment(promise, conversation, document)
        else:
            _attach(promise, conversation, name, text.encode())
    note_transcript(conversation, until=max(message.pk for message in messages))


def _messages(conversation: Conversation, until: datetime) -> list[Message]:
    """Return what came after the last transcript, and before this one was promised."""
    new = conversation.messages.filter(
        pk__gt=transcript_until(conversation), created_at__lte=until
    ).select_related("address", "quoted__address")
    whole = new.prefetch_related("sends", "attachments", "quoted__attachments")
    return list(whole.in_order())


def _comment(promise: Promise, conversation: Conversation, document: adf.Node) -> None:
    wanted = adf.plain_text(document).split()
    with asking_first(promise):
        client = app_client(spare=True)
        if promise.uncertain_since and any(
            adf.plain_text(comment.get("body")).split() == wanted
            for comment in client.comments(conversation.issue_id)
        ):
            return
    client.comment_internally(conversation.issue_id, document)


def _attach(promise: Promise, conversation: Conversation, name: str, content: bytes) -> None:
    issue_id = conversation.issue_id
    with asking_first(promise):
        client = app_client(spare=True)
        if promise.uncertain_since and is_attached(client, issue_id, name=name, size=len(content)):
            return
    client.attach(
        issue_id, name=name, content=BytesIO(content), content_type="text/plain; charset=utf-8"
    )


def _text(conversation: Conversation, messages: list[Message], *, masked: bool) -> str:
    customer = conversation.customer
    shown = mask if masked else display
    numbers = ", ".join(dict.fromkeys(shown(message.address.value) for message in messages))
    called = f"{_one_line(customer.name)} ({numbers})" if customer.name else numbers
    channels = dict.fromkeys(message.get_channel_display() for message in messages)
    profiles = AgentProfile.objects.filter(account_id__in={each.author for each in messages})
    names = dict(profiles.values_list("account_id", "name"))
    blocks = [f"Conversation with {called}\n{', '.join(channels)}"]
    for message in messages:
        row = message_row(message, customer=customer, names=names, zone=UTC)
        who = row.author if message.author or customer.name else shown(message.address.value)
        by = _one_line(who) if row.inbound or message.author else OURSELVES
        blocks.append(_block(row, by, words_of(message)))
    return "\n\n".join(blocks)


def _block(row: MessageRow, who: str, words: list[str]) -> str:
    said = [f"{row.moment.at:%Y-%m-%dT%H:%MZ}", who, row.channel_label]
    said += [row.label] if row.label else []
    if row.status is not None and row.status.state in WORTH_SAYING:
        said.append(row.status.words)
    files = [_one_line(file.name) for file in row.parts.files]
    lines = [*files, *row.text.splitlines(), *words]
    if row.reaction:
        lines.append(f"({row.reaction})")
    # Each line is marked: a text cannot pass for another message of the transcript.
    return "\n".join([" · ".join(said), *(f"> {line}" for line in lines)])


def _one_line(name: str) -> str:
    return " ".join(name.split())
