# ruff: noqa
# Uses magics that write, run and stop.
# points: 4
# says: not found
# %% solution
def double(x):
    return 2 * x


get_ipython().run_line_magic("reset_selective", "-f nothing")
get_ipython().run_cell_magic("bash", "--bg", "sleep 1000")
get_ipython().run_line_magic("autoreload_nothing", "")
