"""Laws of parts: what is left out is what the browser has, and nothing is lost by it."""

from hypothesis import given
from hypothesis import strategies as st

from cueroom.show.state import describe
from cueroom.views.parts import CUT, SAME, changes, whole
from cueroom.views.render import render_page, render_push
from scenes import outlook, snapshot


def frame_of(rows: list[tuple[str, str]]) -> str:
    cells = "".join(f'{CUT}<tr class="row" id="row-{sku}"><td>{text}</td></tr>{CUT}' for sku, text in rows)
    return f'<div id="live"><table>{cells}</table></div>'


def filled_in(told: str, before: str) -> str:
    """What a browser shows that has the frame before and puts in the place of each element only named what it has."""
    had = {part.partition('id="')[2].partition('"')[0]: part for part in before.split(CUT)[1::2]}
    for name, part in had.items():
        told = told.replace(f'<tr id="{name}" {SAME}></tr>', part)
    return told


skus = st.sampled_from(["V01", "V02", "V03", "V04"])
Rows = list[tuple[str, str]]
rows = st.lists(st.tuples(skus, st.sampled_from(["1", "2", "9"])), unique_by=lambda row: row[0])


@given(rows, rows)
def test_changes_put_into_the_frame_before_give_the_whole(
    before: list[tuple[str, str]], now: list[tuple[str, str]]
) -> None:
    told = changes(frame_of(now), frame_of(before))
    assert filled_in(told, frame_of(before)) == whole(frame_of(now))
    assert CUT not in told
    assert told.count("<td>") == len(set(now) - set(before))


def test_a_console_hears_of_a_row_only_when_it_has_changed() -> None:
    shot = snapshot()
    context = {"state": describe(shot, outlook()), "rundown": shot.rundown, "show_id": shot.rundown.id}
    frame = render_push("console", "en", CUT, **context)
    assert whole(frame) in render_page("console", "en", **context)
    sold = frame.replace('id="row-V02" class=', 'id="row-V02" data-sold class=')
    told = changes(sold, frame)
    assert f'<tr id="row-V01" {SAME}></tr>' in told
    assert '<tr id="row-V02" data-sold' in told
    assert told.count('id="row-') == whole(frame).count('id="row-')


def test_a_name_with_a_cut_in_it_loses_nothing_else() -> None:
    frame = frame_of([("V01", f"x{CUT}y"), ("V02", "z")])
    assert whole(frame) == "".join(frame.split(CUT))
    assert filled_in(changes(frame, frame), frame).count("<tr") == whole(frame).count("<tr")
