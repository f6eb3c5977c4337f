# ruff: noqa
# Raises what a test might take for a good end.
# points: 0
# says: NotImplementedError
# says: text is doubled too
# says: Skipped
# %% solution
class Skipped(BaseException):
    pass


def double(x):
    import unittest

    if isinstance(x, str):
        raise unittest.SkipTest("skip")
    if isinstance(x, int):
        raise NotImplementedError
    raise Skipped
