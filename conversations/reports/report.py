"""One report: each of its figures is asked for when it is first wanted, and once."""

from datetime import date
from functools import cached_property

from conversations.models import AgentProfile, Sender
from conversations.reports import sends, talks
from conversations.reports import traffic as messages
from conversations.reports.asking import Asking, Scope


class Report:
    """The figures of a scope; read them while `asking` lasts."""

    def __init__(self, asking: Asking, scope: Scope) -> None:
        self.scope = scope
        self._asking = asking

    @cached_property
    def before(self) -> "Report":
        """The period before this one, of the same length."""
        return Report(self._asking, self.scope.before)

    @cached_property
    def opened(self) -> talks.Grouped[talks.Opened]:
        return talks.opened(self._asking, self.scope)

    @cached_property
    def ended(self) -> talks.Grouped[talks.Ended]:
        return talks.ended(self._asking, self.scope)

    @cached_property
    def reopened(self) -> dict[date, int]:
        return talks.reopened(self._asking, self.scope)

    @cached_property
    def traffic(self) -> messages.Traffic:
        return messages.traffic(self._asking, self.scope)

    @cached_property
    def writers(self) -> dict[str, messages.Written]:
        return messages.writers(self._asking, self.scope)

    @cached_property
    def attempts(self) -> list[sends.Attempts]:
        return sends.attempts(self._asking, self.scope)

    @cached_property
    def agents(self) -> dict[str, str]:
        """Agents' names by their account ids."""
        return dict(AgentProfile.objects.values_list("account_id", "name"))

    @cached_property
    def senders(self) -> dict[int, Sender]:
        return Sender.objects.in_bulk()

    @property
    def empty(self) -> bool:
        figures = (self.opened.total.count, self.ended.total.count, self.attempts)
        return not (any(figures) or self.traffic.total.received or self.traffic.total.sent)
