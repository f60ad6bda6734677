"""Laws of a show's state: what is added up in one go is what each window holds."""

import msgspec

from scenes import snapshot


def test_the_last_minute_in_one_go_is_the_last_minute_of_each_field() -> None:
    shot = snapshot()
    second = shot.now // 1000
    edges = {
        second - 60: {"gmv|V01": 1},
        second - 59: {"gmv|V01": 20},
        second: {"gmv|V01": 300},
        second + 1: {"gmv|V01": 4},
    }
    shot = msgspec.structs.replace(shot, seconds={**shot.seconds, **edges})
    lately = shot.lately()
    fields = {field for counts in shot.seconds.values() for field in counts}
    assert {field: lately.get(field, 0) for field in fields} == {field: shot.recent(field) for field in fields}
    assert lately["gmv|V01"] == 320
