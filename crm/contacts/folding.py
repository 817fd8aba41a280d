"""One way to fold text, for what is stored and for what is searched: no case, no accents.

Called by the search text of a contact and by the search query; nothing else decides what is equal.
"""

import re
import unicodedata

MAX_WORD = 64  # longer words are cut, in the index and in the query alike

# Letters that no decomposition takes apart. İ needs no entry: it decomposes into I and a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
)
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return a text without case and accents: "İSTANBUL Şişli" and "istanbul sisli" are one."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()  # ß becomes ss here
    decomposed = unicodedata.normalize("NFKD", decomposed)
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter)[0] != "M")
    return bare.translate(_PLAIN_LETTERS)


def words(text: str) -> list[str]:
    """Return the folded words of a text: runs of letters and digits, split at everything else."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]
