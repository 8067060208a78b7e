"""Addresses of files in the panel's templates, where panels and the console show them."""

from typing import Any

from django import template
from django.urls import reverse

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
    """Return where the agent who asks finds a file, for a while; the console, by its session."""
    if "agent" in context:
        return file_address(context["agent"], attachment, thumbnail=thumbnail, download=download)
    where = reverse("admin:transcript_file", args=[context["conversation"].pk, attachment.pk])
    if thumbnail:
        return f"{where}?thumbnail"
    return f"{where}?download" if download else where
