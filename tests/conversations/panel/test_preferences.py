"""The agent's own settings: kept for the account, in force in the composer that comes with them."""

import pytest

from conversations.models import AgentProfile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(inside_acme, panel):
    account_id = panel.agent.account_id
    return AgentProfile.objects.create(account_id=account_id, name="Ana Kovač", locale="de_DE")


def composer(response, elements):
    return next(attrs for _tag, attrs in elements(response).found if attrs.get("id") == "form")


def test_who_chose_nothing_sends_with_ctrl_enter_and_sees_all_figures(panel, question, elements):
    form = composer(panel.get("view"), elements)

    assert (form["data-enter"], form["data-details"], form["data-language"]) == ("false", "1", "")


def test_chosen_settings_are_in_the_composer_that_comes_back(panel, profile, question, elements):
    seen = panel.get("view").headers["X-Seen"]
    response = panel.post(
        "preferences",
        send_with_enter="true",
        language="hr",
        after=question.conversation.version,
        seen=seen,
    )

    form = composer(response, elements)
    assert (form["data-enter"], form["data-details"], form["data-language"]) == ("true", "", "hr")
    assert response.headers["X-Language"] == "hr"


def test_chosen_settings_are_kept_for_the_account(panel, profile, question, elements):
    panel.post("preferences", send_with_enter="true", counter_details="1", language="de")

    profile.refresh_from_db()
    assert (profile.send_with_enter, profile.counter_details, profile.language) == (
        True,
        True,
        "de",
    )
    assert composer(panel.get("view"), elements)["data-enter"] == "true"


def test_another_agent_keeps_their_own(panel, panel_of, profile, question, elements):
    panel.post("preferences", send_with_enter="true")

    other = panel_of(account_id="ivan")
    assert composer(other.get("view"), elements)["data-enter"] == "false"


def test_as_in_jira_is_the_language_of_the_account(panel, profile):
    response = panel.post("preferences", language="")

    assert response.headers["X-Language"] == "de"


def test_account_that_we_have_not_met_is_met_now(panel, question):
    panel.post("preferences", send_with_enter="true")

    profile = AgentProfile.objects.get(account_id=panel.agent.account_id)
    assert (profile.name, profile.send_with_enter) == (panel.agent.name, True)


def test_language_that_we_do_not_speak_is_refused(panel, profile):
    response = panel.post("preferences", language="xx", send_with_enter="true")

    assert response.status_code == 422
    profile.refresh_from_db()
    assert profile.send_with_enter is False


@pytest.mark.parametrize(
    ("with_enter", "keys", "shortcut"),
    [(True, "<kbd>Enter</kbd> sends", "Enter"), (False, "<kbd>Enter</kbd> sends", "Control+Enter")],
)
def test_hint_and_button_say_which_key_sends(panel, profile, question, with_enter, keys, shortcut):
    AgentProfile.objects.update(send_with_enter=with_enter)

    page = panel.get("view").content.decode()

    assert keys in page
    assert ('<kbd class="modifier">Ctrl</kbd>' in page) is not with_enter
    assert f'aria-keyshortcuts="{shortcut}"' in page


def test_every_language_can_be_chosen(client):
    page = client.get("/panel/").content.decode()

    for code, name in (("en-gb", "English (UK)"), ("de", "Deutsch"), ("hr", "Hrvatski")):
        assert f'<option value="{code}" lang="{code}">{name}</option>' in page
