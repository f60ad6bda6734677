"""The parameters of the simulated audience, each with its range and where it comes from."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ViewerClass(msgspec.Struct, frozen=True, kw_only=True):
    """People who come and behave alike."""

    name: str
    share: Annotated[float, Meta(ge=0, le=1, description="of all entries; assumed")]
    dwell_s: Annotated[
        float, Meta(ge=5, le=3600, description="mean stay; assumed: most leave a room within a minute, fans stay long")
    ]
    appetite: Annotated[float, Meta(ge=0, le=10, description="readiness to buy against the average entry; assumed")]
    chat: Annotated[float, Meta(ge=0, le=10, description="comments and likes against the average viewer; assumed")]


VIEWERS = (
    ViewerClass(name="passer", share=0.68, dwell_s=25, appetite=0.15, chat=0.2),
    ViewerClass(name="browser", share=0.235, dwell_s=110, appetite=0.8, chat=0.8),
    ViewerClass(name="hunter", share=0.06, dwell_s=900, appetite=3.0, chat=1.0),
    ViewerClass(name="fan", share=0.025, dwell_s=2400, appetite=8.0, chat=1.5),
)
"""Passers-by from the recommendation stream, browsers, bargain hunters and the host's fans."""


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """How a crowd comes, buys and reports. Each field says its range, what it means and where it comes from: a
    practice or figure on record, what vendors publish, or "assumed"."""

    # Coming and going
    entries: Annotated[
        float,
        Meta(ge=1_000, le=50_000_000, description="entries over the planned time; first shows: 10 million (on record)"),
    ]
    viewers: tuple[ViewerClass, ...] = VIEWERS
    waiting_share: Annotated[
        float, Meta(ge=0, le=0.2, description="of all entries, in the room when the show starts; assumed")
    ] = 0.01
    swell: Annotated[float, Meta(ge=0, le=0.9, description="how far inflow rises and falls over the show; assumed")] = (
        0.35
    )
    burst_every_min: Annotated[float, Meta(ge=1, le=1000, description="mean time between bursts; assumed")] = 14
    burst_gain: Annotated[
        float, Meta(ge=0, le=20, description="a burst's inflow at its top, in usual inflows; assumed")
    ] = 1.5
    burst_half_life_s: Annotated[float, Meta(ge=10, le=900, description="how fast a burst fades; assumed")] = 90
    boredom_after_min: Annotated[
        float, Meta(ge=1, le=60, description="people leave sooner after; 6-12 min a sell (QVC hosts, on record)")
    ] = 9
    boredom: Annotated[
        float, Meta(ge=0, le=3, description="extra leaving a further such time; inverted U (EJM 2025), size assumed")
    ] = 0.5

    # Wanting
    demand: Annotated[float, Meta(ge=0.05, le=20, description="true demand against the plan; assumed")] = 1.0
    quality_sd: Annotated[
        float, Meta(ge=0, le=1.5, description="log-sd of an item's true appeal around its plan; assumed")
    ] = 0.5
    notice_s: Annotated[float, Meta(ge=2, le=60, description="until a viewer looks at a new item; assumed")] = 12
    ready_half_life_s: Annotated[
        float, Meta(ge=5, le=300, description="ready buyers used up; seconds to minutes (pacing notes, observed)")
    ] = 25
    hesitant: Annotated[float, Meta(ge=0, le=5, description="people to persuade for each ready buyer; assumed")] = 1.2
    persuade_half_life_s: Annotated[float, Meta(ge=20, le=1200, description="at the height of the script; assumed")] = (
        150
    )
    script_peak_s: Annotated[
        float, Meta(ge=20, le=600, description="when the script persuades most; about four minutes (QVC, on record)")
    ] = 150
    regret: Annotated[
        float, Meta(ge=0, le=0.5, description="of the unpersuaded, ready when the item comes back; assumed")
    ] = 0.06
    off_air: Annotated[
        float, Meta(ge=0, le=0.3, description="rate of buying from the cart off air, against on air; assumed")
    ] = 0.03
    cool_half_life_s: Annotated[float, Meta(ge=20, le=1800, description="ready buyers' patience off air; assumed")] = (
        150
    )
    switch_s: Annotated[float, Meta(ge=0, le=90, description="a new item's introduction, little sold; assumed")] = 20
    moods_sd: Annotated[
        float, Meta(ge=0, le=1, description="log-sd of the room's mood, changing in a minute; assumed")
    ] = 0.2
    host_sd: Annotated[float, Meta(ge=0, le=0.6, description="log-sd between co-hosts; assumed")] = 0.12
    star: Annotated[float, Meta(ge=0.5, le=3, description="the leading host's selling against the others; assumed")] = (
        1.15
    )
    tiring_min: Annotated[
        float, Meta(ge=10, le=600, description="a host sells 10 % less after, without a break; assumed")
    ] = 60

    # Ordering and paying
    click_to_order: Annotated[float, Meta(ge=0.02, le=0.9, description="of those who click; vendors say 0.05-0.4")] = (
        0.3
    )
    view_per_s: Annotated[float, Meta(ge=0, le=1, description="card exposures a viewer a second; assumed")] = 0.05
    qty_more: Annotated[float, Meta(ge=0, le=0.9, description="chance of one more unit in an order; assumed")] = 0.12
    pay_median_s: Annotated[float, Meta(ge=1, le=120, description="from order to payment; assumed")] = 9
    unpaid: Annotated[float, Meta(ge=0, le=0.6, description="orders not paid at once; vendors say 0.1-0.3")] = 0.18
    late_pay_half_life_s: Annotated[
        float, Meta(ge=30, le=3600, description="the undecided pay by themselves; assumed")
    ] = 1500
    push_pays: Annotated[float, Meta(ge=0, le=0.9, description="of the undecided a push (催付) makes pay; assumed")] = (
        0.3
    )
    push_s: Annotated[float, Meta(ge=0, le=120, description="selling time a push costs; assumed")] = 15
    expiry_s: Annotated[
        float, Meta(ge=60, le=7200, description="an unpaid order is cancelled; platforms: 15-30 min")
    ] = 900
    refund: Annotated[
        float, Meta(ge=0, le=0.6, description="of paid orders, within the show; vendors say 0.02-0.3 in all")
    ] = 0.02
    refund_mean_s: Annotated[float, Meta(ge=60, le=86_400, description="from payment to refund; assumed")] = 1800
    patient: Annotated[
        float, Meta(ge=0, le=1, description="of buyers at an empty shelf, still there afterwards; assumed")
    ] = 0.35

    # Talking
    comment_per_min: Annotated[float, Meta(ge=0, le=20, description="of an average viewer; assumed")] = 0.25
    like_per_min: Annotated[float, Meta(ge=0, le=300, description="of an average viewer; assumed")] = 3
    follow_per_entry: Annotated[float, Meta(ge=0, le=0.5, description="转粉率; vendors say 0.01-0.05")] = 0.015
    share_per_min: Annotated[float, Meta(ge=0, le=5, description="of an average viewer; assumed")] = 0.01
    benefit_s: Annotated[float, Meta(ge=0, le=600, description="a benefit works on the room; assumed")] = 60
    benefit_stay: Annotated[float, Meta(ge=0, le=1, description="leaving while it works, against usual; assumed")] = 0.6

    # Bots
    bot_bursts: Annotated[float, Meta(ge=0, le=60, description="expected number in the show; assumed")] = 0
    bot_gain: Annotated[float, Meta(ge=0, le=50, description="their entries in usual inflows; assumed")] = 4
    bot_s: Annotated[float, Meta(ge=1, le=600, description="how long a burst of bots lasts; assumed")] = 40

    # The feed
    late: Annotated[
        float, Meta(ge=0, le=0.5, description="of events; pushes are loosely ordered (official), share assumed")
    ] = 0.01
    late_s: Annotated[float, Meta(ge=1, le=600, description="how late at most; assumed")] = 20
    repeated: Annotated[float, Meta(ge=0, le=0.5, description="of orders; pushes repeat (official), share assumed")] = (
        0.01
    )
    gaps: Annotated[float, Meta(ge=0, le=20, description="silences of the feed in the show; assumed")] = 0
    gap_s: Annotated[float, Meta(ge=1, le=600, description="length of a silence; assumed")] = 20
    identified: bool = False
    """Entries one by one with a viewer id, for the unique count, instead of one total a second."""

    # The people who run the show
    reaction_s: Annotated[float, Meta(ge=0, le=120, description="from cue to act; 30-60 s (pacing notes)")] = 25
    reaction_sd: Annotated[float, Meta(ge=0, le=1, description="log-sd of it; assumed")] = 0.35
    obedience: Annotated[float, Meta(ge=0, le=1, description="of cues followed; assumed")] = 0.9


LAUNCH = Params(
    entries=10_500_000,
    waiting_share=0.006,
    demand=1.65,
    quality_sd=0.3,
    burst_every_min=11,
    burst_gain=2.0,
    star=1.25,
    bot_bursts=2,
    gaps=1,
    reaction_s=20,
)
"""A star's first show: ten million entries, one leading host and her co-hosts."""

SMALL = Params(
    entries=110_000,
    demand=1.55,
    quality_sd=0.35,
    burst_every_min=20,
    burst_gain=1.2,
    bot_bursts=1,
    gaps=1,
    identified=True,
)
"""One host, three hours, about five thousand orders."""
