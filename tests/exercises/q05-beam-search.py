# %% right: tuples with a flag
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% right: arrays and a partial sort of all candidates
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if min(width, max_len) < 1:
        raise ValueError("at least one")
    running, finished = [([], 0.0)], []

    def score(pair):
        return pair[1] / len(pair[0]) ** length_penalty

    rounds = 0
    while running and rounds < max_len:
        rounds += 1
        grown = []
        for tokens, total in running:
            row = np.asarray(step([bos] + tokens), dtype=float)
            sums = total + row
            best = np.argsort(-sums, kind="stable")[:width]
            grown.extend((tokens + [int(t)], float(sums[t])) for t in best if np.isfinite(sums[t]))
        everything = sorted(finished + grown, key=score)[::-1][:width]
        finished = [pair for pair in everything if pair[0][-1] == eos]
        running = [pair for pair in everything if pair[0][-1] != eos]
    return [(pair[0], score(pair)) for pair in sorted(finished + running, key=score, reverse=True)]


# %% right: heapq.nlargest, recursion over rounds
import heapq


def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1:
        raise ValueError("width")
    if max_len < 1:
        raise ValueError("max_len")

    def normalised(item):
        tokens, logp = item
        return logp / float(len(tokens)) ** length_penalty

    def rounds(beam, left):
        open_ones = [item for item in beam if not item[0] or item[0][-1] != eos]
        if left == 0 or not open_ones:
            return beam
        closed = [item for item in beam if item[0] and item[0][-1] == eos]
        for tokens, logp in open_ones:
            for token, extra in enumerate(np.asarray(step([bos] + list(tokens))).tolist()):
                if extra != -math.inf:
                    closed.append((list(tokens) + [token], logp + extra))
        return rounds(heapq.nlargest(width, closed, key=normalised), left - 1)

    return [(tokens, normalised((tokens, logp))) for tokens, logp in rounds([([], 0.0)], max_len)]


# %% wrong (q05-beam-search-hidden-widths): greedy, whatever the width
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:1]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-widths): the worst first
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    beam = beam[::-1]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-widths): the result begins with bos
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [([bos, *t], s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-widths): the result leaves eos out
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [([x for x in t if x != eos], s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-widths): probabilities multiplied, not logarithms added
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), math.exp(s) / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-finished): extends beyond eos
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, False))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-finished): loses finished texts
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        before = beam
        pool = []
        for tokens, total, done in beam:
            if done:
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width] or before
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-finished): collects finished texts apart, where they take no place in the beam
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam, closed = [((), 0.0, False)], []
    for _ in range(max_len):
        if not beam:
            break
        pool = []
        for tokens, total, done in beam:
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        closed += [h for h in pool[: 2 * width] if h[2]]
        beam = [h for h in pool if not h[2]][:width]
    beam = sorted(closed + beam, key=lambda h: -h[1] / len(h[0]) ** length_penalty)[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-finished): stops at the first finished text
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if any(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-penalty): ignores the penalty
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    length_penalty = 0.0
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-penalty): bos counts in the length
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / (len(h[0]) + 1) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / (len(t) + 1) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-penalty): eos does not count in the length
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / max(1, len(h[0]) - h[2]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / max(1, len(t) - e) ** length_penalty) for t, s, e in beam]


# %% wrong (q05-beam-search-hidden-penalty): normalises at the end only
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1])
        beam = pool[:width]
    beam = sorted(beam, key=lambda h: -h[1] / len(h[0]) ** length_penalty)
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-penalty): multiplies with the length
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] * len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s * len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-penalty): always divides by the length, the penalty subtracted
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) + length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) - length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-calls): asks about finished texts too
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            log_probs = step([bos, *tokens])
            if done:
                pool.append((tokens, total, done))
                continue
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-calls): asks without bos
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step(list(tokens) or [bos])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-calls): bos counts towards max_len
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max(1, max_len - 1)):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-calls): no error for a width of 0
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    width = max(width, 1)
    if max_len < 1:
        raise ValueError("max_len")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-pruning): the best of each hypothesis instead of the best of all
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in np.argsort(-np.asarray(log_probs))[: max(1, width // len(beam))].tolist():
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]


# %% wrong (q05-beam-search-hidden-finished): keeps one too many
def beam_search(step, bos, eos, width, max_len, length_penalty=0.0):
    if width < 1 or max_len < 1:
        raise ValueError("width and max_len are at least 1")
    beam = [((), 0.0, False)]
    for _ in range(max_len):
        if all(done for _, _, done in beam):
            break
        pool = []
        for tokens, total, done in beam:
            if done:
                pool.append((tokens, total, done))
                continue
            log_probs = step([bos, *tokens])
            for token in range(len(log_probs)):
                lp = float(log_probs[token])
                if lp > -math.inf:
                    pool.append((tokens + (token,), total + lp, token == eos))
        pool.sort(key=lambda h: -h[1] / len(h[0]) ** length_penalty)
        beam = pool[: width + 1]
    beam = beam[:width]
    return [(list(t), s / len(t) ** length_penalty) for t, s, _ in beam]
