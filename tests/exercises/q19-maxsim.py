# %% right: loops
def maxsim(Q, D):
    total = 0.0
    for q in Q:
        total += max(float(np.dot(q, d)) for d in D)
    return total


# %% right: einsum over document tokens first
def maxsim(Q, D):
    return float(np.einsum("nd,md->nm", D, Q).max(axis=0).sum())


# %% right: torch
def maxsim(Q, D):
    return float(torch.amax(torch.tensor(Q) @ torch.tensor(D).T, dim=1).sum())


# %% wrong (q19-maxsim-hidden-value): the maximum over the query's tokens
def maxsim(Q, D):
    return float((Q @ D.T).max(axis=0).sum())


# %% wrong (q19-maxsim-hidden-value): all products added up
def maxsim(Q, D):
    return float((Q @ D.T).sum())


# %% wrong (q19-maxsim-hidden-value): the best single pair
def maxsim(Q, D):
    return float((Q @ D.T).max())


# %% wrong (q19-maxsim-hidden-scale): the mean over query tokens
def maxsim(Q, D):
    return float((Q @ D.T).max(axis=1).mean())


# %% wrong (q19-maxsim-hidden-scale): cosines
def maxsim(Q, D):
    Q = Q / np.linalg.norm(Q, axis=1, keepdims=True)
    D = D / np.linalg.norm(D, axis=1, keepdims=True)
    return float((Q @ D.T).max(axis=1).sum())


# %% wrong (q19-maxsim-hidden-scale): what does not match counts 0
def maxsim(Q, D):
    return float(np.maximum((Q @ D.T).max(axis=1), 0).sum())


# %% wrong (q19-maxsim-hidden-roles): both directions, averaged
def maxsim(Q, D):
    table = Q @ D.T
    return float((table.max(axis=1).sum() + table.max(axis=0).sum()) / 2)


# %% wrong (q19-maxsim-hidden-roles): token i meets token i
def maxsim(Q, D):
    n = min(len(Q), len(D))
    return float((Q[:n] * D[:n]).sum())
