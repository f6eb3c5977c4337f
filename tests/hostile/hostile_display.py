# ruff: noqa
# Shows what no notebook may hold.
# points: 4
# says: shown
# %% solution
def double(x):
    return 2 * x


from IPython.display import publish_display_data

print("shown" + chr(0xD800))
deep = []
for _ in range(2000):
    deep = [deep]
publish_display_data(
    {"text/plain": "shown", "application/json": deep, "image/png": 5, 7: 7},
    metadata={"image/png": 5, "text/plain": {"width": object()}},
)
get_ipython().execution_count = -(10**5000)
7
