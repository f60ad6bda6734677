"""Lessons: what shows that ended teach of products, categories and roles, and what to expect of them next time."""

from cueroom.lessons.learned import Expected, Lesson, Lessons, counting, learn
from cueroom.lessons.observed import Observation, Taught, is_made_up, taught_by

__all__ = ["Expected", "Lesson", "Lessons", "Observation", "Taught", "counting", "is_made_up", "learn", "taught_by"]
