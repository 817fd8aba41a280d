"""The worker (`flask worker`, crm/cli/worker.py): does the background work that rows ask for.

`work` takes rows and does them, `schedule` asks for what is done by the clock, `catch_up` helps
when very many calls wait, `vacuum` cleans the files, `status` tells the settings pages how it
stands. Why it is so: docs/adr/0005-background-work.md.
"""
