"""Unpaid orders: push for payment when what can be saved is worth more than the selling time it costs."""

from cueroom.pacing.view import Advice, Trait, View
from cueroom.show.cues import Audience, Kind
from cueroom.show.state import MINUTE_MS

PAYMENT = Trait(priority=3, audience=Audience.BOTH, stays_s=90, rests_s=600)

_OLDEST_MIN = 20
_AGAIN = 0.2


def advise_payment(view: View) -> Advice | None:
    """Remind of the orders that wait for their payment."""
    policy = view.policy
    orders, amount, worth = _waiting(view)
    price = max(_second_here(view), view.market.price or 0.0)
    cost = price * policy.payment_cost_s
    save = worth * policy.payment_saved
    if not orders or not view.hears_of_payments or save <= 0.5 * policy.payment_gain * cost:
        return None
    return Advice(
        kind=Kind.PAYMENT,
        rule="unpaid_worth",
        numbers={
            "sku": None,
            "name": None,
            "orders": orders,
            "amount_minor": amount,
            "save_minor": round(save),
            "cost_minor": round(cost),
            "cost_s": round(policy.payment_cost_s),
            "age_s": round(policy.payment_age_s),
            "currency": view.currency,
        },
        sample=orders,
        ready=save > policy.payment_gain * cost,
        after_s=3.0,
    )


def _waiting(view: View) -> tuple[int, int, float]:
    """(orders, amount, amount worth pushing) of those old enough; who was reminded before listens less."""
    until = view.now - round(1000 * view.policy.payment_age_s)
    after = view.now - MINUTE_MS * _OLDEST_MIN
    orders, amount, worth = 0, 0, 0.0
    for minutes in view.snapshot.unpaid.values():
        for since, (count, money) in minutes.items():
            if after < since + MINUTE_MS <= until:
                orders += count
                amount += money
                worth += money * (_AGAIN if since <= view.memory.pushed else 1.0)
    return orders, amount, worth


def _second_here(view: View) -> float:
    """What a second on air brings now, in minor units."""
    live, estimate = view.live, view.estimate
    return estimate.rate() * view.worth if live and estimate else 0.0
