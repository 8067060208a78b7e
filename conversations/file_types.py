"""What a file is: told by its bytes, with its name and what others say of it only as help."""

import re
from collections.abc import Iterator
from mimetypes import guess_extension, guess_type

import puremagic

UNKNOWN = "application/octet-stream"
# Whoever sends a file may write anything there: it is stored, and stands in a header of ours.
TYPE = re.compile(r"[a-z]{1,15}/[a-z0-9][a-z0-9.+_-]{0,80}")
HEAD = 8192  # bytes that tell a file's type

# What a browser only paints or plays. SVG, HTML and XML can act, so they are never among these.
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
SOUNDS = frozenset(
    f"audio/{name}" for name in ("aac", "amr", "mpeg", "mp4", "ogg", "wav", "webm", "3gpp")
)
FILMS = frozenset(f"video/{name}" for name in ("mp4", "3gpp", "webm", "quicktime"))
HARMLESS = PICTURES | SOUNDS | FILMS

OTHER_NAMES = {
    "application/ogg": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/opus": "audio/ogg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/amr-nb": "audio/amr",
    "image/jpg": "image/jpeg",
    "image/heif": "image/heic",
}
BY_ENDING = {".amr": "audio/amr", ".m4a": "audio/mp4", ".opus": "audio/ogg", ".ogg": "audio/ogg"}
# Containers that look alike with and without a picture in them.
SOUND_OF = {"video/mp4": "audio/mp4", "video/3gpp": "audio/3gpp", "video/webm": "audio/webm"}
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/heic": ".heic",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/amr": ".amr",
    "audio/aac": ".aac",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    UNKNOWN: "",
}
# What is told by words; other marks of a few letters are a text's by chance.
TEXTS = frozenset(
    {
        "text/html",
        "text/xml",
        "application/xml",
        "image/svg+xml",
        "application/pdf",
        "application/rtf",
        "text/rtf",
        "text/vcard",
        "text/calendar",
    }
)


def type_of(head: bytes, *, picture: str, name: str, said: str) -> str:
    """Return the type of a file that begins with `head`.

    `picture` is the type under which it could be opened as a picture, "" if it could not be.
    """
    if picture:
        return picture
    hints = [_normal(said), type_by_name(name)]
    is_text = looks_like_text(head)
    found = [each for each in _by_magic(head, is_text=is_text) if each not in PICTURES]
    if head.startswith(b"PK\x03\x04"):
        found = [each for each in hints if each in found] or ["application/zip"]
    for hint in hints:
        if hint in found:
            return hint
        if found and SOUND_OF.get(found[0]) == hint:
            return hint
    if found:
        # Rare types share the marks of common ones, in no order that could be relied on.
        family = found[0].partition("/")[0]
        alike = (each for each in found if each.startswith(f"{family}/"))
        return next((each for each in alike if each in HARMLESS), found[0])
    if is_text:
        return next((hint for hint in hints if hint.startswith("text/")), "text/plain")
    return UNKNOWN


def type_by_name(name: str) -> str:
    """Return the type that a file's name promises; "" when it promises none."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return BY_ENDING.get(ending) or _normal(guess_type(f"file{ending}")[0] or "")


def ending_of(content_type: str) -> str:
    """Return the usual ending of names of this type, with its dot."""
    usual = ENDINGS.get(content_type)
    return usual if usual is not None else guess_extension(content_type) or ""


def is_disguised(name: str, content_type: str) -> bool:
    """Whether a name promises a picture, sound, film or PDF, and the bytes are something else."""
    promised = type_by_name(name)
    family = promised.partition("/")[0]
    if promised == "application/pdf":
        return content_type != promised
    if family in {"audio", "video"}:
        return content_type.partition("/")[0] not in {"audio", "video"}
    return family == "image" and not content_type.startswith("image/")


def looks_like_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as failure:
        if failure.start < len(head) - 4:  # not merely a character that the cut went through
            return False
        text = head[: failure.start].decode()
    return all(each.isprintable() or each in "\t\n\r\f\ufeff" for each in text)


def _by_magic(head: bytes, *, is_text: bool) -> Iterator[str]:
    """Yield the types that these bytes may be, the likeliest first."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return
    for match in matches:
        found = _normal(match.mime_type) or BY_ENDING.get(match.extension, "")
        if found and found != UNKNOWN and (not is_text or found in TEXTS):
            yield found


def _normal(content_type: str) -> str:
    plain = content_type.partition(";")[0].strip().lower()
    return OTHER_NAMES.get(plain, plain) if TYPE.fullmatch(plain) else ""
