"""Addresses of files in the panel's templates."""

from typing import Any

from django import template

from conversations.models import Attachment
from conversations.panel.files import file_address

register = template.Library()


@register.simple_tag(takes_context=True)
def address_of(
    context: dict[str, Any],
    attachment: Attachment,
    *,
    thumbnail: bool = False,
    download: bool = False,
) -> str:
    """Return where the agent who asks finds a file, for a while."""
    return file_address(context["agent"], attachment, thumbnail=thumbnail, download=download)
