"""How names are compared: without case and accents in search, by the Turkish alphabet in lists.

`crm.contacts`, `crm.agents`, `crm.tenants` and the filters of calls use it.
"""

import unicodedata

# Letters that no decomposition takes apart. İ needs no entry: it decomposes into I and a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
)
# Letters of their own, each after its neighbour: c ç, g ğ, ı i, o ö, s ş, u ü. ~ is after z.
_AFTER_THE_PLAIN_ONE = str.maketrans(
    {"ç": "c~", "ğ": "g~", "i": "i~", "ö": "o~", "ş": "s~", "ü": "u~"}
)


def fold(text: str) -> str:
    """Return a text without case and accents: "İSTANBUL Şişli" and "istanbul sisli" are one."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()  # ß becomes ss here
    decomposed = unicodedata.normalize("NFKD", decomposed)
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter)[0] != "M")
    return bare.translate(_PLAIN_LETTERS)


def sort_key(name: str) -> str:
    """Return the text by whose bytes names stand in Turkish order: Cem, Çağla, Irmak, İpek.

    A capital I is the dotless one, as in Turkish; other accents are left out.
    """
    composed = unicodedata.normalize("NFC", name)
    small = composed.replace("İ", "i").replace("I", "ı").lower()
    return fold(small.translate(_AFTER_THE_PLAIN_ONE))
