"""The show's vocabulary and its folds: events, rundown, cues, and what they add up to. Pure."""
