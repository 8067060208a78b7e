"""Every address of both kinds of host, as their URLconfs have them, and what guards it.

An address under a prefix that nobody has named, or with a capture that nobody has filled in, fails.
"""

import re
from enum import Enum
from functools import cache
from typing import NamedTuple

from django.urls import get_resolver

from tests.omnichat import console_routes

MACHINES, SITE = "omnichat.urls_machines", "omnichat.urls_site"


class Guard(Enum):
    """What an address asks for before it shows or does something."""

    OPEN = "nothing: it shows the same to everybody"
    DOOR = "nothing: it is where somebody proves who they are"
    LEADS_ON = "nothing: it names another address, which is guarded"
    KEY = "a key in the address itself"
    FORGE = "a Forge Invocation Token of Forge's own"
    PAGE = "a Forge Invocation Token"
    PANEL = "a panel session for this very request"
    OPERATOR = "an operator's session"
    CONSOLE = "the session of somebody with a role"


# The first that fits.
GUARDS = (
    (r"(healthz|readyz|metrics|guide/\w+/|panel/|panel/side/)", Guard.OPEN),
    (r"(hooks/infobip/<|media/<|panel/files/<).*", Guard.KEY),
    (r"forge/v1/ui/.*", Guard.PAGE),
    (r"forge/v1/.*", Guard.FORGE),
    (r"panel/<str:issue_id>/.*", Guard.PANEL),
    (r"(operator|admin)/invitation/.*|admin/enter/.*", Guard.KEY),
    (r"(operator|admin)/(login/.*|authenticator/|logout/)|admin/jsi18n/", Guard.DOOR),
    (r"operator/.*", Guard.OPERATOR),
    (r"|admin/\w+/\w+/<path:object_id>/", Guard.LEADS_ON),
    (r"admin/.*", Guard.CONSOLE),
)


class Route(NamedTuple):
    """An address of one kind of host."""

    conf: str
    name: str
    pattern: str
    arguments: tuple[str, ...]

    @property
    def guard(self):
        for pattern, guard in GUARDS:
            if re.fullmatch(pattern, self.pattern):
                return guard
        raise LookupError(f"Say in GUARDS what guards {self.pattern}.")

    def address(self, world):
        filled = self.pattern.replace("^", "").removesuffix("$")
        for name in self.arguments:
            value = str(argument(self, name, world))
            filled = re.sub(rf"<(\w+:)?{name}>|\(\?P<{name}>[^)]*\)", value, filled)
        return "/" + filled


@cache
def routes():
    return tuple(
        Route(conf, name or "", pattern, arguments)
        for conf in (MACHINES, SITE)
        for name, pattern, arguments in console_routes.walk(get_resolver(conf).url_patterns)
    )


def argument(route, name, world):
    """Return what stands for a capture: the id of a real row of a site, and no valid key."""
    if (route.conf, name) in OF_HOST:
        return OF_HOST[route.conf, name](world)
    if name in WORDS:
        return WORDS[name]
    return console_routes.argument(route, name, world.rows)


NO_KEY = "not-a-key"
WORDS = {
    "signed": NO_KEY,
    "token": NO_KEY,
    "inbound_key": NO_KEY,
    "proof": NO_KEY,
    "_name": "file.txt",
    "app_label": "conversations",
    "url": "nowhere/",
}
OF_HOST = {
    (MACHINES, "issue_id"): lambda world: world.issue_id,
    (MACHINES, "name"): lambda _world: "location",
    (MACHINES, "site_id"): lambda world: world.site.pk,
    (MACHINES, "user_id"): lambda world: world.operator_id,
    (MACHINES, "reply_id"): lambda world: world.rows["cannedreply"].pk,
}
