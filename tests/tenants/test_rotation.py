"""An old key goes once every secret at rest has been made anew with the newest one."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command

from channels.models import ProviderAccount, WebhookSecret
from logins.models import Authenticator
from omnichat.management.commands import rotate_encryption
from tenants import encryption, rotation
from tenants.context import public_context, tenant_context
from tenants.models import InboundKey, Installation
from tests.factories import ProviderAccountFactory

pytestmark = pytest.mark.django_db

OLD, NEW, THIRD = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def ring(db, settings):
    """Choose the keys of the product."""
    with public_context():
        InboundKey.objects.all().delete()  # those of other keys

    def choose(*keys):
        settings.ENCRYPTION_KEYS = list(keys)
        encryption.forget()

    choose(OLD)
    yield choose
    encryption.forget()


@pytest.fixture
def secrets(ring, acme, globex, django_user_model):
    """Secrets of every kind at both sites and in the public schema."""
    with public_context():
        InboundKey.objects.issue(acme)
        Installation.objects.create(site=globex, installation_id="i", system_token="token")
        operator = django_user_model.objects.create_user("olga")
        Authenticator.objects.create(user=operator, key="aa")
    for site in (acme, globex):
        with tenant_context(site):
            ProviderAccountFactory(api_key=f"key of {site.slug}")
            WebhookSecret.objects.create(kind="hmac", secret="s3cret")


def rotate():
    out = StringIO()
    call_command("rotate_encryption", stdout=out, stderr=out)
    return out.getvalue()


def test_old_key_can_be_dropped_afterwards(secrets, ring, acme, globex):
    ring(NEW, OLD)
    assert "7 secrets turned" in rotate()
    ring(NEW)

    with public_context():
        assert InboundKey.objects.get().key
        assert Installation.objects.get().system_token == "token"
        assert Authenticator.objects.get().key == "aa"
    for site in (acme, globex):
        with tenant_context(site):
            assert ProviderAccount.objects.get().api_key == f"key of {site.slug}"
            assert WebhookSecret.objects.get().secret == "s3cret"


def test_without_rotation_the_old_key_is_needed(secrets, ring):
    ring(NEW)

    with public_context(), pytest.raises(InvalidToken):
        InboundKey.objects.get()


def test_second_rotation_finds_all_done(secrets, ring):
    ring(NEW, OLD)
    rotate()

    assert "0 secrets turned" in rotate()


def test_one_site_alone(secrets, ring, acme, globex):
    ring(NEW, OLD)

    rotation.rotate_site(acme)

    ring(NEW)
    with tenant_context(acme):
        assert ProviderAccount.objects.get().api_key == "key of acme"
    with public_context():
        assert InboundKey.objects.get().key
    with tenant_context(globex), pytest.raises(InvalidToken):
        ProviderAccount.objects.get()


def test_secret_of_no_known_key_is_counted_by_site_and_ends_it_with_an_error(secrets, ring):
    ring(NEW)

    with pytest.raises(CommandError) as refusal:
        rotate()

    where = "operators (1), site_acme/acme (3), site_globex/globex (3)"
    assert f"7 secrets can be read by none of ENCRYPTION_KEYS: {where}. Put" in str(refusal.value)


def test_unreadable_secret_keeps_no_other_from_turning(secrets, ring, globex):
    ring(NEW)
    WebhookSecret.objects.create(kind="hmac", secret="of the new key")
    ring(THIRD, OLD)

    with pytest.raises(
        CommandError, match=r"^1 secret can be read by none .*site_acme/acme \(1\)\."
    ):
        rotate()

    ring(THIRD)
    with tenant_context(globex):
        assert WebhookSecret.objects.get().secret == "s3cret"


def test_one_secret_is_one_in_words(ring):
    WebhookSecret.objects.create(kind="hmac", secret="s3cret")
    ring(NEW, OLD)

    said = rotate()

    assert said == (
        "1 secret turned to the newest key.\nThe keys behind the first are needed no more.\n"
    )


def test_secret_saved_meanwhile_is_left_alone(ring, acme, monkeypatch):
    account = ProviderAccountFactory(api_key="before")
    ring(NEW, OLD)

    def save_first(token):
        ProviderAccount.objects.filter(pk=account.pk).update(api_key="meanwhile")
        return encryption.renewed(token)

    monkeypatch.setattr(rotation, "renewed", save_first)
    assert rotation.rotate_site(acme).renewed == 0

    assert ProviderAccount.objects.get().api_key == "meanwhile"


def test_many_rows_are_read_some_at_a_time(ring, acme, monkeypatch):
    monkeypatch.setattr(rotation, "ROWS_AT_ONCE", 2)
    for _ in range(5):
        WebhookSecret.objects.create(kind="hmac", secret="s3cret")
    ring(NEW, OLD)

    assert rotation.rotate_site(acme).renewed == 5


def test_failing_site_stops_no_other_and_is_named(secrets, ring, globex, monkeypatch):
    def fail_at_acme(site):
        if site.slug == "acme":
            raise OSError
        return rotation.rotate_site(site)

    monkeypatch.setattr(rotate_encryption, "rotate_site", fail_at_acme)
    ring(NEW, OLD)

    with pytest.raises(CommandError, match=r"site_acme/acme \(OSError\) failed"):
        rotate()

    ring(NEW)
    with tenant_context(globex):
        assert WebhookSecret.objects.get().secret == "s3cret"
