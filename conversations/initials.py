"""What stands in a round avatar for a name."""


def initials(name: str) -> str:
    """Return up to two letters; nothing for a number."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper()
