"""Takes apart what stands in a field for a number: the number, and what is written beside it.

Knows no numbering plan: `stands_alone` tells it whether a piece is a whole number by itself.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

MAX_LENGTH = 255  # longer text is no number, and must not fill a cache or a column

_LOOK_ALIKES = {
    **{"\u2212": "-", "\u30fc": "-", "\u2044": "/", "\u2215": "/", "➕": "+", "\u00b7": "."},
    **{"\u060c": ",", "\u061b": ";", "\u3001": ","},
}

# "Name" <sip:number@host:port;user=phone>;tag=1, or any part of it.
_BRACKETS = re.compile(r"<([^<>]*[^\W_][^<>]*)>[^<>]*$")
# Schemes nobody has listed are known by the number and the host behind them; "Fax:" is a label.
_SCHEME = re.compile(
    r"(sips?|tel|callto|h323s?|iax2?|im|pres|xmpp):(?://)?"
    r"|[a-z][a-z0-9+.-]*:(?://)?(?=(?:\+|%2B)?\d[^\s@]*@)",
    re.IGNORECASE,
)
_OF_TELEPHONES = ("tel", "callto")  # without a host
_USER_AT_HOST = re.compile(r"[^\s@]*@[^\s@]*")
_HOST = re.compile(
    r"\d{1,3}(\.\d{1,3}){3}(:\d+)?|[\w-]*[a-z][\w-]*(\.[\w-]+)*(:\d+)?", re.IGNORECASE
)
_CONTEXT = re.compile(r";phone-context=(\+\d+)", re.IGNORECASE)
_PARAMETER = re.compile(
    r";(?!(?:ext|extn|extension|x|dahili|dah)=)[a-z][\w-]*=[^;?\s]*", re.IGNORECASE
)

# Words before an extension, and before a code, as `bare` writes them.
_LETTER = r"[^\W\d_]"
_EXTENSION_WORDS = (
    r"extension|extn?|x|dahili|dah|dh|ic(?:\s?hat)?|durchwahl|dw|nebenstelle|nst|apparat|app"
    r"|interno|int|poste|anexo|ramal|toestel|wew|доб|داخلي"
)
_CODE_WORDS = r"pin|passcode|access code|code|sifre|kod"
_NUMBER_WORDS = r"numarasi|numara|no|nr"
_FILL = r"[\s.:=()#-]*"
_EXTENSION = re.compile(
    rf"(?:;ext=|(?<!{_LETTER})(?:{_EXTENSION_WORDS})(?!{_LETTER}){_FILL}"
    rf"(?:(?:{_NUMBER_WORDS})(?!{_LETTER}){_FILL})?)(\d{{1,7}})#?(?![\d*#])"
    r"|#\s*(\d{1,7})(?![\d*#])"
)
_NAMED_CODE = re.compile(rf"(?<!{_LETTER})(?:{_CODE_WORDS})(?!{_LETTER})[\s.:=-]*(\d[\d\s-]*[*#]?)")
# Pauses and waits, as telephones write them, and keys pressed afterwards.
_CODES = re.compile(rf"[\s)\]]*([pw,;*#][\d\s,;pw*#]*)(?!{_LETTER})")
_MAYBE_A_LIST = re.compile(r"[,;](\s*)([\d\s]+)")

_LABEL_AND_COLON = re.compile(r"([^\d+*#:\n][^:\n]*):(?!//)(.*\d.*)", re.DOTALL)
_SERVICE_CODE = re.compile(r"(?:\*[*#]*\d|#+\d{1,4}[*#]|\A#+\d)(?: ?[\d*#])*")
_FRACTION = re.compile(r"(?<=\d{7})\.0+$")  # a spreadsheet's idea of a number
_START = re.compile(rf"{_SERVICE_CODE.pattern}|\++[\s(\[]*\d|\d")
_CORE = re.compile(r"[+\d][\d ()\[\]./_'\"+-]*")
_SEPARATORS = re.compile(r"[^\d]+")
_SHORT_AND_SHORT = re.compile(r"(\d{3,})-(\d{3,})")  # 182-183
_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*({_LETTER}[^()\[\]]*)[)\]]\s*")
_FEW_DIGITS = 4  # as in "Floor 3": fewer than in a number worth a call
_PUNCTUATION = " \t\n,;:.-/()[]\"'|&<>@#*"


@dataclass(frozen=True)
class Parts:
    """A text around a number, taken apart."""

    number: str = ""  # what a number may be made of, as it was typed
    extension: str = ""
    codes: str = ""  # what is keyed after the answer, pauses as "," and ";"
    label: str = ""
    more: bool = False  # something else has digits in it, maybe another number


def plain(text: str) -> str:
    """The same text with 0-9, -, + and ordinary spaces, and without marks that nobody sees."""
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = "\n".join(unicodedata.normalize("NFKC", text).splitlines())
    return "".join(map(_plain, lines)).strip()


def address_in(text: str) -> tuple[str, str]:
    """The number of an address (sip:, tel:, h323:), "" when it has none, and the name beside it."""
    name = ""
    if brackets := _BRACKETS.search(text):
        name, text = _as_label(text[: brackets.start()]), brackets[1].strip()
    scheme = _SCHEME.match(text)
    if scheme:
        text = unquote(text[scheme.end() :])
    user, at, host = text.partition("@")
    if at and (scheme or _USER_AT_HOST.fullmatch(text)):
        # RFC 3323: who hides is anonymous@anonymous.invalid
        text = "" if ".invalid" in host.lower() else user.partition(":")[0]
    elif (
        scheme
        and scheme[1].lower() not in _OF_TELEPHONES
        and _HOST.fullmatch(text.partition(";")[0])
    ):
        text = ""
    context = _CONTEXT.search(text)
    text = _PARAMETER.sub("", text)
    return (context[1] + text if context and not text.startswith("+") else text), name


def take_apart(text: str, stands_alone: Callable[[str], bool]) -> Parts:
    """Find the number in a text that `plain` returned, and say what else is there."""
    if text.isascii() and text.removeprefix("+").isdecimal():  # nothing, in most
        return Parts(text)
    address, name = address_in(_FRACTION.sub("", text))
    if not digits(address) and digits(name):  # the name is the number: 0532 000 00 01 <elif@x>
        address, name = name, address
    label, text = "", address
    named = _LABEL_AND_COLON.fullmatch(address)  # "Fax: 0216 …", "Floor 3: 0216 …"
    if named and len(digits(named[1])) <= _FEW_DIGITS:
        label, text = _as_label(named[1]), named[2]
    start = _START.search(text)
    if start is None:
        return Parts(label=" ".join(filter(None, (name, label, _as_label(text)))))
    label = " ".join(filter(None, (name, label, _as_label(text[: start.start()]))))
    text = text[start.start() :]
    service_code = _SERVICE_CODE.match(text)
    if service_code:
        number, several = service_code[0].replace(" ", ""), False
        text = text[service_code.end() :]
    else:
        number = re.sub(r"\D+$", "", _CORE.match(text)[0])  # type: ignore[index]
        several = _is_several(number, stands_alone)
        text = text[len(number) :]
    extension, text = _cut(_EXTENSION, text)
    codes, text = _codes(text, stands_alone)
    behind = "" if _has_digits(text) else text
    in_brackets = _IN_BRACKETS.fullmatch(text)
    if in_brackets and len(digits(in_brackets[1])) <= _FEW_DIGITS:
        behind = in_brackets[1]
    more = several or (not behind and _has_digits(text))
    label = " ".join(filter(None, (label, _as_label(behind))))
    return Parts(number, extension, codes, label, more)


def digits(text: str) -> str:
    """Return the digits of a text as 0-9, whatever script they were written in."""
    if text.isascii():
        return "".join(filter(str.isdecimal, text))
    return "".join(str(unicodedata.decimal(ch)) for ch in text if ch.isdecimal())


def bare(text: str) -> str:
    """Small letters without accents, one for one: positions in it are positions in the text."""
    if text.isascii():
        return text.lower()
    small = (unicodedata.normalize("NFKD", letter.lower())[:1] or letter for letter in text)
    return "".join(small).replace("ı", "i")


def _plain(character: str) -> str:
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)  # Pd: dashes, Z: spaces, So: pictures, C: controls
    if category == "Pd":
        return "-"
    if category[0] == "Z" or category == "So" or character == "\t":
        return " "
    unseen = category[0] == "C" or category == "Me" or "\ufe00" <= character <= "\ufe0f"
    return "" if unseen and character != "\n" else character


def _is_several(number: str, stands_alone: Callable[[str], bool]) -> bool:
    """Whether a run of digits and signs is more than one number.

    "0216 555 01 13 / 14" is, because what stands before the stroke is a whole number already;
    "030/23125001" is one. So is a German extension behind a dash, "089 2180-124".
    """
    is_whole = stands_alone(number)
    pair = _SHORT_AND_SHORT.fullmatch(number)
    several = pair is not None and not is_whole and len(pair[1]) == len(pair[2])
    for gap in _SEPARATORS.finditer(number):
        left, right = number[: gap.start()], number[gap.end() :]
        if not left or several:
            continue
        if "+" in gap[0]:
            several = True
        elif is_whole:
            begins_anew = "/" in gap[0] or (right.startswith("0") and stands_alone(right))
            several = begins_anew and stands_alone(left)
        else:
            apart = "/" in gap[0] or " - " in gap[0]
            several = apart or stands_alone(left) or stands_alone(right)
    return several


def _cut(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The digits that a pattern finds, if none stand before it, and the text without them."""
    found = pattern.search(bare(text))
    if found is None or _has_digits(text[: found.start()]):
        return "", text
    rest = f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}"
    return found[found.lastindex or 0], rest.strip()


def _codes(text: str, stands_alone: Callable[[str], bool]) -> tuple[str, str]:
    named, rest = _cut(_NAMED_CODE, text)
    if named:
        return "," + re.sub(r"[\s-]", "", named), rest
    found = _CODES.match(bare(text))
    if found is None:
        return "", text
    listed = _MAYBE_A_LIST.fullmatch(found[1])
    if listed and (listed[1] or stands_alone(listed[2])):
        return "", text  # "0216 555 01 13, 14" is a list; without the space it is a pause
    codes = re.sub(r"\s", "", found[1]).replace("p", ",").replace("w", ";").rstrip(",;")
    return codes, text[found.end() :]


def _as_label(text: str) -> str:
    return text.strip(_PUNCTUATION) if any(map(str.isalnum, text)) else ""


def _has_digits(text: str) -> bool:
    return any(map(str.isdecimal, text))
