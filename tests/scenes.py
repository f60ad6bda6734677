"""A show in mid-air as a value: what the screens' tests and screenshots look at."""

from typing import Any

import msgspec

from cueroom.i18n import cue_explain, cue_text
from cueroom.show.board import Board, OnAir, Phase, Play
from cueroom.show.cues import Audience, Cue, CueState, Kind, Step, Why
from cueroom.show.rundown import Host, Item, Role, Rundown, Script
from cueroom.show.state import Counts, Feed, ItemOutlook, Outlook, PlanLine, Shelf, Snapshot, State, describe

START = 1_795_348_800_000
"""20:00 in Shanghai on 22 November 2026."""

_GOODS = (
    ("V01", "无线吸尘器", Role.TRAFFIC, 9_900, 20_000, 8.0),
    ("V02", "玻尿酸补水面膜", Role.BENEFIT, 5_900, 30_000, 7.5),
    ("V03", "山茶花洁面慕斯", Role.HOT, 7_990, 24_000, 12.0),
    ("V04", "羊绒混纺围巾", Role.PROFIT, 26_900, 6_000, 10.0),
    ("V05", "云南小粒咖啡", Role.REGULAR, 6_890, 15_000, 8.5),
    ("V06", "空气炸锅", Role.HOT, 29_900, 12_000, 13.0),
    ("V07", "儿童保温杯", Role.TRAFFIC, 3_990, 18_000, 7.0),
    ("V08", "真丝眼罩", Role.PROFIT, 12_900, 8_000, 9.0),
    ("V09", "阳澄湖大闸蟹礼券", Role.HOT, 39_800, 9_000, 14.0),
    ("V10", "手工牛轧糖", Role.BENEFIT, 2_990, 25_000, 6.5),
    ("V11", "筋膜枪", Role.PROFIT, 45_900, 5_000, 10.5),
    ("V12", "免烫衬衫", Role.REGULAR, 15_900, 10_000, 9.0),
    ("V13", "电动牙刷", Role.HOT, 19_900, 16_000, 12.5),
    ("V14", "香薰蜡烛", Role.REGULAR, 8_800, 7_000, 8.0),
    ("V15", "乳胶枕", Role.PROFIT, 23_900, 6_500, 10.0),
    ("V16", "东北五常大米", Role.BENEFIT, 4_990, 22_000, 8.0),
    ("V17", "折叠露营椅", Role.REGULAR, 13_900, 9_000, 9.5),
    ("V18", "小分子精华液", Role.HOT, 35_900, 14_000, 12.0),
)

_SCRIPT = Script(
    intro="这一款是我自己家里用了两年的洁面。\n氨基酸配方，一泵就是绵密的慕斯。",
    experience="看我手背，打圈、冲水、擦干，\n不拔干、不假滑，敏感肌也放心。",
    promotion="今天拍一发三，到手不到八十块。\n旗舰店单支要一百二十九。",
    benefit="前五千单再送旅行装两支，\n送完就没有，不补。",
    interaction="混油皮的朋友打一个“1”,\n我告诉你早晚怎么用。",
)


def rundown() -> Rundown:
    """Eighteen items, a lead and a guest, ten million yuan as the goal."""
    return Rundown(
        id="launch-0630",
        title="宠粉首播",
        starts_at=START,
        duration_min=175,
        currency="CNY",
        goal=1_000_000_000,
        hosts=(Host("lead", "林夏"), Host("guest-1", "阿诚")),
        items=tuple(_item(place, goods) for place, goods in enumerate(_GOODS)),
    )


