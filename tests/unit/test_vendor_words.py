"""What the client says in English is told in the agent's language; what the vendor says stays."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g

from crm.callcenterstudio import errors
from crm.web.vendor_words import SENTENCES, _recognised, in_words

CLIENT = Path(errors.__file__).parent
TEXTS = (ast.Constant, ast.JoinedStr)
ERRORS = {name for name in dir(errors) if name[0].isupper() and name != "TRY_AGAIN"}
# What stands in an f-string of the client, by the name of its value.
VALUES = {
    "TRY_AGAIN": errors.TRY_AGAIN,
    "reason": ": Hat dolu",
    "what": "answered with nothing instead of an API answer",
}


def sentences_of_the_client() -> Iterator[str]:
    for path in CLIENT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS:
                yield from (said(text) for text in node.args if isinstance(text, TEXTS))


def said(text: ast.expr) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    assert isinstance(text, ast.JoinedStr)
    return "".join(
        str(part.value)
        if isinstance(part, ast.Constant)
        else VALUES.get(ast.unparse(part).strip("f'{}"), "x")
        for part in text.values
    )


def test_every_sentence_of_the_client_is_known() -> None:
    found = {one.removesuffix(errors.TRY_AGAIN).rstrip() for one in sentences_of_the_client()}
    assert len(found) > 20
    assert {one for one in found if _recognised(one)[0] not in SENTENCES} == set()


@pytest.fixture
def in_turkish(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        g.language = "tr"
        yield


@pytest.mark.usefixtures("in_turkish")
@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        (
            "Call Center Studio did not answer in time. Try again in a moment.",
            "Call Center Studio zamanında cevap vermedi. Biraz sonra yeniden deneyin.",
        ),
        (
            "Call Center Studio refused the agent's login: Kullanıcı bulunamadı",
            "Call Center Studio temsilcinin girişini reddetti: Kullanıcı bulunamadı. "
            "Anlamı: Call Center Studio’da bu e-posta adresiyle bir temsilci yok.",  # noqa: RUF001
        ),
        (
            "Call Center Studio refused: Hat dolu, %100 meşgul",
            "Call Center Studio reddetti: Hat dolu, %100 meşgul",
        ),
        (
            "The tenant demo has no app token yet. An admin can set it under Settings.",
            "demo hesabının henüz uygulama anahtarı yok. Bir yönetici ayarlardan girebilir.",
        ),
        ("Something nobody knows: %(x)s", "Something nobody knows: %(x)s"),
        ("", ""),
    ],
)
def test_stored_sentences_are_told_in_turkish(english: str, turkish: str) -> None:
    assert in_words(english) == turkish


def test_the_vendors_turkish_is_explained_in_english(app: Flask) -> None:
    with app.test_request_context():
        told = in_words("Call Center Studio refused: Kullanıcı bulunamadı.")
    assert told == (
        "Call Center Studio refused: Kullanıcı bulunamadı. "
        "This means: Call Center Studio has no agent with this e-mail address."
    )
