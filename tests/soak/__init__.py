"""`make soak`: a simulated day with real processes, real HTTP and real kills.

The vendor's stand-in, the CRM under gunicorn and its worker run as in production; agents work at
their desks over HTTP; webhooks are lost, doubled and late, the API fails, processes are killed. At
the end every field of every call on record is compared with the simulator's own list. docs/soak.md
explains the figures.
"""
