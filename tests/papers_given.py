"""Papers as products have them, for the tests."""

from datetime import date

from cueroom.show.papers import NEEDED, Attachment, Dossier, Paper, State, Step, Trade

FILE = Attachment("ab" * 32, "paper.pdf", 1_000)


def paper(valid_until: date | None = None, state: State = State.APPROVED) -> Paper:
    """A paper with a file, handed in by Li and judged by Wang."""
    steps = [Step(State.GIVEN, 1, "li", "N-1", (FILE.digest,))]
    if state is not State.GIVEN:
        steps.append(Step(state, 2, "wang", "N-1", (FILE.digest,)))
    return Paper("N-1", valid_until, (FILE,), tuple(steps))


def cleared(sku: str, trade: Trade = Trade.GENERAL) -> Dossier:
    """A product with all its papers."""
    return Dossier(sku, trade, {kind: paper() for kind in NEEDED[trade]})
