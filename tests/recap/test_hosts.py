"""Laws of the hosts: their GMV is the show's, and a hand-over is told by the minutes around it."""

from hypothesis import given
from hypothesis import strategies as st

from cueroom.recap.hosts import handovers_of, hosts_of
from cueroom.show.state import Counts
from recap.shows_told import play, record


@given(
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["lead", "guest-1"])), max_size=6),
    st.dictionaries(st.integers(0, 700), st.integers(1, 10_000)),
)
def test_the_hosts_gmv_and_the_rest_are_the_shows_to_the_last_unit(
    spells: list[tuple[int, str]], paid: dict[int, int]
) -> None:
    plays, at = [], 0
    for length, host in spells:
        plays.append(play("V01", at, at + length, host))
        at += length
    told = record(*plays, seconds={second: {"gmv": gmv} for second, gmv in paid.items()})
    hosts = hosts_of(told)
    assert sum(host.gmv for host in hosts) == told.snapshot.totals.gmv
    assert all(host.gmv > 0 for host in hosts if host.host is None)
    assert sum(host.air_ms for host in hosts) == at * 1000


def test_each_host_is_told_with_turns_items_and_rate() -> None:
    told = record(
        play("V01", 0, 60),
        play("V02", 60, 120),
        play("V04", 120, 180, "guest-1"),
        play("V01", 180, 240),
        seconds={10: {"gmv": 100}, 130: {"gmv": 900}, 200: {"gmv": 20}},
    )
    lead, guest = hosts_of(told)
    assert (lead.name, lead.spells, lead.items, lead.gmv, lead.gmv_per_min) == ("林夏", 3, 2, 120, 40)
    assert (guest.name, guest.spells, guest.gmv_per_min) == ("阿诚", 1, 900)


def test_a_hand_over_is_told_by_the_minutes_around_it() -> None:
    told = record(
        play("V01", 0, 300),
        play("V02", 300, 400),
        play("V04", 400, 460, "guest-1"),
        seconds={10: {"gmv": 9_999}, 250: {"gmv": 300}, 399: {"gmv": 300}, 430: {"gmv": 50}},
        totals=Counts(gmv=10_649),
    )
    (handover,) = handovers_of(told)
    assert (handover.before, handover.after, handover.sku) == ("林夏", "阿诚", "V04")
    assert (handover.before_per_min, handover.after_per_min) == (200, 50)
