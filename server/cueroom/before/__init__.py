"""Before the show: the plan, its rehearsal, papers, the choice of goods."""
