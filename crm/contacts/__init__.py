"""Decisions about contacts: who they are, how they are found, whose number rings.

Functions that change something flush and do not commit: the web layer or the command line commits
once. Called by `crm.pages.contacts`, the screen pop, the demo's seed and the benchmark.
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
from crm.contacts.folding import fold
from crm.contacts.listing import recently_spoken, sort_name_of
from crm.contacts.merge import Merged, merge, preview, survivor_of
from crm.contacts.numbers import Number, NumberProblem, NumbersRefused, check_numbers
from crm.contacts.phone_match import PhoneMatch, PopContact, find_by_phone, pop_contact
from crm.contacts.rebuild import rebuild_search
from crm.contacts.remarks import Remark, identities, remarks_on
from crm.contacts.rows import ContactRow
from crm.contacts.search import SearchPage, ids_that_fit, search
from crm.contacts.search_text import search_text_of

__all__ = [
    "ChangedMeanwhile",
    "ContactData",
    "ContactNotFound",
    "ContactRow",
    "Erasure",
    "Merged",
    "Number",
    "NumberProblem",
    "NumbersRefused",
    "PhoneMatch",
    "PopContact",
    "Remark",
    "SearchPage",
    "add_number",
    "check_numbers",
    "create",
    "delete",
    "erase",
    "find_by_phone",
    "fold",
    "get",
    "get_deleted",
    "identities",
    "ids_that_fit",
    "merge",
    "pop_contact",
    "preview",
    "rebuild_search",
    "recently_spoken",
    "remarks_on",
    "restore",
    "search",
    "search_text_of",
    "sort_name_of",
    "survivor_of",
    "update",
    "what_goes",
]
