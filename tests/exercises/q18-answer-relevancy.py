# %% right: lengths, then the mean
def answer_relevancy(question, generated, noncommittal):
    if len(generated) == 0 or all(noncommittal):
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float(np.mean(generated @ question / lengths))


# %% right: a loop over rows
def answer_relevancy(question, generated, noncommittal):
    if not len(noncommittal) or False not in [bool(x) for x in noncommittal]:
        return 0.0
    total = 0.0
    for row in generated:
        total += np.dot(row, question) / (np.linalg.norm(row) * np.linalg.norm(question))
    return float(total / len(generated))


# %% right: torch's cosine
def answer_relevancy(question, generated, noncommittal):
    if all(noncommittal):
        return 0.0
    q, g = torch.from_numpy(question), torch.from_numpy(generated)
    return torch.nn.functional.cosine_similarity(g, q[None], dim=1).mean().item()


# %% wrong (q18-answer-relevancy-hidden-cosine): dot products without lengths
def answer_relevancy(question, generated, noncommittal):
    if all(noncommittal):
        return 0.0
    return float((generated @ question).mean())


# %% wrong (q18-answer-relevancy-hidden-cosine): the cosine with the mean vector
def answer_relevancy(question, generated, noncommittal):
    if all(noncommittal):
        return 0.0
    centre = generated.mean(axis=0)
    return float(centre @ question / (np.linalg.norm(centre) * np.linalg.norm(question)))


# %% wrong (q18-answer-relevancy-hidden-cosine): only the committed ones count
def answer_relevancy(question, generated, noncommittal):
    kept = generated[~np.array(noncommittal, dtype=bool)]
    if len(kept) == 0:
        return 0.0
    lengths = np.linalg.norm(kept, axis=1) * np.linalg.norm(question)
    return float((kept @ question / lengths).mean())


# %% wrong (q18-answer-relevancy-hidden-cosine): the best of them
def answer_relevancy(question, generated, noncommittal):
    if all(noncommittal):
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float((generated @ question / lengths).max())


# %% wrong (q18-answer-relevancy-hidden-evasive): one evasive flag is enough for zero
def answer_relevancy(question, generated, noncommittal):
    if any(noncommittal) or len(generated) == 0:
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float((generated @ question / lengths).mean())


# %% wrong (q18-answer-relevancy-hidden-evasive): forgets the flags
def answer_relevancy(question, generated, noncommittal):
    if len(generated) == 0:
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float((generated @ question / lengths).mean())


# %% wrong (q18-answer-relevancy-hidden-evasive): the majority of the flags decides
def answer_relevancy(question, generated, noncommittal):
    if len(generated) == 0 or np.mean(noncommittal) > 0.5:
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float((generated @ question / lengths).mean())
