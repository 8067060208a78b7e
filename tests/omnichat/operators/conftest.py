"""A browser at the operators' console: on the machines' host, in the public schema."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logins import sessions
from tenants.context import enter_public, public_context

PASSWORD = "correct horse battery"


def operator(name="olga", **values):
    with public_context():
        return User.objects.create_superuser(name, password=PASSWORD, **values)


def admitted(user):
    """Let a user in as a password and a second step do."""
    client = Client()
    with public_context():
        client.force_login(user)
        session = client.session
        session[sessions.VIA] = sessions.Via.JIRA
        session.save()
    return client


@pytest.fixture
def olga(db):
    return operator()


@pytest.fixture
def console(olga):
    """A client in which Olga is in; requests and the test itself are in the public schema."""
    client = admitted(olga)
    enter_public()
    return client
