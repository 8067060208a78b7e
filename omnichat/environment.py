"""What the environment says, checked as a whole before the settings read it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from omnichat.variable_forms import TRUE, split
from omnichat.variables import SANDBOX_VARIABLES, VARIABLES, Variable

Environment = Mapping[str, str]

ALIKE = 0.85  # of 1; a name that is so much like one of ours was meant to be it


def given(environment: Environment) -> dict[str, str]:
    """Return what is set: an empty variable counts as none."""
    return {name: value for name, value in environment.items() if value}


def refuse_wrong(environment: Environment) -> None:
    """End the process with all that is wrong, in words. Called before the settings are read."""
    if found := problems(given(environment)):
        lines = "\n".join(f"  - {problem}" for problem in found)
        raise SystemExit(
            f"OmniChat does not start. In its environment (or .env) this is wrong:\n{lines}\n"
            "All variables: docs/operations.md, Settings."
        )


def problems(environment: Environment) -> list[str]:
    """Return all that is wrong, a sentence each; none holds a value."""
    sandbox = is_on(environment, "SANDBOX")
    variables = VARIABLES | (SANDBOX_VARIABLES if sandbox else {})
    return [
        *_each(environment, variables),
        *_together(environment, sandbox=sandbox),
        *_misspelt(environment),
    ]


def is_on(environment: Environment, name: str) -> bool:
    return environment.get(name, "").lower() in TRUE


def _each(environment: Environment, variables: Mapping[str, Variable]) -> Iterator[str]:
    for name, variable in variables.items():
        value = environment.get(name)
        if value is None:
            if variable.required:
                yield f"{name} is missing. It must be {variable.must_be}."
        elif value.startswith("$"):
            yield f"{name} begins with $: a reference that nobody has replaced by its value."
        elif not variable.accepts(value):
            yield f"{name} must be {variable.must_be}."


def _together(environment: Environment, *, sandbox: bool) -> Iterator[str]:
    """Yield what is wrong between variables that are each as they must be."""
    if sandbox and environment.get("APP_URL", "").startswith("https:"):
        yield (
            "SANDBOX trusts an outside world that is played on this machine, and APP_URL is a"
            " public one's (https): unset SANDBOX."
        )
    if not sandbox and "PASSWORD_ALONE" in environment:
        yield (
            "PASSWORD_ALONE lets users log in without a second step. It is for the sandbox alone:"
            " unset it."
        )
    if not sandbox and is_on(environment, "DEBUG"):
        yield "DEBUG shows strangers what is inside. It is for the sandbox alone: unset it."
    bucket = {name for name in environment if name.startswith("FILES_S3_")}
    if bucket and "FILES_S3_BUCKET" not in bucket:
        yield f"FILES_S3_BUCKET is missing, and {', '.join(sorted(bucket))} belong to it."
    if len(bucket & {"FILES_S3_ACCESS_KEY", "FILES_S3_SECRET_KEY"}) == 1:
        yield (
            "FILES_S3_ACCESS_KEY and FILES_S3_SECRET_KEY belong together: set both, or none where"
            " the machine has a role."
        )
    app = split(environment.get("APP_URL", ""))
    named = set(environment.get("MACHINES_HOSTS", (app and app.hostname) or "").split(","))
    for entry in environment.get("REGIONS", "").split(","):
        host, equals, _region = entry.partition("=")
        if equals and host not in named:
            yield f"MACHINES_HOSTS must name {host} too, which REGIONS names."


def _misspelt(environment: Environment) -> Iterator[str]:
    """Yield names that are nearly ours, where ours is not set; a single word may be anybody's."""
    unset = VARIABLES.keys() - environment.keys()
    for name in sorted(name for name in environment.keys() - VARIABLES.keys() if "_" in name):
        if meant := get_close_matches(name, unset, n=1, cutoff=ALIKE):
            yield f"{name} is not known. Was {meant[0]} meant?"
