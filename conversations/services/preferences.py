"""What agents want of their own panel: which key sends, how much the counter says, the language."""

from dataclasses import asdict, dataclass

from conversations.contracts import Agent
from conversations.languages import language_of
from conversations.models import AgentProfile


@dataclass(frozen=True)
class Preferences:
    """`language` is one of the settings' codes; empty: as in Jira."""

    send_with_enter: bool = False
    counter_details: bool = True
    language: str = ""


def preferences_of(agent: Agent) -> Preferences:
    profile = AgentProfile.objects.filter(account_id=agent.account_id).first()
    if profile is None:
        return Preferences()
    return Preferences(profile.send_with_enter, profile.counter_details, profile.language)


def save_preferences(agent: Agent, wanted: Preferences) -> str:
    """Keep what the agent wants from now on; returns the language that their panel speaks then."""
    profile, _created = AgentProfile.objects.update_or_create(
        account_id=agent.account_id,
        defaults=asdict(wanted),
        create_defaults={"name": agent.name, "time_zone": agent.time_zone, **asdict(wanted)},
    )
    return language_of(profile.language, profile.locale)
