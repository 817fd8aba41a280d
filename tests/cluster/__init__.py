"""`make cluster`: the set-up of `deploy/` on this machine, agents who work in it, and a kill.

The processes, the simulator's day and the comparison of all calls are those of `tests/soak`.
"""
