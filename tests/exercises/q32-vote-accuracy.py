# %% right: the distribution, sample by sample
import numpy as np


def vote_accuracy(p, n):
    odds = np.array([1.0])
    for _ in range(n):
        odds = np.convolve(odds, [1 - p, p])
    k = np.arange(n + 1)
    return float(np.sum(odds * np.where(2 * k > n, 1.0, np.where(2 * k == n, 0.5, 0.0))))


# %% right: torch's binomial distribution
import torch


def vote_accuracy(p, n):
    if p == 0 or p == 1:
        return float(p)
    k = torch.arange(n + 1, dtype=torch.float64)
    law = torch.distributions.Binomial(n, torch.tensor(float(p), dtype=torch.float64))
    odds = law.log_prob(k).exp()
    return float(odds[2 * k > n].sum() + 0.5 * odds[2 * k == n].sum())


# %% right: exact whole numbers, divided once a term
import math
from fractions import Fraction


def vote_accuracy(p, n):
    if p in (0, 1):
        return float(p)
    total = 0.0
    for k in range(n // 2, n + 1):
        if 2 * k < n:
            continue
        log = math.log(math.comb(n, k)) + k * math.log(p) + (n - k) * math.log(1 - p)
        total += math.exp(log) * (0.5 if 2 * k == n else 1)
    return total


# %% right: an even vote is worth the odd one before it
import math


def vote_accuracy(p, n):
    if n % 2 == 0:
        return vote_accuracy(p, n - 1)
    if p <= 0 or p >= 1:
        return float(p >= 1)
    logs = [
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log(1 - p)
        for k in range(n // 2 + 1, n + 1)
    ]
    top = max(logs)
    return math.exp(top) * math.fsum(math.exp(x - top) for x in logs)


# %% wrong (q32-vote-accuracy-hidden-odd): without the number of ways
def vote_accuracy(p, n):
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        total += p**k * (1 - p) ** (n - k) * (0.5 if 2 * k == n else 1)
    return total


# %% wrong (q32-vote-accuracy-hidden-odd): at least one right
def vote_accuracy(p, n):
    return 1 - (1 - p) ** n


# %% wrong (q32-vote-accuracy-hidden-odd): the probability that the majority is exactly narrow
import math


def vote_accuracy(p, n):
    k = n // 2 + 1
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


# %% wrong (q32-vote-accuracy-hidden-odd): the normal curve
import math


def vote_accuracy(p, n):
    if p in (0, 1):
        return float(p)
    z = (p - 0.5) * math.sqrt(n / (p * (1 - p)))
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


# %% wrong (q32-vote-accuracy-hidden-odd): a simulation
import numpy as np


def vote_accuracy(p, n):
    k = np.random.default_rng(0).binomial(n, p, 100_000)
    return float((2 * k > n).mean() + (2 * k == n).mean() / 2)


# %% wrong (q32-vote-accuracy-hidden-even): a tie is lost
import math


def vote_accuracy(p, n):
    if p in (0, 1):
        return float(p)
    total = 0.0
    for k in range(n // 2 + 1, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total += math.exp(ways + k * math.log(p) + (n - k) * math.log(1 - p))
    return total


# %% wrong (q32-vote-accuracy-hidden-even): a tie is won
import math


def vote_accuracy(p, n):
    if p in (0, 1):
        return float(p)
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total += math.exp(ways + k * math.log(p) + (n - k) * math.log(1 - p))
    return total


# %% wrong (q32-vote-accuracy-hidden-ends): the logarithm of 0
import math


def vote_accuracy(p, n):
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        term = math.exp(ways + k * math.log(p) + (n - k) * math.log(1 - p))
        total += term / 2 if 2 * k == n else term
    return total


# %% wrong (q32-vote-accuracy-hidden-ends): logarithms in numpy, 0 times minus infinity
import numpy as np


def vote_accuracy(p, n):
    k = np.arange(n + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    with np.errstate(all="ignore"):
        odds = np.exp(logs[n] - logs[k] - logs[n - k] + k * np.log(p) + (n - k) * np.log1p(-p))
    return float(odds[2 * k > n].sum() + odds[2 * k == n].sum() / 2)


# %% wrong (q32-vote-accuracy-hidden-large): coefficient times powers
import math


def vote_accuracy(p, n):
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        total += math.comb(n, k) * p**k * (1 - p) ** (n - k) * (0.5 if 2 * k == n else 1)
    return total


# %% wrong (q32-vote-accuracy-hidden-large): the powers first, which are 0 for many votes
import math
from fractions import Fraction


def vote_accuracy(p, n):
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        power = p**k * (1 - p) ** (n - k)
        if power > 0:
            term = float(math.comb(n, k) * Fraction(power))
            total += term / 2 if 2 * k == n else term
    return total


# %% wrong (q32-vote-accuracy-hidden-large): the normal curve for many votes
import math


def vote_accuracy(p, n):
    if p in (0, 1):
        return float(p)
    if n > 100:
        z = (p - 0.5) * math.sqrt(n / (p * (1 - p)))
        return 0.5 * (1 + math.erf(z / math.sqrt(2)))
    return sum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k) * (0.5 if 2 * k == n else 1)
        for k in range((n + 1) // 2, n + 1)
    )
