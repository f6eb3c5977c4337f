# ruff: noqa
# Takes memory in many processes.
# points: 0
# says: more memory than it may
# %% solution
import os, time

for _ in range(5):
    if os.fork() == 0:
        hoard = bytearray(b"x") * (150 << 20)
        time.sleep(1000)
time.sleep(1000)
