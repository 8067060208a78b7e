"""Files of a conversation on its request in Jira, each attached once."""

import re
from mimetypes import guess_extension
from pathlib import PurePosixPath

from conversations.contracts import Promise
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import Attachment, Conversation
from conversations.outbox import asking_first
from jira_bridge.client import JiraClient
from jira_bridge.models import RequestDefaults
from jira_bridge.tokens import app_client
from jira_bridge.visibility import noticing

WAIT_FOR_REQUEST_SECONDS = 15.0
LONGEST_NAME = 255
CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.IGNORECASE)
ANY_CONTENT = "application/octet-stream"


def attach_file(promise: Promise) -> None:
    """Attach a stored file to the request of its conversation, for people in Jira to see.

    Jira knows no idempotency key: after a try whose end is unknown, a file of the same name and
    size is taken for this one.
    """
    attachment = Attachment.objects.select_related("message__conversation").get(pk=promise.subject)
    if attachment.message is None:
        return
    conversation = attachment.message.conversation
    defaults = RequestDefaults.objects.current()
    refused = attachment.state == Attachment.State.REFUSED
    deleted = conversation.end_reason == Conversation.EndReason.DELETED
    if refused or deleted or (defaults is not None and not defaults.attach_files):
        return
    if not conversation.issue_id or attachment.state != Attachment.State.STORED:
        raise TemporaryFailure(
            "Waits for the request and the file.", retry_after=WAIT_FOR_REQUEST_SECONDS
        )
    name = safe_name(attachment)
    with noticing(conversation.issue_id, attempt=promise.attempt):
        with asking_first(promise):
            client = app_client(spare=True)
            if promise.uncertain_since and is_attached(
                client, conversation.issue_id, name=name, size=attachment.size
            ):
                return
        _send(client, conversation.issue_id, attachment, name)


def is_attached(client: JiraClient, issue_id: str, *, name: str, size: int) -> bool:
    """Whether the issue has a file of this name and size."""
    fields = client.issue(issue_id, fields=["attachment"]).get("fields")
    found = fields.get("attachment") if isinstance(fields, dict) else None
    return any(
        each.get("filename") == name and each.get("size") == size
        for each in found or []
        if isinstance(each, dict)
    )


def safe_name(attachment: Attachment) -> str:
    """Return a file's name without path and control characters, no longer than Jira takes."""
    name = re.split(r"[/\\]", attachment.name)[-1]
    # Browsers' way of sending a quotation mark would give it another name in Jira.
    name = "".join(each for each in name.replace('"', "'") if each.isprintable()).strip()
    if not name.strip("."):
        return f"attachment-{attachment.pk}{guess_extension(attachment.content_type) or ''}"
    ending = PurePosixPath(name).suffix[:20]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(ending)] + ending


def _send(client: JiraClient, issue_id: str, attachment: Attachment, name: str) -> None:
    valid = CONTENT_TYPE.fullmatch(attachment.content_type)
    try:
        content = attachment.file.open("rb")
    except (FileNotFoundError, ValueError) as failure:
        raise PermanentFailure("The file is not in the storage any more.") from failure
    with content:
        client.attach(
            issue_id,
            name=name,
            content=content,
            content_type=attachment.content_type if valid else ANY_CONTENT,
        )
