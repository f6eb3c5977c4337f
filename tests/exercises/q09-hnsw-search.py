# %% right: sorted lists, no heaps
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% right: boolean array, expanded squares, bisect
def hnsw_search(graph, X, q, entry, ef, k):
    import bisect
    import heapq

    if k < 1:
        raise ValueError("k")
    if ef < k:
        ef = k
    norms, qq = np.einsum("ij,ij->i", X, X), float(q @ q)
    seen = np.zeros(len(X), bool)
    seen[entry] = True
    first = (float(norms[entry] - 2 * X[entry] @ q + qq), entry)
    heap, best = [first], [first]
    while heap:
        d, node = heapq.heappop(heap)
        if d > best[-1][0]:
            break
        for i in dict.fromkeys(graph[node]):
            if seen[i]:
                continue
            seen[i] = True
            pair = (float(norms[i] - 2 * X[i] @ q + qq), i)
            if len(best) < ef or pair[0] < best[-1][0]:
                heapq.heappush(heap, pair)
                bisect.insort(best, pair)
                del best[ef:]
    best = best[:k]
    return np.array([i for _, i in best], np.int64), np.array([d for d, _ in best])


# %% right: one list with a flag for what has been expanded, neighbours at once
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(k, ef)
    pool = [[float(((X[entry] - q) ** 2).sum()), entry, False]]
    seen = {entry}
    while True:
        waiting = [p for p in pool if not p[2]]
        if not waiting:
            break
        place = min(waiting)
        place[2] = True
        fresh = [i for i in graph[place[1]] if i not in seen]
        fresh = list(dict.fromkeys(fresh))
        seen.update(fresh)
        for i in fresh:
            d = float(((X[i] - q) ** 2).sum())
            if len(pool) < ef or d < pool[-1][0]:
                pool.append([d, i, False])
                pool.sort(key=lambda p: (p[0], p[1]))
                del pool[ef:]
    ids = [p[1] for p in pool[:k]]
    return np.array(ids, np.int64), ((X[ids] - q) ** 2).sum(axis=1)


# %% wrong (q09-hnsw-search-hidden-stuck): searches everything that can be reached
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    seen, todo = {entry}, [entry]
    while todo:
        for i in graph[todo.pop()]:
            if i not in seen:
                seen.add(i)
                todo.append(i)
    found = sorted((float(((X[i] - q) ** 2).sum()), i) for i in seen)[:k]
    return np.array([i for _, i in found], np.int64), np.array([d for d, _ in found])


# %% wrong (q09-hnsw-search-hidden-stuck): greedy, goes on only from what is nearer than the best
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    node, seen = entry, {entry}
    while True:
        seen.update(graph[node])
        nearest = min([node, *graph[node]], key=lambda i: (gap[i], i))
        if gap[nearest] >= gap[node]:
            break
        node = nearest
    best = sorted(seen, key=lambda i: (gap[i], i))[:k]
    return np.array(best, np.int64), gap[best]


# %% wrong (q09-hnsw-search-hidden-stuck): keeps k results instead of ef
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = k
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): no set of seen nodes, so that nodes come back twice
def hnsw_search(graph, X, q, entry, ef, k):
    import heapq

    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    todo, best = [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        d, node = heapq.heappop(todo)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if len(best) < ef or gap[i] < best[-1][0]:
                heapq.heappush(todo, (gap[i], i))
                best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): the entry is never among the results
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], []
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if len(best) == ef and d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): first come, first served: a queue instead of the nearest
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [entry], [(gap[entry], entry)]
    while todo:
        node = todo.pop(0)
        if gap[node] > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append(i)
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-ties): stops as soon as the nearest candidate is as far as the worst
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if len(best) == ef and d >= best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-ties): what is as near as the worst goes in too
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] <= best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-ties): a heap of (-d, i) drops the lowest id among equals
def hnsw_search(graph, X, q, entry, ef, k):
    import heapq

    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, worst = {entry}, [(gap[entry], entry)], [(-gap[entry], entry)]
    while todo:
        d, node = heapq.heappop(todo)
        if d > -worst[0][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(worst) < ef or gap[i] < -worst[0][0]:
                    heapq.heappush(todo, (gap[i], i))
                    heapq.heappush(worst, (-gap[i], i))
                    if len(worst) > ef:
                        heapq.heappop(worst)
    best = sorted((-d, i) for d, i in worst)[:k]
    return np.array([i for _, i in best], np.int64), np.array([d for d, _ in best])


# %% wrong (q09-hnsw-search-hidden-edges): ef stays below k
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, 1)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-edges): links are walked both ways
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    both = [set(near) for near in graph]
    for i, near in enumerate(graph):
        for j in near:
            both[j].add(i)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in sorted(both[node]):
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): marks a node when it is taken out, not when it is first seen
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = set(), [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        seen.add(node)
        for i in graph[node]:
            if i not in seen and (len(best) < ef or gap[i] < best[-1][0]):
                todo.append((gap[i], i))
                best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-stuck): the list of results is never cut to ef
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                todo.append((gap[i], i))
                best = sorted([*best, (gap[i], i)])
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): ends as soon as ef results are there
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = ((X - q) ** 2).sum(axis=1)
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo and len(best) < ef:
        todo.sort()
        _, node = todo.pop(0)
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                todo.append((gap[i], i))
                best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]


# %% wrong (q09-hnsw-search-hidden-graphs): distances with the root
def hnsw_search(graph, X, q, entry, ef, k):
    if k < 1:
        raise ValueError("k")
    ef = max(ef, k)
    gap = np.sqrt(((X - q) ** 2).sum(axis=1))
    seen, todo, best = {entry}, [(gap[entry], entry)], [(gap[entry], entry)]
    while todo:
        todo.sort()
        d, node = todo.pop(0)
        if d > best[-1][0]:
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < best[-1][0]:
                    todo.append((gap[i], i))
                    best = sorted([*best, (gap[i], i)])[:ef]
    ids = np.array([i for _, i in best[:k]], dtype=np.int64)
    return ids, gap[ids]
