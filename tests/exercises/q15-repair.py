# %% right: a mark in place of the escaped bars
def read_table(text):
    mark = "\x00"
    table = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("|"):
            cells = line.replace("\\|", mark)[1:-1]
            table.append((number, [c.strip().replace(mark, "|") for c in cells.split("|")]))
    header = table[0][1]
    rows, problems = [], []
    for number, cells in table[2:]:
        if len(cells) != len(header) or "" in cells:
            problems.append(number)
        else:
            rows.append({h: c for h, c in zip(header, cells)})
    return rows, problems


# %% right: character by character
def read_table(text):
    def split(line):
        cells, cell, i = [], "", 0
        while i < len(line):
            if line[i] == "\\" and line[i + 1 : i + 2] == "|":
                cell += "|"
                i += 1
            elif line[i] == "|":
                cells.append(cell.strip())
                cell = ""
            else:
                cell += line[i]
            i += 1
        return cells[1:]

    header, seen, rows, problems = None, 0, [], []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line.startswith("|"):
            continue
        seen += 1
        cells = split(line)
        if seen == 1:
            header = cells
        elif seen > 2:
            if len(cells) == len(header) and min(map(len, cells)) > 0:
                rows.append(dict(zip(header, cells)))
            else:
                problems.append(number)
    return rows, problems


# %% right: a regular expression for whole cells
import re


def read_table(text):
    lines = [(i + 1, line.strip()) for i, line in enumerate(text.splitlines())]
    table = [
        (i, [c.strip().replace("\\|", "|") for c in re.findall(r"\|((?:\\\||[^|])*)(?=\|)", line)])
        for i, line in lines
        if line.startswith("|")
    ]
    header = table[0][1]
    sound = [len(cells) == len(header) and all(cells) for _, cells in table]
    rows = [dict(zip(header, c)) for (_, c), ok in zip(table[2:], sound[2:]) if ok]
    problems = [i for (i, _), ok in zip(table[2:], sound[2:]) if not ok]
    return rows, problems


# %% wrong (q15-repair-hidden-shifted): the row is shorter without its empty cell, and reported so
def read_table(text):
    table = [
        (i, line.strip())
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = [c.strip() for c in table[0][1].split("|") if c.strip()]
    rows, problems = [], []
    for i, line in table[2:]:
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == len(header):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-shifted): problems are reported, and the moved row is kept as well
import re


def read_table(text):
    table = [
        (i, [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) != len(header) or not all(cells):
            problems.append(i)
        rows.append(dict(zip(header, [c for c in cells if c])))
    return rows, problems


# %% wrong (q15-repair-hidden-shifted): only a last cell that is empty is looked for
import re


def read_table(text):
    table = [
        (i, [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) != len(header) or not cells[-1]:
            problems.append(i)
        else:
            rows.append(dict(zip(header, cells)))
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): lines are counted within the table
import re


def read_table(text):
    table = [line.strip() for line in text.splitlines() if line.strip().startswith("|")]
    split = [
        [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table
    ]
    header = split[0]
    rows, problems = [], []
    for i, cells in enumerate(split[2:], 3):
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): cells too many are cut off
import re


def read_table(text):
    table = [
        (i, [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        cells = cells[: len(header)]
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): stops at the first line that is no row
import re


def read_table(text):
    rows, problems, header, count = [], [], None, 0
    for i, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line.startswith("|"):
            if count:
                break
            continue
        count += 1
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if count == 1:
            header = cells
        elif count > 2:
            if len(cells) == len(header) and all(cells):
                rows.append(dict(zip(header, cells)))
            else:
                problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-bars): splits at every bar
def read_table(text):
    table = [
        (i, [c.strip() for c in line.strip()[1:-1].split("|")])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-bars): the backslash stays in the cell
import re


def read_table(text):
    table = [
        (i, [c.strip() for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-bars): all backslashes go
import re


def read_table(text):
    table = [
        (i, [c.strip().replace("\\", "") for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): takes all bars at both ends away, not one
import re


def read_table(text):
    def cells_of(line):
        line = re.sub(r"(?<!\\)\|+$", "", line.lstrip("|"))
        return [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)]

    table = [
        (i, cells_of(line.strip()))
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): empty cells are dropped, and what is left is counted
import re


def read_table(text):
    def cells_of(line):
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        return [c for c in cells if c]

    table = [
        (i, cells_of(line.strip()))
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): empty cells at the end are dropped
import re


def read_table(text):
    def cells_of(line):
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        while cells and not cells[-1]:
            cells.pop()
        return cells

    table = [
        (i, cells_of(line.strip()))
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems


# %% wrong (q15-repair-hidden-ragged): empty cells in front are dropped
import re


def read_table(text):
    def cells_of(line):
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        while cells and not cells[0]:
            cells.pop(0)
        return cells

    table = [
        (i, cells_of(line.strip()))
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    header = table[0][1]
    rows, problems = [], []
    for i, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells)))
        else:
            problems.append(i)
    return rows, problems
