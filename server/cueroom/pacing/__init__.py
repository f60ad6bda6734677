"""The pacing engine: from the state of a show to cues, by the price of a minute."""
