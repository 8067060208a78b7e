"""Help with values in it: put together when it is read, in its reader's language."""

from django.utils.functional import Promise, keep_lazy_text

from conversations.admin import figures


@keep_lazy_text
def filled_in(text: str | Promise, **values: str | int) -> str:
    """Return a text with its placeholders filled in, lazily where it is lazy."""
    return str(text) % {
        name: figures.number(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
