"""The vendor's words for how a dial or a call ended, in any spelling.

Results and webhooks keep the word as it came; decisions use `canonical`.
"""

#: How a dial can end (vendor's wiki, and the Asterisk dial status it comes from).
DISPOSITIONS = (
    *("ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL"),
    *("DONTCALL", "TORTURE", "INVALIDARGS"),
)
ANSWER = "ANSWER"

# Asterisk writes the same endings otherwise in its own call records: "ANSWERED", "NO ANSWER".
# That the vendor ever does is a guess.
_OTHER_SPELLINGS = {"ANSWERED": ANSWER, "UNANSWERED": "NOANSWER", "CANCELLED": "CANCEL"} | {
    "CANCELED": "CANCEL",
    "NOTANSWERED": "NOANSWER",
}
_CAPITALS = str.maketrans({"İ": "I", " ": None, "_": None, "-": None})


def canonical(word: str) -> str:
    """The vendor's own spelling of a known word; any other word as it came.

    Case, blanks, hyphens and underscores make no difference, nor does a Turkish capital İ.
    """
    plain = word.upper().translate(_CAPITALS)
    plain = _OTHER_SPELLINGS.get(plain, plain)
    return plain if plain in DISPOSITIONS else word


def says_answered(word: str) -> bool | None:
    """Whether this word means an answer; None for "" and an unknown word."""
    known = canonical(word)
    return known == ANSWER if known in DISPOSITIONS else None
