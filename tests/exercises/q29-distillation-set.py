# %% right: a dictionary of prompts first, then a loop that counts
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def key(text):
        return " ".join(text.lower().split())

    banned = set(map(key, held_out))
    first = {}
    for prompt in prompts:
        if key(prompt) not in banned:
            first.setdefault(key(prompt), prompt)
    pairs = []
    for prompt in first.values():
        answers, tries, good = [], 0, []
        while tries < n and len(good) < keep:
            tries += 1
            text = teacher(prompt)
            if text is None or not text.strip() or text.strip() in answers:
                continue
            answers.append(text.strip())
            if accept(prompt, text.strip()):
                good.append((prompt, text.strip()))
        pairs.extend(good)
    return pairs


# %% right: a generator of answers for each prompt
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    from itertools import islice

    def same(text):
        return tuple(text.lower().split())

    def good(prompt):
        seen = {""}
        for _ in range(n):
            answer = teacher(prompt)
            answer = answer.strip() if answer is not None else ""
            if answer not in seen:
                seen.add(answer)
                if accept(prompt, answer):
                    yield prompt, answer

    out, done = [], {same(p) for p in held_out}
    for prompt in prompts:
        if same(prompt) not in done:
            done.add(same(prompt))
            out += list(islice(good(prompt), keep))
    return out


# %% right: verdicts remembered
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    skip = [norm(h) for h in held_out]
    result = []
    for p in prompts:
        if norm(p) in skip:
            continue
        skip.append(norm(p))
        verdicts = {}
        for _ in range(n):
            if sum(verdicts.values()) >= keep:
                break
            a = teacher(p)
            if a is not None and a.strip() and a.strip() not in verdicts:
                verdicts[a.strip()] = bool(accept(p, a.strip()))
        result += [(p, a) for a, ok in verdicts.items() if ok]
    return result


# %% wrong (q29-distillation-set-hidden-leak): compares prompts as they are spelled
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    done = {p.lower() for p in held_out}
    out = []
    for p in prompts:
        if p.lower() in done:
            continue
        done.add(p.lower())
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-leak): takes repeated prompts again
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    banned = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in banned:
            continue
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-leak): normalises the prompts that it returns and asks
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in map(norm, prompts):
        if p in done:
            continue
        done.add(p)
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-leak): asks first and filters what is held out afterwards
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    banned, done = {norm(p) for p in held_out}, set()
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return [(p, a) for p, a in out if norm(p) not in banned]


# %% wrong (q29-distillation-set-hidden-check): always asks n times and keeps the first that are right
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        answers = dict.fromkeys((teacher(p) or "").strip() for _ in range(n))
        answers.pop("", None)
        out += [(p, a) for a in answers if accept(p, a)][:keep]
    return out


# %% wrong (q29-distillation-set-hidden-check): only new answers count as asked
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good, calls = set(), 0, 0
        while len(seen) < n and good < keep and calls < 4 * n:
            calls += 1
            try:
                a = (teacher(p) or "").strip()
            except IndexError:
                break
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-check): checks repeated answers again and keeps them
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        good = 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and accept(p, a):
                out.append((p, a))
                good += 1
    return out


# %% wrong (q29-distillation-set-hidden-check): strips only what it returns
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = teacher(p)
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a.strip()))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-many): one set of seen answers for all prompts
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done, seen = {norm(p) for p in held_out}, set()
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        good = 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-many): adds to the caller's list of held-out prompts
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    out = []
    for p in prompts:
        if norm(p) in [norm(h) for h in held_out]:
            continue
        held_out.append(p)
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-check): a cut-off answer does not count as asked
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good, asked = set(), 0, 0
        while asked < n and good < keep:
            a = teacher(p)
            if a is None:
                continue
            asked += 1
            a = (a or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-check): an empty answer does not count as asked
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good, asked = set(), 0, 0
        while asked < n and good < keep:
            a = teacher(p)
            if a is not None and not a.strip():
                continue
            asked += 1
            a = (a or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out


# %% wrong (q29-distillation-set-hidden-many): sorts the caller's list of held-out prompts
def distillation_set(prompts, teacher, accept, held_out, n=4, keep=1):
    def norm(s):
        return " ".join(s.lower().split())

    held_out.sort()
    done = {norm(p) for p in held_out}
    out = []
    for p in prompts:
        if norm(p) in done:
            continue
        done.add(norm(p))
        seen, good = set(), 0
        for _ in range(n):
            if good == keep:
                break
            a = (teacher(p) or "").strip()
            if a and a not in seen:
                seen.add(a)
                if accept(p, a):
                    out.append((p, a))
                    good += 1
    return out
