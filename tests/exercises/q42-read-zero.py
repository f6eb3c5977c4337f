# %% right: log space
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    if n == 0:
        return 1.0, 1.0
    chance = 0.0 if accuracy == 1 else math.exp(n * math.log1p(-accuracy))
    return chance, -math.expm1(math.log1p(-level) / n)


# %% right: bisection for the upper end
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    low, high = 0.0, 1.0
    for _ in range(80):
        mid = (low + high) / 2
        if (1 - mid) ** n >= 1 - level:
            low = mid
        else:
            high = mid
    return math.pow(1 - accuracy, n), low


# %% right: a loop over the questions, a list back
def read_zero(n, accuracy, level=0.95):
    for ok in (n >= 0, 0 <= accuracy <= 1, 0 <= level < 1):
        if not ok:
            raise ValueError("arguments")
    chance = 1.0
    for _ in range(n):
        chance = chance * (1 - accuracy)
    if not n:
        return [chance, 1.0]
    return [chance, 1 - np.power(1 - level, 1 / n)]


# %% wrong (q42-read-zero-hidden-chance): the chance of no miss
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = accuracy**n
    return chance, 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-chance): one minus the chance of a zero
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    return 1 - (1 - accuracy) ** n, 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-chance): adds up instead of multiplying
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    return max(0.0, 1 - n * accuracy), 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-chance): Poisson instead of the exact chance
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    return math.exp(-n * accuracy), 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-upper): rule of three
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else min(1.0, 3 / n)


# %% wrong (q42-read-zero-hidden-upper): standard error at zero hits
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1.96 * math.sqrt(0.0 / n)


# %% wrong (q42-read-zero-hidden-upper): two-sided, half of the rest on each side
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - ((1 - level) / 2) ** (1 / n)


# %% wrong (q42-read-zero-hidden-upper): level and its rest exchanged
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - level ** (1 / n)


# %% wrong (q42-read-zero-hidden-upper): the level is always .95
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - 0.05 ** (1 / n)


# %% wrong (q42-read-zero-hidden-upper): interval around the given accuracy
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else min(
        1.0, accuracy + 1.64 * math.sqrt(accuracy * (1 - accuracy) / n)
    )


# %% wrong (q42-read-zero-hidden-edges): divides by zero without questions raises
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-edges): without questions the upper end is 0
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 0.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-edges): without questions the accuracy itself comes back
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    if n == 0:
        return 1.0, accuracy
    chance = (1 - accuracy) ** n
    return chance, 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-edges): lets level 1 pass
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level <= 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-edges): does not look at the accuracy
def read_zero(n, accuracy, level=0.95):
    if n < 0 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)


# %% wrong (q42-read-zero-hidden-edges): does not look at n
def read_zero(n, accuracy, level=0.95):
    if not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("arguments")
    chance = (1 - accuracy) ** n
    return chance, 1.0 if n == 0 else 1 - (1 - level) ** (1 / n)
