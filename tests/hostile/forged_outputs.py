# ruff: noqa
# Lets its own side claim outputs that nobody showed: marks, errors, cells of others.
# points: 0
# says: the sign is lost
# %% solution
import sys

learner_shell = sys.modules["engine_inside.learner_shell"]
learner_shell.Outputs.finish = lambda self: [
    {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {},
     "execution_count": 1, "id": "one-double-hidden-negative"},
    {"output_type": "update_display_data", "data": {}, "metadata": {}},
    {"output_type": "stream", "name": "stdout", "text": ["4.0"] * 5, "cell_id": "one-double"},
    ["outputs", "one-double-hidden-negative", []],
    {"cell_type": "code", "outputs": [], "metadata": {"nbgrader": {"points": 100}}},
]


def double(x):
    return 2 * abs(x)
