"""`scripts/bench assortment`: how long a proposal takes, the first of a pool and every one after it."""

import time
from random import Random

import click
import msgspec

from benches.results import Promise, Results, Table, publish
from cueroom.assortment.candidates import Candidate, Profile, Span, Wish
from cueroom.assortment.proposal import Proposal, propose
from cueroom.assortment.scoring import Past, score_pool
from cueroom.assortment.worths import Worths
from cueroom.show.rundown import Role

SMALL, LARGE = 2_000, 100_000
MOST_S = 1.0
CATEGORIES = 20
TAGS = ("pets", "home", "beauty", "food", "sport", "tech")
PROFILE = Profile(name="host", tags={"pets": 3.0, "home": 1.0}, price_low=2_900, price_high=19_900)
PAST = Past({}, {}, usual_per_min=1_000_000)
WISH = Wish(
    length_min=180.0,
    count=Span(20, 30),
    roles={Role.TRAFFIC: Span(3, 30), Role.BENEFIT: Span(2, 30), Role.HOT: Span(4, 30), Role.PROFIT: Span(4, 30)},
    category_most=8,
)


class Point(msgspec.Struct, frozen=True):
    """One size of pool: seconds until its worths are known, and seconds of each proposal."""

    candidates: int
    worths_s: float
    proposals_s: list[float]

    @property
    def slowest_s(self) -> float:
        return max(self.proposals_s)


@click.command("assortment")
@click.option("--bans", default=10, show_default=True, help="how often the best is banned and the rest asked again")
def command(*, bans: int) -> None:
    """Propose a show of three hours from small and large pools, and again after each ban."""
    began_s = time.monotonic()
    points = [measure(pool_of(size), bans) for size in (SMALL, LARGE)]
    publish(summarise(points, time.monotonic() - began_s))


def pool_of(size: int) -> list[Candidate]:
    """Products of all kinds, the same every time."""
    dice = Random(6)
    return [
        Candidate(
            sku=f"P{at:06}",
            name=f"product {at}",
            category=f"category {dice.randrange(CATEGORIES)}",
            price=round(dice.lognormvariate(9.0, 0.8)) + 1,
            stock=dice.randint(50, 20_000),
            tags=frozenset(dice.sample(TAGS, 2)),
            commission=dice.uniform(0.05, 0.4),
            rating=dice.uniform(3.5, 5.0),
            ratings=dice.randint(0, 5_000),
        )
        for at in range(size)
    ]


def measure(pool: list[Candidate], bans: int) -> Point:
    """The worths of a pool once, then proposal after proposal, each without the best of the last."""
    began_s = time.perf_counter()
    worths = Worths(score_pool(pool, PROFILE, PAST))
    _ = worths.worth
    worths_s = time.perf_counter() - began_s
    wish, proposals_s = WISH, []
    for _ in range(bans + 1):
        began_s = time.perf_counter()
        proposal = propose(worths, wish)
        proposals_s.append(time.perf_counter() - began_s)
        assert isinstance(proposal, Proposal)  # noqa: S101  # these pools have a show in them
        best = proposal.places[0].pick.score.candidate.sku
        wish = msgspec.structs.replace(wish, bans=wish.bans | {best})
    return Point(len(pool), worths_s, proposals_s)


def summarise(points: list[Point], seconds: float) -> Results:
    """The times by size of pool."""
    rows = [
        [point.candidates, point.worths_s, sorted(point.proposals_s)[len(point.proposals_s) // 2], point.slowest_s]
        for point in points
    ]
    columns = ("candidates", "once a pool, s", "a proposal, median s", "slowest, s")
    slowest_s = points[0].slowest_s
    return Results(
        name="assortment",
        tables=[Table("A show of three hours, 20 to 30 items", columns, rows, "each proposal after one more ban")],
        promises=[
            Promise(
                f"a proposal from {SMALL:,} candidates", f"< {MOST_S:g} s", f"{slowest_s:.2f} s", slowest_s < MOST_S
            )
        ],
        figures={"points": msgspec.to_builtins(points)},
        seconds=seconds,
    )
