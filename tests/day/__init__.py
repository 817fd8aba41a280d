"""A working day at one desk in Chromium: call after call with what goes wrong meanwhile, and at the
end each call of the simulator compared with its row. `make day` plays all of it;
tests/browser/test_working_day.py a short one.
"""
