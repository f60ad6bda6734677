"""Text: what people write, made fit to be shown."""

from unicodedata import category


def readable(text: str) -> str:
    """Text fit for a host's screen: one line, without control characters and without those that turn the direction."""
    kept = (char if category(char) not in ("Cc", "Cf") or char == "\u200d" else " " for char in text)
    return " ".join("".join(kept).split())
