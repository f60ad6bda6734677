"""The simulated audience: a seeded crowd that comes, talks, buys, pays or not, reported as platforms report.

It speaks only the contract's events and knows no clock: the caller says when a second has passed. For demonstrations,
rehearsals and trials of policies; what works on it need not work in the world."""

from cueroom.audience.afterwards import Afterwards
from cueroom.audience.crew import Act, Crew, perform
from cueroom.audience.habits import Habits
from cueroom.audience.params import LAUNCH, SMALL, Params, ViewerClass
from cueroom.audience.simulation import Audience

__all__ = ["LAUNCH", "SMALL", "Act", "Afterwards", "Audience", "Crew", "Habits", "Params", "ViewerClass", "perform"]
