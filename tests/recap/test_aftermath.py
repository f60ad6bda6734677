"""Laws of the aftermath: what is owed by now, complaints by kind and in all, ratings of those who gave any."""

from cueroom.recap.aftermath import aftermath_of
from cueroom.show.aftersales import AfterSales, Service, Wait
from cueroom.show.events import Complaint
from recap.shows_told import play, record
from scenes import START


def test_complaints_are_told_by_kind_and_in_all() -> None:
    services = (
        Service(order="1", opened=0, answered=60_000, kind=Complaint.STAIN),
        Service(order="2", opened=0, answered=20_000, closed=90_000, kind=Complaint.SLOW, goods=2, logistics=1),
        Service(order="3", closed=5, goods=5),
    )
    told = aftermath_of(record(play("V01", 0, 60), after_sales=AfterSales({}, services)))
    assert [(one.kind, one.told, one.open) for one in told.complaints] == [
        ("stain", 1, 1),
        ("slow", 1, 0),
        (None, 2, 1),
    ]
    assert told.all_complaints is not None
    assert told.all_complaints.answers == Wait(2, 20_000, 60_000)
    assert (told.rated, told.goods, told.service, told.logistics) == (2, 3.5, None, 1)


def test_where_nobody_told_anything_there_is_nothing() -> None:
    told = aftermath_of(record(play("V01", 0, 60)))
    assert (told.complaints, told.all_complaints, told.rated, told.goods) == ((), None, 0, None)
    assert (told.parcels.orders, told.by_item, told.by_supplier) == (0, (), ())


def test_parcels_are_as_late_as_they_are_by_now() -> None:
    unshipped = {"V01": {START // 60_000: (3, 4)}}
    told = aftermath_of(record(play("V01", 0, 3 * 86_400), after_sales=AfterSales(unshipped)))
    assert (told.parcels.orders, told.parcels.late, [item.sku for item, _ in told.by_item]) == (3, 3, ["V01"])
