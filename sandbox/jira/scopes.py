"""The scopes that Atlassian's admins agreed to: what the app's manifest asks for."""

import re
from pathlib import Path

# A product file, read and never imported.
MANIFEST = Path(__file__).resolve().parents[2] / "jira_bridge" / "forge" / "manifest.yml"
_SCOPE = re.compile(r"""^\s*(?:-\s*)?["']?([a-z]+:[a-z.:-]*[a-z])["']?\s*(?::(.*))?$""")
_IMPERSONATION = re.compile(r"allowImpersonation:\s*true")


def granted_scopes(manifest: Path) -> dict[str, bool]:
    """Return the scopes by name, and whether each may be used for a user who is not there.

    Reads the block `permissions: scopes:`, a list or a map with one entry a line.
    """
    scopes: dict[str, bool] = {}
    last = ""
    for line in _block(manifest.read_text().splitlines()):
        bare = line.partition(" #")[0].rstrip()
        if found := _SCOPE.match(bare):
            last = found[1]
            scopes[last] = False
        if last and _IMPERSONATION.search(bare):
            scopes[last] = True
    return scopes


def _block(lines: list[str]) -> list[str]:
    """Return the lines below `scopes:` of `permissions:`."""
    inside = ""
    block: list[str] = []
    depth = 0
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            inside = line.partition(":")[0]
            depth = 0
        elif inside == "permissions" and depth == 0 and line.strip() == "scopes:":
            depth = indent
        elif depth and (indent > depth or (indent == depth and line.lstrip().startswith("-"))):
            block.append(line)
        else:
            depth = 0
    return block
