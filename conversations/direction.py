"""Marks of direction in a name from outside: they would turn around the sentence it stands in."""

# These hold until another one ends them; those that hold in one place may stay.
SPANNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def kept_to_itself(name: str) -> str:
    """Return a name without what would go on beyond it."""
    return name.translate(SPANNING)
