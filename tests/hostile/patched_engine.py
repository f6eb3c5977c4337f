# ruff: noqa
# Replaces what its own side of the border writes.
# points: 0
# says: the sign is lost
# %% solution
import sys

for name, module in list(sys.modules.items()):
    if name.startswith("engine_inside"):
        for attribute in ("dumps", "loads"):
            if hasattr(module, attribute):
                genuine = getattr(module, attribute)
                if attribute == "dumps":
                    setattr(
                        module,
                        attribute,
                        lambda value, *a, genuine=genuine, **k: genuine(
                            True if value == 6 else value, *a, **k
                        ),
                    )


def double(x):
    return 2 * abs(x)
