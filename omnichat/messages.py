"""The product's texts for people: found in code and templates, kept in locale/ by language."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PACKAGES = ("conversations", "channels", "jira_bridge", "logins", "tenants", "omnichat")
LANGUAGES = ("de", "hr")

_PLAIN = {"gettext", "gettext_lazy", "gettext_noop", "_"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
_PLURAL_WITH_CONTEXT = {"npgettext", "npgettext_lazy"}
KEYWORDS = {
    **dict.fromkeys(_PLAIN),
    **dict.fromkeys(_PLURAL, (1, 2)),
    **dict.fromkeys(_WITH_CONTEXT, ((1, "c"), 2)),
    **dict.fromkeys(_PLURAL_WITH_CONTEXT, ((1, "c"), 2, 3)),
}
_HEADER = """\
msgid ""
msgstr ""
"Language: {catalog.locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {catalog.plural_forms}\\n"

"""
# What a translation has to carry over as it is: "%(name)s", "%s", "%%m", "{name}", "<strong>".
_PLACE = re.compile(r"%\(\w+\)[sd]|%%?[a-z]\b|\{\w*\}|</?[a-z][^>]*>")


def find() -> Catalog:
    """Return every text of code and templates, as the source says it."""
    found = Catalog()
    for path in sources():
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            # A template is no Python; inside brackets its indentation does not matter.
            text = f"(\n{templatize(text)}\n)"
        calls = extract("python", BytesIO(text.encode()), KEYWORDS, ["Translators:"])
        for _line, said, comments, context in calls:
            found.add(said, auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """Return a language's texts as translators left them."""
    if not path_of(language).exists():
        return _empty(language)
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str, found: Catalog) -> None:
    """Write what was found into a language's files, with its translations where there are some.

    Sorted, without places and dates: who adds a text changes the lines of that text only.
    """
    known, renewed = read(language), _empty(language)
    for message in found:
        if message.id:
            before = known.get(message.id, message.context)
            said = before.string if before else ""
            renewed.add(
                message.id, said, auto_comments=message.auto_comments, context=message.context
            )
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    file = BytesIO()
    write_po(file, renewed, width=100, omit_header=True, sort_output=True, no_location=True)
    header = _HEADER.format(catalog=renewed).encode()
    path_of(language).write_bytes(header + file.getvalue().rstrip() + b"\n")
    path_of(language, ".mo").write_bytes(compiled(language, renewed))


def compiled(language: str, catalog: Catalog) -> bytes:
    """Return a language's texts as gettext reads them, the same whenever they are compiled."""
    copy = _empty(language)
    for message in catalog:
        if message.id:
            copy.add(message.id, message.string, flags=message.flags, context=message.context)
    file = BytesIO()
    write_mo(file, copy)
    return file.getvalue()


def path_of(language: str, suffix: str = ".po") -> Path:
    """Return where a language's texts are kept."""
    return Path(settings.BASE_DIR, "locale", language, "LC_MESSAGES", f"django{suffix}")


def problems(known: Catalog, found: Catalog) -> Iterator[str]:
    """Say what a language's texts lack, and which of them nobody says."""
    for message in found:
        if message.id:
            yield from _problems_of(message, known)
    for message in known:
        if message.id and not found.get(message.id, message.context):
            yield f"{_name(message)}: nobody says this any more"


def _problems_of(message: Message, known: Catalog) -> Iterator[str]:
    here, name = known.get(message.id, message.context), _name(message)
    if not here:
        yield f"{name}: missing"
        return
    if here.fuzzy:
        yield f"{name}: fuzzy"
    forms = _forms(here.string)
    if not all(forms):
        yield f"{name}: not translated"
        return
    wanted = known.num_plurals if message.pluralizable else 1
    if len(forms) != wanted:
        yield f"{name}: {len(forms)} plural forms of {wanted}"
    said = _forms(message.id)[-1]
    for form in forms:
        if _places(form) != _places(said):
            yield f"{name}: other placeholders in “{form}”"
        if _edges(form) != _edges(said):
            yield f"{name}: begins or ends otherwise in “{form}”"


def sources() -> list[Path]:
    root = settings.BASE_DIR
    code = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    templates = [
        path for folder in ("templates", *PACKAGES) for path in (root / folder).rglob("*.html")
    ]
    return [path for path in sorted([*code, *templates]) if "forge" not in path.parts]


def _empty(language: str) -> Catalog:
    # The day would change the compiled file with every run.
    return Catalog(locale=language, creation_date=datetime(2026, 1, 1, tzinfo=UTC), fuzzy=False)


def _name(message: Message) -> str:
    return f"“{_forms(message.id)[0]}”" + (f" ({message.context})" if message.context else "")


def _forms(said: str | Sequence[str] | None) -> Sequence[str]:
    return (said or "",) if isinstance(said, str | None) else said


def _places(text: str) -> list[str]:
    return sorted(_PLACE.findall(text))


def _edges(text: str) -> tuple[bool, ...]:
    """Return which marks a text begins and ends with that stand between it and its neighbours."""
    return (text[:1].isspace(), text[-1:].isspace(), text.endswith(":"), text.endswith("…"))
