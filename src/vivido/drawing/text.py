"""Text of the author's, made fit to be seen.

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
