# %% right: sets, row by row
def recall_at_k(approx, exact):
    k = exact.shape[1]
    shares = []
    for a, e in zip(approx, exact, strict=True):
        shares.append(len({int(i) for i in a if i != -1} & {int(i) for i in e}) / k)
    return float(np.mean(shares))


# %% right: all pairs by broadcasting
def recall_at_k(approx, exact):
    approx, exact = np.asarray(approx), np.asarray(exact)
    hit = (exact[:, :, None] == approx[:, None, :]).any(axis=2) & (exact != -1)
    return float(hit.mean())


# %% right: intersect1d, counted in whole numbers
def recall_at_k(approx, exact):
    total = 0
    for row in range(len(exact)):
        total += int((np.intersect1d(approx[row], exact[row]) >= 0).sum())
    return total / exact.size


# %% right: isin of each row, in torch
def recall_at_k(approx, exact):
    found = 0
    for a, e in zip(torch.tensor(approx), torch.tensor(exact), strict=True):
        found += int((torch.isin(e, a) & (e >= 0)).sum())
    return found / torch.tensor(exact).numel()


# %% wrong (q09-recall-at-k-hidden-short): divides by what came back, which is precision
def recall_at_k(approx, exact):
    shares = []
    for a, e in zip(approx.tolist(), exact.tolist(), strict=True):
        shares.append(len((set(a) & set(e)) - {-1}) / max(len(a), 1))
    return float(np.mean(shares))


# %% wrong (q09-recall-at-k-hidden-rows): one set for all queries together
def recall_at_k(approx, exact):
    return float((np.isin(exact, approx) & (exact != -1)).mean())


# %% wrong (q09-recall-at-k-hidden-rows): compares place by place
def recall_at_k(approx, exact):
    m = approx.shape[1]
    return float(((approx == exact[:, :m]) & (approx != -1)).sum() / exact.size)


# %% wrong (q09-recall-at-k-hidden-missing): -1 matches -1
def recall_at_k(approx, exact):
    pairs = zip(approx.tolist(), exact.tolist(), strict=True)
    return float(np.mean([len(set(a) & set(e)) / exact.shape[1] for a, e in pairs]))


# %% wrong (q09-recall-at-k-hidden-missing): an id that came twice counts twice
def recall_at_k(approx, exact):
    found = [
        sum(1 for i in a if i != -1 and i in e)
        for a, e in zip(approx.tolist(), exact.tolist(), strict=True)
    ]
    return sum(found) / exact.size


# %% wrong (q09-recall-at-k-hidden-missing): leaves -1 out of the divisor
def recall_at_k(approx, exact):
    shares = []
    for a, e in zip(approx.tolist(), exact.tolist(), strict=True):
        true = set(e) - {-1}
        shares.append(len(set(a) & true) / max(len(true), 1))
    return float(np.mean(shares))


# %% wrong (q09-recall-at-k-hidden-short): counts a query as found if anything was
def recall_at_k(approx, exact):
    pairs = zip(approx.tolist(), exact.tolist(), strict=True)
    return float(np.mean([bool((set(a) & set(e)) - {-1}) for a, e in pairs]))
