"""Contacts from files and to files: CSV and vCard.

The pages of the import call `uploads` and `runs`, the worker calls `job` and `keeping`, the export
calls `vcards`. The stages of an import are `reading`, `checking`, `writing` and `undoing`; how they
go together: docs/adr/0025-contacts-from-files.md. Nothing else of the CRM knows this room.
"""
