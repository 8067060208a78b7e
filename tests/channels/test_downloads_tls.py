"""Over TLS the host is known by its name, though the connection goes to a checked address."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels import downloads
from channels.downloads import downloaded
from conversations.errors import TemporaryFailure
from tests.loopback import Neighbour

NAME = "abc12.api.infobip.com"


@pytest.fixture
def certificate(tmp_path):
    """Write a certificate of the provider's name with its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "provider.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def provider(certificate, monkeypatch):
    monkeypatch.setattr(downloads, "addresses_of", lambda host, port: ["127.0.0.1"])
    with Neighbour() as neighbour:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        neighbour._server.socket = context.wrap_socket(neighbour._server.socket, server_side=True)
        yield neighbour


def fetch(provider, host):
    port = provider.host.partition(":")[2]
    with downloaded(f"https://{host}:{port}/media", key="App key", largest=100) as download:
        return download.content.read()


@pytest.fixture(autouse=True)
def _hosts(settings, provider):
    port = provider.host.partition(":")[2]
    settings.INFOBIP_HOSTS = [f"{NAME}:{port}", f"other.example:{port}"]


def test_host_with_its_own_certificate_is_trusted(provider, certificate, monkeypatch):
    monkeypatch.setattr(downloads, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
    provider.answer(200, "bytes", path="/media")

    assert fetch(provider, NAME) == b"bytes"


def test_host_with_the_certificate_of_another_is_not(provider, certificate, monkeypatch):
    monkeypatch.setattr(downloads, "DEFAULT_CA_BUNDLE_PATH", str(certificate))

    with pytest.raises(TemporaryFailure):
        fetch(provider, "other.example")
    assert provider.requests == []


def test_host_that_nobody_vouches_for_is_not(provider):
    with pytest.raises(TemporaryFailure):
        fetch(provider, NAME)
    assert provider.requests == []
