# ruff: noqa
# Asks a question that nobody answers.
# points: 4
# says: there is nobody to answer
# %% solution
def double(x):
    return 2 * x


name = input("your name? ")
