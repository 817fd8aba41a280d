"""The worker (`flask worker`, crm/cli/worker.py): does the background work of the rows of `work`.

`work` takes rows and does them, `schedule` adds the regular work, `catch_up` helps when very many
calls wait, `vacuum` cleans the files, `status` shows the work on the settings pages. The reasons:
docs/adr/0005-background-work.md.
"""
