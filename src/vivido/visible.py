"""How is text from elsewhere shown? All of it can be seen, and takes no more room than there is.

What would steer a terminal, or has no place in XML, is written out.
"""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str, *, keep: str = "\n") -> str:
    r"""Return `text` with what cannot be seen written as in Python ("\x1b"), but for `keep`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in keep or unicodedata.category(character) not in _UNSEEN
        else character.encode("unicode_escape").decode()
        for character in text
    )


def shortened(text: str, bound: int) -> str:
    """Return `text` in at most `bound` characters, with … in place of what is cut."""
    return text if len(text) <= bound else text[: bound - 1].rstrip() + "…"
