"""`make bench`: requests a second and memory of the CRM, measured on this machine.

Not a test: it asserts nothing about time. docs/benchmarks.md explains the figures.
"""

EMPTY_PATH = "/bench/empty"
EMPTY_POST_PATH = "/bench/empty-post"
