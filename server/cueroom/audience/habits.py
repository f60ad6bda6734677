"""What the crew of a simulated show does when nobody tells it anything: goes on by the plan, restocks in the end."""

from collections.abc import Iterable

from cueroom.audience.simulation import Audience

_GRACE_S = 60
_LEAST_PART = 0.6
"""Left alone, the crew gives an item its planned time and a minute of grace, less when late, never less than
this part of it."""

_NOTICE_EMPTY_S = 30
"""Left alone, somebody sees that buyers have been standing before an empty shelf for so long."""


class Habits:
    """The crew by itself; `played` is what was on air, in its order."""

    def __init__(self, audience: Audience) -> None:
        self.played: list[str] = []
        self._audience = audience
        self._planned_s = {item.sku: item.minutes * 60 for item in audience.rundown.items}
        self._empty_s = 0

    def note(self) -> bool:
        """Keeps what is on air now; whether that is news."""
        live = self._audience.live
        if live is None or (self.played and self.played[-1] == live):
            return False
        self.played.append(live)
        return True

    def go_on(self, order: Iterable[str]) -> None:
        """One more second: the next item of `order` that was not on air yet, once the present one had its time; and
        the next batch, once buyers have waited for it."""
        self._restock()
        if self._audience.live is None or self._audience.air_s > self._patience_s():
            following = next((sku for sku in order if sku not in self.played), None)
            if following:
                self._audience.present(following)

    def _restock(self) -> None:
        live, till = self._audience.live, self._audience.till
        self._empty_s = self._empty_s + 1 if live and till.on_shelf[live] == 0 else 0
        if live and self._empty_s > _NOTICE_EMPTY_S:
            self._audience.release(live, self._audience.next_batch(live))

    def _patience_s(self) -> float:
        """How long the item on air may last when nobody acts."""
        due_s = sum(self._planned_s[sku] for sku in set(self.played[:-1]))
        late_s = max(0.0, self._audience.second - self._audience.air_s - due_s)
        this_s = self._planned_s[self.played[-1]]
        return max(_LEAST_PART * this_s, this_s + _GRACE_S - late_s / 2)
