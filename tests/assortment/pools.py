"""Small pools and wishes that the assortment's tests are about."""

from cueroom.assortment.candidates import Candidate, Profile, Span, Wish
from cueroom.assortment.scoring import Past, score_pool
from cueroom.assortment.worths import Worths

PROFILE = Profile(name="host", price_low=5_000, price_high=20_000)
NOTHING_SOLD = Past({}, {}, usual_per_min=100_000)


def candidate(sku: str, **known: object) -> Candidate:
    """A product of which only what is named matters."""
    usual: dict[str, object] = {"name": sku, "category": "home", "price": 10_000, "stock": 10_000}
    return Candidate(sku=sku, **(usual | known))  # type: ignore[arg-type]  # any of its fields


def worths_of(*candidates: Candidate, profile: Profile = PROFILE, past: Past = NOTHING_SOLD) -> Worths:
    """What they are worth."""
    return Worths(score_pool(candidates, profile, past))


def wish(**asked: object) -> Wish:
    """A wish for some items of any kind."""
    usual: dict[str, object] = {"length_min": 60.0, "count": Span(1, 6), "category_most": 6}
    return Wish(**(usual | asked))  # type: ignore[arg-type]  # any of its fields
