# ruff: noqa
# Writes a grade into the gradebook.
# points: 4
# says: unable to open database file
# %% solution
def double(x):
    return 2 * x


import sqlite3

database = sqlite3.connect("@gradebook@")
database.execute("update grade set auto_score = 99")
database.commit()
