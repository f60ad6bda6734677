"""Laws of effects: measured against a forecast that was fixed at the acceptance, and silent where nobody can know."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom.pacing.effect import SETTLE_S, WINDOW_S
from cueroom.pacing.pacer import Mind, pace
from cueroom.show import events as ev
from cueroom.show.board import with_cues
from cueroom.show.cues import Audience, Cue, CueState, Doubt, Effect, EffectOutcome, Kind, Why
from cueroom.show.fold import Ledger

START = 1_700_000_000_000
ACCEPTED_S = 120
OPENS_S = ACCEPTED_S + 25
OVER_S = OPENS_S + WINDOW_S + SETTLE_S
Rate = Callable[[int], float]


class Show:
    """V01 on air, with plenty of stock, selling at a rate that is a function of the second."""

    def __init__(self, rate: Rate, stock: int = 100_000) -> None:
        show = small_rundown("show")
        items = tuple(msgspec.structs.replace(item, stock=stock, batches=()) for item in show.items)
        self.ledger = Ledger(msgspec.structs.replace(show, items=items, goal=50_000_000))
        self.mind = Mind()
        self.second = 0
        self.measured: list[Cue] = []
        self._rate = rate
        self._owed = 0.0
        self._orders = 0
        self.apply(ev.ItemPresented(sku="V01"))

    @property
    def now(self) -> int:
        return START + 1000 * self.second

    def apply(self, event: ev.Event) -> None:
        self.ledger.apply(event, self.now)

    def until(self, second: int) -> "Show":
        """Let time pass; every order is paid at once."""
        while self.second < second:
            self.apply(ev.RoomOnline(n=1000))
            self._owed += self._rate(self.second)
            for _ in range(int(self._owed)):
                self._orders += 1
                live = self.ledger.board.live
                self.apply(ev.OrderPaid(id=f"o{self._orders}", sku=live.sku if live else "V01", qty=1))
            self._owed -= int(self._owed)
            self.second += 1
            self.pace()
        return self

    def pace(self) -> None:
        step = pace(self.ledger.snapshot(self.now), self.mind)
        self.mind = step.mind
        self.ledger.board = step.on(self.ledger.board)
        self.measured += step.measured

    def accept(self, kind: Kind = Kind.BENEFIT, sku: str | None = None, **numbers: float) -> "Show":
        """Somebody takes a cue that was issued ten seconds ago."""
        cue = Cue(
            id=f"c-{self.ledger.board.cue_seq + 1000}",
            kind=kind,
            sku=sku,
            audience=Audience.BOTH,
            priority=2,
            text="",
            issued_at=self.now - 10_000,
            expires_at=self.now + 60_000,
            why=Why("rule", numbers=dict(numbers)),
        )
        board = with_cues(self.ledger.board, (cue,))
        self.ledger.board = with_cues(board, (cue.moved(CueState.ACCEPTED, self.now, "producer"),))
        return self

    @property
    def effect(self) -> Effect:
        (cue,) = self.measured
        assert cue.effect
        assert cue.effect in [closed.effect for closed in self.ledger.board.closed]
        return cue.effect


def steps(before: float, after: float) -> Rate:
    """One rate until people have reacted, another from then on."""
    return lambda second: before if second < OPENS_S else after


@pytest.mark.parametrize(
    ("before", "after", "outcome", "doubt"),
    [
        (3.0, 3.0, EffectOutcome.NO_DIFFERENCE, None),
        (3.0, 9.0, EffectOutcome.BETTER, None),
        (3.0, 0.3, EffectOutcome.WORSE, None),
        (0.03, 0.03, EffectOutcome.CANNOT_TELL, Doubt.FEW_ORDERS),
        (0.03, 3.0, EffectOutcome.BETTER, None),
        (0.0, 0.0, EffectOutcome.CANNOT_TELL, Doubt.FEW_ORDERS),
    ],
)
def test_what_came_is_held_against_what_was_to_be_expected(
    before: float, after: float, outcome: EffectOutcome, doubt: Doubt | None
) -> None:
    effect = Show(steps(before, after)).until(ACCEPTED_S).accept().until(OVER_S).effect
    assert (effect.outcome, effect.doubt) == (outcome, doubt)
    assert (effect.since, effect.until) == (START + 1000 * OPENS_S, START + 1000 * (OPENS_S + WINDOW_S))
    assert abs(effect.gmv - round(9_900 * after * WINDOW_S)) <= 9_900
    assert (effect.online, effect.online_expected) == (1000, 1000)
    assert abs(effect.sample - (60 * before + WINDOW_S * after)) <= 2


@settings(max_examples=10)
@given(st.floats(0.1, 9), st.floats(0, 9))
def test_the_forecast_is_that_of_the_acceptance_whatever_comes(before: float, after: float) -> None:
    one = Show(steps(before, after)).until(ACCEPTED_S).accept().until(OVER_S).effect
    other = Show(steps(before, before)).until(ACCEPTED_S).accept().until(OVER_S).effect
    assert (one.gmv_expected, one.gmv_low, one.gmv_high) == (other.gmv_expected, other.gmv_low, other.gmv_high)
    assert one.orders_expected == other.orders_expected


def test_an_item_that_fades_as_its_curve_says_is_no_worse_for_the_cue() -> None:
    fading = Show(lambda second: 0.3 + 20 * 0.5 ** (second / 60)).until(ACCEPTED_S).accept().until(OVER_S).effect
    assert fading.outcome is EffectOutcome.NO_DIFFERENCE
    assert fading.orders_expected is not None
    assert fading.orders_expected < 0.8 * WINDOW_S * (0.3 + 20 * 0.5**2)


def test_a_director_that_takes_over_measures_what_the_last_one_began() -> None:
    show = Show(steps(3, 9)).until(ACCEPTED_S).accept().until(OPENS_S)
    show.mind = msgspec.msgpack.decode(msgspec.msgpack.encode(show.mind), type=Mind)
    assert show.until(OVER_S).effect == Show(steps(3, 9)).until(ACCEPTED_S).accept().until(OVER_S).effect


def test_without_a_release_the_shelf_would_have_been_empty() -> None:
    show = Show(steps(3, 3), stock=380).until(ACCEPTED_S)
    show.accept(Kind.RELEASE, "V01", on_shelf=show.ledger.snapshot(show.now).shelf("V01").on_shelf)
    show.apply(ev.StockReleased(sku="V01", n=1000))
    effect = show.until(OVER_S).effect
    assert effect.orders_expected == 0
    assert effect.outcome is EffectOutcome.BETTER


def test_without_a_hold_the_minutes_would_have_brought_what_they_do_elsewhere() -> None:
    show = Show(steps(3, 3)).until(ACCEPTED_S).accept(Kind.HOLD, "V01", gmv_per_min=4_000, minute_price=1_000)
    assert show.until(OVER_S).effect.outcome is EffectOutcome.BETTER


def test_an_item_brought_on_by_its_own_cue_is_no_other_act() -> None:
    show = Show(steps(3, 9)).until(ACCEPTED_S).accept(Kind.NEXT, "V02").until(ACCEPTED_S + 5)
    show.apply(ev.ItemPresented(sku="V02"))
    effect = show.until(OVER_S).effect
    assert (effect.outcome, effect.doubt) == (EffectOutcome.BETTER, None)


def ended(show: Show) -> None:
    show.apply(ev.ShowEnded())


def accepted_again(show: Show) -> None:
    show.accept(Kind.ENGAGE)


def put_on_another(show: Show) -> None:
    show.apply(ev.ItemPresented(sku="V03"))


@pytest.mark.parametrize(
    ("kind", "happening", "doubt"),
    [
        (Kind.BENEFIT, ended, Doubt.SHOW_ENDED),
        (Kind.BENEFIT, put_on_another, Doubt.OTHER_ACT),
        (Kind.BENEFIT, accepted_again, Doubt.OTHER_ACT),
        (Kind.NEXT, lambda _: None, Doubt.NOT_DONE),
    ],
)
def test_nobody_can_tell_when_something_else_came_between(
    kind: Kind, happening: Callable[[Show], None], doubt: Doubt
) -> None:
    show = Show(steps(3, 9)).until(ACCEPTED_S).accept(kind, "V02").until(OPENS_S + 20)
    happening(show)
    show.until(OVER_S)
    effect = show.measured[0].effect
    assert effect
    assert (effect.outcome, effect.doubt) == (EffectOutcome.CANNOT_TELL, doubt)


def test_nobody_can_tell_what_was_not_seen() -> None:
    show = Show(steps(3, 3)).until(ACCEPTED_S).accept().until(OPENS_S + 20)
    show.second += 20
    assert show.until(OVER_S).effect.doubt is Doubt.BLIND


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.BLIND])
def test_what_asks_for_nothing_that_sells_is_not_measured(kind: Kind) -> None:
    assert Show(steps(3, 3)).until(ACCEPTED_S).accept(kind).until(OVER_S).measured == []


def test_a_dismissed_cue_has_no_effect() -> None:
    show = Show(steps(3, 9)).until(ACCEPTED_S).accept()
    closed = tuple(msgspec.structs.replace(cue, state=CueState.DISMISSED, steps=()) for cue in show.ledger.board.closed)
    show.ledger.board = msgspec.structs.replace(show.ledger.board, closed=closed)
    assert show.until(OVER_S).measured == []
