# %% right: drafts first, then verdicts, then the maximum
def speculative_rag(question, clusters, m, sample, draft, verify):
    drafts = [draft(question, docs) for docs in sample(clusters, m)]
    scores = []
    for answer, rationale, lp in drafts:
        consistency, reflection = verify(question, answer, rationale)
        scores.append(lp + consistency + reflection)
    return drafts[max(range(len(drafts)), key=scores.__getitem__)][0]


# %% right: the loop kept, with None for no draft yet
def speculative_rag(question, clusters, m, sample, draft, verify):
    best = None
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        lp_consistency, lp_reflection = verify(question, answer, rationale)
        score = lp + lp_consistency + lp_reflection
        if best is None or score > best[1]:
            best = (answer, score)
    return best[0]


# %% right: NumPy, last draft asked for first
def speculative_rag(question, clusters, m, sample, draft, verify):
    subsets = list(sample(clusters, m))
    drafts = {}
    for i in reversed(range(len(subsets))):
        drafts[i] = draft(question, tuple(subsets[i]))
    logs = np.array(
        [[drafts[i][2], *verify(question, *drafts[i][:2])] for i in range(len(subsets))]
    )
    return drafts[int(np.argmax(logs.sum(axis=1)))][0]


# %% wrong (q34-repair-hidden-subsets): the other two mended, one cluster per draft kept
def speculative_rag(question, clusters, m, sample, draft, verify):
    best_answer, best_score = None, None
    for cluster in clusters[:m]:
        answer, rationale, lp = draft(question, tuple(cluster))
        score = lp + sum(verify(question, answer, rationale))
        if best_score is None or score > best_score:
            best_answer, best_score = answer, score
    return best_answer


# %% wrong (q34-repair-hidden-subsets): samples within each cluster
def speculative_rag(question, clusters, m, sample, draft, verify):
    answers, scores = [], []
    for cluster in clusters[:m]:
        for docs in sample([cluster], 1):
            answer, rationale, lp = draft(question, docs)
            answers.append(answer)
            scores.append(lp + sum(verify(question, answer, rationale)))
    return answers[scores.index(max(scores))]


# %% wrong (q34-repair-hidden-subsets): the first document of each cluster, once
def speculative_rag(question, clusters, m, sample, draft, verify):
    answers, scores = [], []
    for i in range(m):
        docs = tuple(cluster[i % len(cluster)] for cluster in clusters)
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(lp + sum(verify(question, answer, rationale)))
    return answers[scores.index(max(scores))]


# %% wrong (q34-repair-hidden-verifier): the verifier reads the drafts' documents
def speculative_rag(question, clusters, m, sample, draft, verify):
    answers, scores = [], []
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(lp + sum(verify(question, answer, " ".join(docs))))
    return answers[scores.index(max(scores))]


# %% wrong (q34-repair-hidden-verifier): the answer stands for the rationale
def speculative_rag(question, clusters, m, sample, draft, verify):
    answers, scores = [], []
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(lp + sum(verify(question, answer, answer)))
    return answers[scores.index(max(scores))]


# %% wrong (q34-repair-hidden-logs): the other two mended, probabilities multiplied
def speculative_rag(question, clusters, m, sample, draft, verify):
    best_answer, best_score = "", 0.0
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        lp_consistency, lp_reflection = verify(question, answer, rationale)
        score = math.exp(lp) * math.exp(lp_consistency) * math.exp(lp_reflection)
        if score > best_score:
            best_answer, best_score = answer, score
    return best_answer


# %% wrong (q34-repair-hidden-logs): sums of logarithms against a start of 0
def speculative_rag(question, clusters, m, sample, draft, verify):
    best_answer, best_score = "", 0.0
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        score = lp + sum(verify(question, answer, rationale))
        if score > best_score:
            best_answer, best_score = answer, score
    return best_answer


# %% wrong (q34-repair-hidden-logs): nothing beats minus infinity
def speculative_rag(question, clusters, m, sample, draft, verify):
    best_answer, best_score = "", -math.inf
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        score = lp + sum(verify(question, answer, rationale))
        if score > best_score:
            best_answer, best_score = answer, score
    return best_answer


# %% wrong (q34-repair-hidden-logs): the drafter's own probability left out
def speculative_rag(question, clusters, m, sample, draft, verify):
    answers, scores = [], []
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(sum(verify(question, answer, rationale)))
    return answers[scores.index(max(scores))]
