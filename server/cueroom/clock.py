"""The clock at the edge: the only place where show time comes from real time."""

import time

import msgspec

from cueroom.settings import Settings


class Clock(msgspec.Struct, frozen=True):
    """Show time: real time, or, from the real instant `origin_ms` on, `speed` times as fast. Processes with the
    same two figures agree on it."""

    origin_ms: int = 0
    speed: float = 1.0

    def now_ms(self) -> int:
        """Milliseconds of show time since the Unix epoch."""
        return self.shown_at(time.time_ns() // 1_000_000)

    def shown_at(self, real_ms: int) -> int:
        """The show time at a real instant; before the origin both run alike."""
        since = real_ms - self.origin_ms
        return real_ms if since <= 0 or self.speed == 1.0 else self.origin_ms + round(since * self.speed)

    def real_s(self, show_ms: float) -> float:
        """Real seconds that a span of show time takes, for whoever has to wait for it."""
        return show_ms / 1000 / self.speed


def clock_of(settings: Settings) -> Clock:
    """The clock these settings ask for."""
    return Clock(settings.clock_origin, settings.clock_speed)
