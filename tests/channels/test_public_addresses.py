"""Public addresses may be reached, everything that leads inside may not."""

import socket

import pytest

from channels import downloads
from channels.downloads import downloaded
from channels.public_addresses import ForbiddenAddress, addresses_of, is_allowed
from conversations.errors import TemporaryFailure

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "fe80::1",
    "fe80::1%1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = [
    "8.8.8.8",
    "193.105.74.10",
    "172.15.1.1",
    "100.128.0.1",
    "::ffff:8.8.8.8",
    "2606:4700::1",
]


@pytest.fixture(autouse=True)
def _in_production(settings):
    settings.SANDBOX = False
    settings.INFOBIP_HOSTS = ["api.infobip.com", ".api.infobip.com"]


@pytest.fixture
def names(monkeypatch):
    """Let host names mean what a test says, one meaning for each question."""
    meanings = {}

    def resolve(host, port, **options):
        address = meanings[host].pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return meanings


@pytest.fixture
def connections(monkeypatch):
    """Keep to which addresses a connection would go; none is made."""
    tried = []

    def refuse(scheme, host, address, port):
        tried.append((scheme, host, address, port))
        raise OSError

    monkeypatch.setattr(downloads, "_connection", refuse)
    return tried


def fetch(url):
    with downloaded(url, key="App tests-key", largest=10):
        pass


@pytest.mark.parametrize("address", INSIDE)
def test_inside_is_forbidden(address):
    assert is_allowed(address) is False


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside_is_allowed(address):
    assert is_allowed(address) is True


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_with_the_sandbox_this_machine_is_allowed_and_no_other_inside(settings, address):
    settings.SANDBOX = True

    assert is_allowed(address) is True
    assert is_allowed("10.1.2.3") is False


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
def test_what_is_no_name_is_forbidden(host):
    with pytest.raises(ForbiddenAddress):
        addresses_of(host, 443)


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "0177.0.0.1", "127.1"])
def test_numbers_that_mean_this_machine_are_read_as_the_network_reads_them(host):
    with pytest.raises(ForbiddenAddress):
        addresses_of(host, 443)


def test_one_address_inside_forbids_the_host(monkeypatch):
    found = [(0, 0, 0, "", (address, 443)) for address in ("8.8.8.8", "10.1.2.3")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **options: found)

    with pytest.raises(ForbiddenAddress):
        addresses_of("api.infobip.com", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.infobip.com/media",
        "https://api.infobip.com@evil.example/media",
        "https://user:word@api.infobip.com/media",
        "https://api.infobip.com.evil.example/media",
        "https://evilapi.infobip.com.example/media",
        "https://api.infobip.com:8443/media",
        "https://evil.example\\@api.infobip.com/media",
        "https://evil.example#@api.infobip.com/media",
        "https://0x7f.1/media",
        "https://[::1]/media",
        "file:///etc/passwd",
        "ftp://api.infobip.com/media",
        "//api.infobip.com/media",
        "",
        "https://",
        "https://api.infobip.com\n.evil.example/media",
    ],
)
def test_first_address_must_be_the_providers(url, connections):
    with pytest.raises(ForbiddenAddress):
        fetch(url)

    assert connections == []


@pytest.mark.parametrize("host", ["api.infobip.com", "abc12.api.infobip.com"])
def test_provider_is_reached_by_the_address_that_was_checked(host, names, connections):
    names[host] = ["193.105.74.10", "127.0.0.1"]

    with pytest.raises(TemporaryFailure):
        fetch(f"https://{host}/whatsapp/1/media")

    assert connections == [("https", host, "193.105.74.10", 443)]


def test_providers_name_that_leads_inside_is_refused(names, connections):
    names["api.infobip.com"] = ["169.254.169.254"]

    with pytest.raises(ForbiddenAddress):
        fetch("https://api.infobip.com/media")

    assert connections == []
