"""Compresses pages. `static_files.py` does it for files; exports and recordings stay as they are.

A page holds secrets beside words that its address chooses. Whoever sees how long compressed pages
are and chooses their addresses could guess the secrets (BREACH). So a page that another website
asks for is not compressed: docs/adr/0024-weight-of-a-page.md.
"""

from flask import Flask, Response, request
from flask_compress import Compress

OWN_SITES = {"same-origin", "none"}  # none: typed, a bookmark, a link in another program
# Up to here an answer is a few packets that leave at once.
SMALLEST = 4096

compress = Compress()


def init_app(app: Flask) -> None:
    """Must be installed before what changes bodies or Vary, because it has to run after that."""
    app.config.from_mapping(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=["text/html"],
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_STREAMS=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,  # pages have no ETag
    )
    compress.init_app(app)
    app.after_request(compress_for_own_pages)


def compress_for_own_pages(answer: Response) -> Response:
    """Only browsers on https, or on this machine, say where a request comes from."""
    if request.endpoint == "static":
        return answer
    answer.vary.add("Sec-Fetch-Site")
    if request.headers.get("Sec-Fetch-Site") not in OWN_SITES:
        return answer
    return compress.after_request(answer)
