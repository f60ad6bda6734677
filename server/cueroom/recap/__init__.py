"""The recap: what a show came to, as values, folded out of what the store keeps of it."""

from cueroom.recap.items import ItemRecap
from cueroom.recap.record import Record
from cueroom.recap.summary import MINUTE_MS, Minutes, Summary, ratio, summary_of
from cueroom.recap.whole import PolicyChange, Recap, recap_of

__all__ = [
    "MINUTE_MS",
    "ItemRecap",
    "Minutes",
    "PolicyChange",
    "Recap",
    "Record",
    "Summary",
    "ratio",
    "recap_of",
    "summary_of",
]
