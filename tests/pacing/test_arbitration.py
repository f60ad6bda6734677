"""Arbitration: who may speak to the host, when, and what becomes of a cue."""

from itertools import pairwise

import msgspec
import pytest

from cueroom.pacing.arbitration import arbitrate
from cueroom.pacing.engine import TRAITS
from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.view import Advice
from cueroom.show.board import with_cues
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why
from cueroom.show.fold import Ledger
from pacing.rehearsal import START, item, rundown


class Court:
    """A board on which only advice happens."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.ledger = Ledger(rundown())
        self.policy = policy or Policy()
        self.memory = Memory()
        self.issued: list[Cue] = []

    def hear(self, second: int, *advice: Advice) -> list[tuple[str, str]]:
        """The changes at that second: (kind, state)."""
        snapshot = self.ledger.snapshot(START + 1000 * second)
        ruling = arbitrate(snapshot, self.memory, self.policy, list(advice), TRAITS)
        self.memory = ruling.memory
        self.issued += [cue for cue in ruling.changes if cue.state is CueState.ISSUED]
        self.ledger.board = with_cues(self.ledger.board, ruling.changes)
        return [(cue.kind.value, cue.state.value) for cue in ruling.changes]

    def open(self) -> list[str]:
        return [cue.kind.value for cue in self.ledger.board.cues]

    def answer(self, state: CueState, second: int) -> None:
        cue = self.ledger.board.cues[0]
        self.ledger.board = with_cues(self.ledger.board, (cue.moved(state, START + 1000 * second, "person"),))


def advice(kind: Kind, sku: str | None = "V2", after_s: float = 0.0, ready: bool = True) -> Advice:
    return Advice(kind=kind, rule="rule", sku=sku, numbers={"sku": sku}, after_s=after_s, ready=ready)


NEXT, PAYMENT, STOCK = advice(Kind.NEXT), advice(Kind.PAYMENT, None), advice(Kind.STOCK)


def test_advice_must_hold_for_its_time_before_it_becomes_a_cue() -> None:
    court = Court()
    patient = advice(Kind.NEXT, after_s=5)
    assert court.hear(0, patient) == court.hear(4, patient) == []
    assert court.hear(5, patient) == [("next", "issued")]


def test_a_moments_doubt_starts_the_waiting_anew() -> None:
    court = Court()
    patient = advice(Kind.NEXT, after_s=5)
    court.hear(0, patient)
    court.hear(3, advice(Kind.NEXT, after_s=5, ready=False))
    assert court.hear(6, patient) == []


def test_a_cue_stays_while_its_reason_lasts_and_is_withdrawn_after() -> None:
    court = Court()
    court.hear(0, NEXT)
    assert court.hear(2, advice(Kind.NEXT, ready=False)) == []
    assert court.hear(4) == [("next", "withdrawn")]


def test_a_cue_expires_and_rests_before_it_comes_again() -> None:
    court = Court()
    court.hear(0, STOCK)
    stays, rests = TRAITS[Kind.STOCK].stays_s, TRAITS[Kind.STOCK].rests_s
    assert court.hear(stays, STOCK) == [("stock", "expired")]
    assert court.hear(rests - 1, STOCK) == []
    assert court.hear(rests, STOCK) == [("stock", "issued")]


def test_the_more_urgent_takes_the_hosts_screen_and_the_less_urgent_waits() -> None:
    court = Court()
    court.hear(0, PAYMENT)
    assert court.hear(19, PAYMENT, NEXT) == []
    assert court.hear(20, PAYMENT, NEXT) == [("payment", "superseded"), ("next", "issued")]
    assert court.hear(45, PAYMENT, NEXT, STOCK) == []


def test_a_producers_cue_does_not_wait_for_the_host() -> None:
    court = Court()
    assert court.hear(0, NEXT, advice(Kind.RELEASE)) == [("release", "issued"), ("next", "issued")]


def test_a_persons_message_is_not_taken_from_the_screen() -> None:
    court = Court()
    message = Cue(
        id="c-1",
        kind=Kind.MESSAGE,
        audience=Audience.HOST,
        priority=3,
        text="喝水",
        issued_at=START,
        expires_at=START + 60_000,
        why=Why("message"),
    )
    court.ledger.board = with_cues(court.ledger.board, (message,))
    assert court.hear(30, NEXT) == []
    assert court.hear(60, NEXT) == [("message", "expired"), ("next", "issued")]


@pytest.mark.parametrize(("state", "again_after_s"), [(CueState.DISMISSED, 130), (CueState.ACCEPTED, 130)])
def test_what_people_answered_is_not_said_again_at_once(state: CueState, again_after_s: int) -> None:
    court = Court()
    court.hear(0, NEXT)
    court.answer(state, 10)
    assert court.hear(again_after_s - 1, NEXT) == []
    assert court.hear(again_after_s, NEXT) == [("next", "issued")]


def test_what_nobody_heeds_is_said_less_and_less_often() -> None:
    court = Court()
    issued = [second for second in range(1_000) if ("next", "issued") in court.hear(second, NEXT)]
    assert [later - sooner for sooner, later in pairwise(issued)] == [120, 180, 240, 240]


def test_a_batch_that_nobody_releases_is_asked_for_less_and_less_often() -> None:
    court = Court()
    issued = [second for second in range(600) if ("release", "issued") in court.hear(second, advice(Kind.RELEASE))]
    assert [later - sooner for sooner, later in pairwise(issued)] == [90, 120, 150, 150]


def test_past_the_hosts_hour_what_cannot_wait_goes_to_the_producer_alone() -> None:
    court = Court(Policy(host_budget_h=2))
    heard = []
    for number in range(4):
        court.hear(100 * number)
        court.hear(100 * number + 1, advice(Kind.NEXT, f"V{number}"))
        heard += [cue.audience for cue in court.ledger.board.cues]
    assert heard == [Audience.BOTH] * 2 + [Audience.PRODUCER] * 2
    court.hear(1_000)
    assert court.hear(1_001, PAYMENT) == []


def test_a_silence_that_may_be_chance_neither_issues_nor_withdraws_and_what_held_goes_on_holding() -> None:
    court = Court()
    silence = advice(Kind.BLIND, None, ready=False)
    patient = advice(Kind.ENCORE, after_s=10)
    court.hear(0, PAYMENT, patient)
    assert court.hear(6, silence) == court.hear(12, silence) == []
    assert court.open() == ["payment"]
    assert court.hear(20, PAYMENT, patient) == [("payment", "superseded"), ("encore", "issued")]


def test_the_calls_to_come_keep_their_room_in_the_hosts_hour() -> None:
    court = Court()
    court.ledger = Ledger(rundown(*(item(f"V{number}", minutes=6) for number in range(1, 10))))
    for number, kind in enumerate((Kind.PAYMENT, Kind.STOCK, Kind.HANDOVER, Kind.ENGAGE)):
        court.hear(700 * number, advice(kind, f"V{number}"))
    for number in range(1, 10):
        court.hear(2_200 + 100 * number, advice(Kind.NEXT, f"V{number}"))
    assert {cue.audience for cue in court.issued if cue.kind is Kind.NEXT} == {Audience.BOTH}


def test_the_last_places_of_the_hosts_hour_are_for_calls() -> None:
    court = Court()
    for number in range(10):
        court.hear(100 * number, advice(Kind.NEXT, f"V{number}"))
    court.hear(1_000, STOCK)
    court.hear(1_100, advice(Kind.NEXT, "V10"))
    court.hear(1_200, advice(Kind.NEXT, "V11"))
    assert {(cue.kind, cue.audience) for cue in court.issued} == {(Kind.NEXT, Audience.BOTH)}


@pytest.mark.parametrize(
    ("kind", "told"),
    [(Kind.WRAP, True), (Kind.BENEFIT, True), (Kind.ENGAGE, True), (Kind.HANDOVER, True), (Kind.STOCK, False)],
)
def test_what_cannot_wait_goes_to_the_producer_once_the_hosts_hour_is_full(kind: Kind, told: bool) -> None:
    court = Court(Policy(host_budget_h=2))
    court.hear(0, advice(Kind.NEXT, "V1"))
    court.hear(300, advice(Kind.NEXT, "V2"))
    court.hear(600, advice(kind))
    cues = [cue.audience for cue in court.issued if cue.kind is kind]
    assert cues == [Audience.PRODUCER] * told


def test_what_does_not_change_the_item_keeps_to_its_budget() -> None:
    court = Court(Policy(host_extra_h=2))
    spoken = []
    for number in range(10):
        court.hear(100 * number + 99)
        spoken += court.hear(100 * number + 100, advice(Kind.STOCK, f"V{number}"))
    assert spoken == [("stock", "issued")] * 2
    assert court.hear(1_100, NEXT) == [("next", "issued")]


def test_a_kind_that_is_off_is_not_heard() -> None:
    court = Court()
    court.policy = msgspec.structs.replace(court.policy, off=(Kind.NEXT,))
    assert court.hear(0, NEXT) == []
