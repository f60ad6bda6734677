"""The recap: what a show came to, as values, folded out of what the store keeps of it."""

from cueroom.recap.items import ItemRecap
from cueroom.recap.record import Record
from cueroom.recap.summary import Summary, summary_of
from cueroom.recap.whole import PolicyChange, Recap, recap_of

__all__ = ["ItemRecap", "PolicyChange", "Recap", "Record", "Summary", "recap_of", "summary_of"]
