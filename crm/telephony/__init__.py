"""The guide for CRM vendors, chapter by chapter: see README.md beside this file."""
