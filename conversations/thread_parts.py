"""What a message carries beside its text: its files, and its content by kind, ready to be shown."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.content_reading import text_in
from conversations.contracts import MessageKind
from conversations.file_problems import words_for
from conversations.models import Attachment, Message
from conversations.thread_content import (
    Contact,
    Item,
    Place,
    Section,
    contacts_in,
    fields_in,
    items_in,
    ours_in,
    place_in,
    referral_in,
    totals_in,
    words_in,
)

LONGEST_WORD = 40  # characters of a type that we do not know
# They would let a name show its end, and with it its type, as something else.
DIRECTION_MARKS = dict.fromkeys(
    (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)

KINDS = {
    MessageKind.IMAGE: gettext_lazy("Image"),
    MessageKind.DOCUMENT: gettext_lazy("Document"),
    MessageKind.AUDIO: gettext_lazy("Audio"),
    MessageKind.VIDEO: gettext_lazy("Video"),
    MessageKind.STICKER: gettext_lazy("Sticker"),
    MessageKind.LOCATION: gettext_lazy("Location"),
    MessageKind.CONTACT: gettext_lazy("Contact"),
    MessageKind.VOICE: gettext_lazy("Voice message"),
    MessageKind.BUTTON: gettext_lazy("Button answer"),
    MessageKind.LIST: gettext_lazy("List answer"),
    MessageKind.FLOW: gettext_lazy("Form answer"),
    MessageKind.PAYMENT: gettext_lazy("Payment"),
    MessageKind.ORDER: gettext_lazy("Order"),
    MessageKind.INFECTED: gettext_lazy("Infected file, kept by the provider"),
    MessageKind.TEMPLATE: gettext_lazy("Template"),
    MessageKind.REPLY_BUTTONS: gettext_lazy("Buttons"),
    MessageKind.REPLY_LIST: gettext_lazy("List"),
}

LARGEST_SHOWN = {"image": 264, "sticker": 128}  # pixels


@dataclass(frozen=True)
class File:
    """A file of a message, by the state it is in; `look` is how it is shown."""

    attachment: Attachment
    look: str

    @property
    def name(self) -> str:
        return self.attachment.name.translate(DIRECTION_MARKS) or _("File without a name")

    @property
    def size(self) -> str:
        return filesizeformat(self.attachment.size) if self.attachment.size else ""

    @property
    def problem(self) -> str:
        return words_for(self.attachment.problem)

    @property
    def shown_size(self) -> tuple[int, int] | None:
        """Width and height of the image in the thread, in pixels: known before it is loaded."""
        width, height = self.attachment.width, self.attachment.height
        if not width or not height:
            return None
        scale = min(1.0, LARGEST_SHOWN[self.look] / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    @property
    def described(self) -> str:
        """Its type and size, as far as they are known."""
        return " · ".join(part for part in (self.attachment.content_type, self.size) if part)


@dataclass(frozen=True)
class Parts:
    """All of it; what a message does not have is empty."""

    files: tuple[File, ...] = ()
    place: Place | None = None
    contacts: tuple[Contact, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    items: tuple[Item, ...] = ()
    totals: tuple[str, ...] = ()
    note: str = ""
    referral: Section | None = None
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def label_of(message: Message) -> str:
    """Return what kind of message it is; nothing for a text."""
    if message.erased:
        return _("Erased message")
    if message.kind == MessageKind.TEXT:
        return ""
    if message.kind == MessageKind.UNSUPPORTED:
        said = text_in(message.content.get("type"))[:LONGEST_WORD]
        if said.upper() in {"", MessageKind.UNSUPPORTED.upper()}:
            return _("Unsupported message")
        return _("Unsupported message (%s)") % said
    return str(KINDS[MessageKind(message.kind)])


def parts_of(message: Message) -> Parts:
    """Return what is shown of a message beside its text. Reads `attachments` as prefetched."""
    if message.erased:
        return Parts()
    content = message.content
    items = tuple(items_in(content)) if message.kind == MessageKind.ORDER else ()
    answers = message.kind in {MessageKind.BUTTON, MessageKind.LIST}
    ours = ours_in(message.kind, content)
    return Parts(
        files=tuple(file_of(each, message.kind) for each in message.attachments.all()),
        place=place_in(content) if message.kind == MessageKind.LOCATION else None,
        contacts=tuple(contacts_in(content)) if message.kind == MessageKind.CONTACT else (),
        fields=tuple(fields_in(message.kind, content)),
        items=items,
        totals=tuple(totals_in(content)) if items else (),
        note=text_in(content.get("description")) if answers else "",
        referral=referral_in(content),
        header=ours.header,
        footer=ours.footer,
        buttons=ours.buttons,
        sections=ours.sections,
    )


def file_of(attachment: Attachment, kind: str = "") -> File:
    """Nothing passes for an image without a thumbnail, nor for sound or film by its kind alone."""
    media = attachment.content_type.partition("/")[0]
    if attachment.thumbnail:
        look = "sticker" if kind == MessageKind.STICKER else "image"
    else:
        look = media if media in {"audio", "video"} else "document"
    return File(attachment, look)


def words_of(message: Message) -> list[str]:
    """Return in lines what `content` says: for those who read, but see no cards.

    Of a message it stays the same whatever becomes of its files.
    """
    return words_in(message.kind, message.content)
