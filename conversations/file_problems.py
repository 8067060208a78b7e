"""Why a file of a customer's is not here: what is written with it, and what is said."""

from django.utils.translation import gettext_lazy

FORBIDDEN_ADDRESS = "forbidden-address"
TOO_LARGE = "too-large"
EMPTY = "empty"
INFECTED = "infected"
NOT_FOUND = "not-found"
NOT_ALLOWED = "not-allowed"
NOT_TAKEN = "not-taken"
OUT_OF_REACH = "out-of-reach"
DELAYED = "delayed"  # of a file that is still being tried
NO_ROOM = "no-room"  # likewise, but it is our storage that does not take it

# Another try would end the same.
FINAL = frozenset({FORBIDDEN_ADDRESS, TOO_LARGE, EMPTY, INFECTED})


WORDS = {
    FORBIDDEN_ADDRESS: gettext_lazy(
        "The file's address is not one of the provider's, so it was not opened."
    ),
    TOO_LARGE: gettext_lazy("The file is too large. Ask the customer for a smaller one."),
    EMPTY: gettext_lazy("The file is empty. Ask the customer to send it again."),
    INFECTED: gettext_lazy("The file was dangerous, so the provider kept it."),
    NOT_FOUND: gettext_lazy(
        "The provider does not have the file any more. Ask the customer to send it again."
    ),
    NOT_ALLOWED: gettext_lazy(
        "The provider does not let us have the file. Ask your Jira admin to check the key."
    ),
    DELAYED: gettext_lazy(
        "The provider does not hand the file out yet. It is tried again by itself."
    ),
    NO_ROOM: gettext_lazy(
        "OmniChat cannot keep the file at the moment. It is tried again by itself. If it lasts,"
        " tell your admin."
    ),
}
OTHERWISE = gettext_lazy("The file could not be fetched. Try again, or ask the customer for it.")


def words_for(problem: str) -> str:
    """Say what is wrong with a file and what to do about it; "" when nothing is."""
    return str(WORDS.get(problem, OTHERWISE)) if problem else ""
