"""Contacts: their data, search, and numbers.

The contacts pages, the demo's seed and the benchmark use the names below. All others use only
`crm.contacts.directory`.
"""

from crm.contacts.changes import (
    ChangedMeanwhile,
    ContactData,
    ContactNotFound,
    add_number,
    create,
    delete,
    get,
    get_deleted,
    restore,
    update,
)
from crm.contacts.erase import Erasure, erase, what_goes
from crm.contacts.lists import (
    MOST_COUNTED,
    ContactRow,
    count,
    fetch,
    recently_spoken,
    spoken_with,
)
from crm.contacts.merge import Merged, merge, preview, survivor_of
from crm.contacts.numbers import (
    Number,
    NumberProblem,
    NumbersRefused,
    Remark,
    check_numbers,
    identities,
    kind_of,
    remarks_on,
)
from crm.contacts.search import COUNTED, SearchPage, fitting, search
from crm.contacts.search_text import rebuild_search, search_text_of, sort_name_of
from crm.names import fold

__all__ = [
    "COUNTED",
    "MOST_COUNTED",
    "ChangedMeanwhile",
    "ContactData",
    "ContactNotFound",
    "ContactRow",
    "Erasure",
    "Merged",
    "Number",
    "NumberProblem",
    "NumbersRefused",
    "Remark",
    "SearchPage",
    "add_number",
    "check_numbers",
    "count",
    "create",
    "delete",
    "erase",
    "fetch",
    "fitting",
    "fold",
    "get",
    "get_deleted",
    "identities",
    "kind_of",
    "merge",
    "preview",
    "rebuild_search",
    "recently_spoken",
    "remarks_on",
    "restore",
    "search",
    "search_text_of",
    "sort_name_of",
    "spoken_with",
    "survivor_of",
    "update",
    "what_goes",
]
