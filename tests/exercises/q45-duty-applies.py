# %% right: a lookup and two conditions
from datetime import date


def duty_applies(duty: str, on: date, table: dict) -> bool:
    start = table[duty]
    return start is not None and start <= on


# %% right: the undated first
from datetime import date


def duty_applies(duty, on, table):
    if duty not in table:
        raise KeyError(f"no such duty: {duty}")
    if table[duty] is None:
        return False
    return (on - table[duty]).days >= 0


# %% right: ordinals, with a day that never comes
from datetime import date


def duty_applies(duty, on, table):
    first = table[duty]
    day = float("inf") if first is None else first.toordinal()
    return on.toordinal() >= day


# %% wrong (q45-duty-applies-hidden-days): not on its first day
from datetime import date


def duty_applies(duty, on, table):
    start = table[duty]
    return start is not None and start < on


# %% wrong (q45-duty-applies-hidden-days): the year decides
from datetime import date


def duty_applies(duty, on, table):
    start = table[duty]
    return start is not None and start.year <= on.year


# %% wrong (q45-duty-applies-hidden-days): year, month and day each for itself
from datetime import date


def duty_applies(duty, on, table):
    start = table[duty]
    return start is not None and (
        on.year >= start.year and on.month >= start.month and on.day >= start.day
    )


# %% wrong (q45-duty-applies-hidden-days): asks what today is
from datetime import date


def duty_applies(duty, on, table):
    start = table[duty]
    return start is not None and start <= date.today()


# %% wrong (q45-duty-applies-hidden-days): the duty is taken out of the table
from datetime import date


def duty_applies(duty, on, table):
    start = table.pop(duty)
    return start is not None and start <= on


# %% wrong (q45-duty-applies-hidden-undated): no date means from the beginning
from datetime import date


def duty_applies(duty, on, table):
    start = table[duty]
    return start is None or start <= on


# %% wrong (q45-duty-applies-hidden-undated): no date is an error
from datetime import date


def duty_applies(duty, on, table):
    if table[duty] is None:
        raise ValueError("no date is set")
    return table[duty] <= on


# %% wrong (q45-duty-applies-hidden-undated): compares with None raises
from datetime import date


def duty_applies(duty, on, table):
    return table[duty] <= on


# %% wrong (q45-duty-applies-hidden-unknown): an unknown duty does not apply
from datetime import date


def duty_applies(duty, on, table):
    start = table.get(duty)
    return start is not None and start <= on


# %% wrong (q45-duty-applies-hidden-unknown): a ValueError
from datetime import date


def duty_applies(duty, on, table):
    if duty not in table:
        raise ValueError(f"no such duty: {duty}")
    start = table[duty]
    return start is not None and start <= on


# %% wrong (q45-duty-applies-hidden-unknown): names are compared without case and spaces
from datetime import date


def duty_applies(duty, on, table):
    start = {k.lower(): v for k, v in table.items()}[duty.strip().lower()]
    return start is not None and start <= on


# %% wrong (q45-duty-applies-hidden-undated): None comes through
from datetime import date


def duty_applies(duty, on, table):
    return table[duty] and table[duty] <= on
