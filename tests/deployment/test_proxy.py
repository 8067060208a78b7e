"""The proxy of the Compose file, run for real where nginx is installed."""

import shutil
import ssl
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.deployment.described import ROOT
from tests.deployment.production import HOST, free_port
from tests.loopback import Neighbour

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on the PATH")
GROUPS = ("hooks", "pages", "stream")
PORTS = {"http": "8080", "world": "8443", "inside": "8444"}
MEGABYTE = b"x" * 1024 * 1024


class Proxy:
    def __init__(self, folder):
        self.folder = folder
        self.ports = {name: free_port() for name in PORTS}
        self.groups = {name: Neighbour() for name in GROUPS}
        trust_nobody = ssl.create_default_context()
        trust_nobody.check_hostname, trust_nobody.verify_mode = False, ssl.CERT_NONE
        self.client = httpx.Client(verify=trust_nobody, trust_env=False, timeout=20)

    def ask(self, path, *, method="GET", to="world", content=b"", **headers):
        for group in self.groups.values():
            group.forget_answers()
            group.answer(200, "here", path=path)
        scheme = "http" if to == "http" else "https"
        address = f"{scheme}://127.0.0.1:{self.ports[to]}{path}"
        return self.client.request(
            method, address, content=content, headers={"host": HOST} | headers
        )

    def asked(self):
        """Return which group got the last request, and the request."""
        ((group, request),) = [
            (name, group.requests.pop()) for name, group in self.groups.items() if group.requests
        ]
        return group, request

    def log(self):
        return (self.folder / "log").read_text()

    def write(self):
        """Put the files where nginx finds them, with ports and neighbours of this machine."""
        for name in ("nginx.conf", "proxy.conf", "groups.conf"):
            text = (ROOT / "deploy/proxy" / name).read_text()
            for theirs in ("/tmp", "/etc/nginx/tls"):  # noqa: S108 - the container's own
                text = text.replace(theirs, str(self.folder))
            text = text.replace("/dev/stdout", str(self.folder / "log"))
            for port, ours in PORTS.items():
                text = text.replace(f"listen {ours}", f"listen 127.0.0.1:{self.ports[port]}")
            for group, neighbour in self.groups.items():
                text = text.replace(f"http://{group}:8000", neighbour.url)
            (self.folder / name).write_text(text)
        write_certificate(self.folder)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    there = Proxy(tmp_path_factory.mktemp("proxy"))
    there.folder.chmod(0o755)
    there.write()
    command = ["nginx", "-c", str(there.folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)  # noqa: S603
    for group in there.groups.values():
        group.__enter__()
    # As whoever runs the tests: the folder is theirs alone.
    command += ["-g", "daemon off; user root;"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            there.ask("/")
            there.asked()
            break
    yield there
    process.terminate()
    process.wait()
    for group in there.groups.values():
        group.__exit__()


def write_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/hooks/infobip/key/", "hooks"),
        ("/stream/", "stream"),
        ("/panel/1/", "pages"),
        ("/forge/v1/events", "pages"),
        ("/admin/", "pages"),
    ],
)
def test_each_group_gets_what_is_its_own(proxy, path, group):
    assert proxy.ask(path).text == "here"
    assert proxy.asked()[0] == group


def test_whom_it_speaks_for_is_said_by_the_proxy_alone(proxy):
    lies = {"x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example.com"}
    proxy.ask("/admin/", **lies, **{"x-forwarded-proto": "http"})

    headers = proxy.asked()[1].headers
    assert (headers["host"], headers["x-forwarded-for"]) == (HOST, "127.0.0.1")
    assert headers["x-forwarded-proto"] == "https"
    assert "x-forwarded-host" not in headers
    assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize("path", ["/metrics", "/operator/", "/operator/sites/", "//operator/"])
def test_operators_figures_and_console_are_inside_only(proxy, path):
    assert proxy.ask(path).status_code == 404
    assert not any(group.requests for group in proxy.groups.values())

    assert proxy.ask(path.replace("//", "/"), to="inside").text == "here"
    assert proxy.asked()[0] == "pages"


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [("/panel/1/uploads", 90, 200), ("/hooks/infobip/key/", 8, 200), ("/forge/v1/events", 12, 413)],
)
def test_files_of_agents_may_be_large(proxy, path, megabytes, status):
    answer = proxy.ask(path, method="POST", content=MEGABYTE * megabytes)

    assert answer.status_code == status
    if status == 200:
        assert len(proxy.asked()[1].body) == megabytes * len(MEGABYTE)


def test_stream_is_passed_on_as_it_comes(proxy):
    for group in proxy.groups.values():
        group.forget_answers()
    proxy.groups["stream"].drip(path="/stream/")

    with proxy.client.stream("GET", f"https://127.0.0.1:{proxy.ports['world']}/stream/") as stream:
        assert next(stream.iter_raw()).startswith(b"x")
    proxy.asked()


def test_http_leads_to_https(proxy):
    answer = proxy.ask("/admin/", to="http")

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/admin/")


def test_no_log_holds_a_path(proxy):
    proxy.ask("/hooks/infobip/an-inbound-key/")
    proxy.asked()

    assert f"{HOST} GET 200" in proxy.log()
    assert "/hooks" not in proxy.log()
    assert "an-inbound-key" not in proxy.log()