def _item(place: int, goods: tuple[str, str, Role, int, int, float]) -> Item:
    sku, name, role, price, stock, minutes = goods
    half = stock // 2
    return Item(
        sku=sku,
        name=name,
        role=role,
        price=price,
        stock=stock,
        batches=(half // 2, half // 2, stock - 2 * (half // 2)) if role is Role.HOT else (),
        minutes=minutes,
        host="guest-1" if place % 5 == 3 else "lead",
        script=_SCRIPT if sku == "V03" else Script(intro=f"{name}，先看细节，再说价格。"),
    )


def cue(
    number: int,
    kind: Kind,
    rule: str,
    numbers: dict[str, int | float | str | None],
    *,
    now: int,
    audience: Audience = Audience.BOTH,
    priority: int = 2,
    state: CueState = CueState.ISSUED,
    text: str = "",
    to: str | None = None,
) -> Cue:
    """A cue as the engine or a person would write it, issued six seconds ago."""
    issued = now - 6_000
    words = {"text": text} if kind is Kind.MESSAGE else numbers
    steps = () if state is CueState.ISSUED else (Step(CueState.SHOWN, issued + 84, "screen"),)
    if state not in (CueState.ISSUED, CueState.SHOWN):
        steps = (*steps, Step(state, now - 1_500, "producer"))
    return Cue(
        id=f"c-{number}",
        kind=kind,
        sku=str(numbers["sku"]) if "sku" in numbers else None,
        audience=audience,
        to=to,
        priority=priority,
        text=cue_text("zh-Hans", kind.value, rule, words),
        issued_at=issued,
        expires_at=now + 9_000,
        state=state,
        why=Why(
            rule=rule,
            numbers=numbers,
            sample=212,
            age_ms=180,
            explain=cue_explain("zh-Hans", kind.value, rule, numbers),
        ),
        steps=steps,
    )


def open_cues(now: int) -> tuple[Cue, ...]:
    """One to act on, one about stock for the producers, one a person wrote."""
    following: dict[str, int | float | str | None] = {
        "sku": "V04",
        "name": "羊绒混纺围巾",
        "live_sku": "V03",
        "live_name": "山茶花洁面慕斯",
        "gmv_per_min": 2_140_000,
        "minute_price": 3_400_000,
        "expected_next": 5_260_000,
        "confidence_pct": 83,
        "sample": 212,
        "currency": "CNY",
    }
    release: dict[str, int | float | str | None] = {
        "sku": "V03",
        "name": "山茶花洁面慕斯",
        "on_shelf": 312,
        "units_per_min": 268.4,
        "cover_s": 69.8,
        "units": 6_000,
        "reserve": 18_000,
        "lead_s": 12,
    }
    return (
        cue(31, Kind.NEXT, "rate_below_next", following, now=now, state=CueState.SHOWN),
        cue(32, Kind.RELEASE, "cover_short", release, now=now, audience=Audience.PRODUCER, priority=3),
    )


def snapshot(*, phase: Phase = Phase.LIVE, cues: tuple[Cue, ...] | None = None, minute: float = 24.6) -> Snapshot:
    """The show `minute` minutes after its start, with the third item on air."""
    sheet = rundown()
    now = START + int(minute * 60_000)
    live = phase is Phase.LIVE
    played = (Play("V01", START, START + 510_000, "lead"), Play("V02", START + 510_000, START + 930_000, "lead"))
    return Snapshot(
        rundown=sheet,
        board=Board(
            version=41,
            phase=phase,
            started_at=None if phase is Phase.PLANNED else START,
            ended_at=now if phase is Phase.ENDED else None,
            live=OnAir("V03", START + 930_000, "lead") if live else None,
            order=tuple(item.sku for item in sheet.items),
            plays=() if phase is Phase.PLANNED else played,
            cues=(open_cues(now) if cues is None else cues) if live else (),
            closed=_closed(now) if live else (),
            cue_seq=32,
        ),
        totals=Counts(
            entered=1_384_201,
            commented=88_214,
            liked=1_204_551,
            followed=20_114,
            shared=4_410,
            viewed=2_204_112,
            clicked=341_228,
            orders_created=21_407,
            orders_paid=18_862,
            orders_refunded=204,
            units_paid=22_910,
            gmv=141_300_000,
            refunded=1_612_000,
            unpaid_orders=1_944,
            unpaid_amount=14_180_000,
        )
        if phase is not Phase.PLANNED
        else Counts(),
        items=_counts() if phase is not Phase.PLANNED else {},
        shelves={"V03": Shelf(312, 18_000), "V01": Shelf(8_204, 0), "V02": Shelf(11_310, 0)} if live else {},
        online=123_480 if live else 0,
        peak_online=161_200,
        unique=1_102_400,
        seconds={now // 1000 - 20: {"gmv|V03": 2_140_000, "units_created|V03": 268, "orders_created|V03": 241}}
        if live
        else {},
        feeds=(Feed("kuaishou-orders", 1_204, now - 180), Feed("kuaishou-room", 8_811, now - 7_400)) if live else (),
        newest_at=now - 180 if live else None,
        rev=4_711,
        now=now,
    )


def _counts() -> dict[str, Counts]:
    return {
        "V01": Counts(viewed=820_000, clicked=120_400, orders_created=9_904, orders_paid=8_810, gmv=58_200_000),
        "V02": Counts(viewed=760_000, clicked=98_800, orders_created=7_120, orders_paid=6_240, gmv=39_900_000),
        "V03": Counts(
            viewed=624_112,
            clicked=122_028,
            orders_created=4_383,
            orders_paid=3_812,
            units_paid=5_410,
            gmv=43_200_000,
            unpaid_orders=514,
            unpaid_amount=4_120_000,
        ),
    }


def _closed(now: int) -> tuple[Cue, ...]:
    unpaid: dict[str, int | float | str | None] = {"orders": 482, "sku": "V02", "name": "玻尿酸补水面膜"}
    return (
        cue(30, Kind.PAYMENT, "unpaid_worth", unpaid, now=now, state=CueState.ACCEPTED),
        cue(29, Kind.MESSAGE, "person", {}, now=now, state=CueState.EXPIRED, text="再讲1分钟"),
        cue(28, Kind.BENEFIT, "inflow", {"rise_pct": 34}, now=now, state=CueState.DISMISSED),
    )


def outlook() -> Outlook:
    """Behind the plan by four and a half minutes."""
    return Outlook(
        plan=PlanLine(
            goal=1_000_000_000,
            expected=167_300_000,
            gap=26_000_000,
            offset_s=270,
            status="behind",
            needed_per_min=6_100_000,
            forecast=948_000_000,
        ),
        minute_price=3_400_000,
        items={
            "V03": ItemOutlook(peak_per_min=7_880_000),
            "V04": ItemOutlook(promise_per_min=5_260_000),
        },
    )


def state_of(**options: Any) -> State:
    """That snapshot, with these options, as the screens get it."""
    return describe(snapshot(**options), outlook())


def minutes(count: int = 25) -> list[dict[str, int]]:
    """The per-minute series of the charts."""
    return [
        {
            "minute_ms": START + place * 60_000,
            "gmv": 5_652_000 + (place * 37 % 11 - 5) * 420_000,
            "orders_created": 740 + (place * 29 % 17 - 8) * 38,
            "online": 96_000 + place * 2_100 + (place * 13 % 7) * 2_600,
            "entered": 55_000,
        }
        for place in range(count)
    ]


def with_locale(sheet: Rundown, locale: str) -> Rundown:
    """The same show with another language as its own."""
    return msgspec.structs.replace(sheet, locale=locale)
