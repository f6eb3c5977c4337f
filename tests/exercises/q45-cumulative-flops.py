# %% right: a table of kinds
def cumulative_flops(stages):
    cost = {"train": 6, "synthetic": 2, "public": 0, "evaluation": 0}
    cost |= {"red-teaming": 0, "teacher": 0, "reward": 0}
    updates = cumulative = 0.0
    for s in stages:
        try:
            flops = cost[s["kind"]] * s["active"] * s["tokens"]
        except KeyError:
            raise ValueError(f"unknown kind {s['kind']}") from None
        cumulative += flops
        updates += flops if s["kind"] == "train" else 0.0
    return {"updates": updates, "cumulative": cumulative}


# %% right: checked first, summed afterwards
def cumulative_flops(stages):
    known = {"train", "synthetic", "public", "evaluation", "red-teaming", "teacher", "reward"}
    if not {s["kind"] for s in stages} <= known:
        raise ValueError("a kind of stage that is not known")
    trained = sum(6.0 * s["active"] * s["tokens"] for s in stages if s["kind"] == "train")
    made = sum(2.0 * s["active"] * s["tokens"] for s in stages if s["kind"] == "synthetic")
    return {"cumulative": float(trained + made), "updates": float(trained)}


# %% right: match
def cumulative_flops(stages):
    out = dict(updates=0.0, cumulative=0.0)
    for stage in stages:
        work = float(stage["active"]) * float(stage["tokens"])
        match stage["kind"]:
            case "train":
                out["updates"] += 6 * work
                out["cumulative"] += 6 * work
            case "synthetic":
                out["cumulative"] += 2 * work
            case "public" | "evaluation" | "red-teaming" | "teacher" | "reward":
                pass
            case other:
                raise ValueError(other)
    return out


# %% wrong (q45-cumulative-flops-hidden-sums): only what was kept
def cumulative_flops(stages):
    sums = {"updates": 0.0, "cumulative": 0.0}
    for s in stages:
        if s["kind"] == "train":
            sums["updates"] += 6 * s["active"] * s["tokens"]
            sums["cumulative"] += 6 * s["active"] * s["tokens"]
        elif s["kind"] == "synthetic":
            sums["cumulative"] += 2 * s["active"] * s["kept"]
        elif s["kind"] not in ("public", "evaluation", "red-teaming", "teacher", "reward"):
            raise ValueError(s["kind"])
    return sums


# %% wrong (q45-cumulative-flops-hidden-sums): generation costs as much as training
def cumulative_flops(stages):
    sums = {"updates": 0.0, "cumulative": 0.0}
    for s in stages:
        flops = 6.0 * s["active"] * s["tokens"]
        if s["kind"] == "train":
            sums["updates"] += flops
            sums["cumulative"] += flops
        elif s["kind"] == "synthetic":
            sums["cumulative"] += flops
        elif s["kind"] not in ("public", "evaluation", "red-teaming", "teacher", "reward"):
            raise ValueError(s["kind"])
    return sums


# %% wrong (q45-cumulative-flops-hidden-sums): generated data count as updates
def cumulative_flops(stages):
    total = 0.0
    for s in stages:
        if s["kind"] in ("train", "synthetic"):
            total += (6 if s["kind"] == "train" else 2) * s["active"] * s["tokens"]
        elif s["kind"] not in ("public", "evaluation", "red-teaming", "teacher", "reward"):
            raise ValueError(s["kind"])
    return {"updates": total, "cumulative": total}


# %% wrong (q45-cumulative-flops-hidden-sums): one stage of each kind
def cumulative_flops(stages):
    by_kind = {s["kind"]: s["active"] * s["tokens"] for s in stages}
    known = {"train", "synthetic", "public", "evaluation", "red-teaming", "teacher", "reward"}
    if set(by_kind) - known:
        raise ValueError("unknown kind")
    updates = 6.0 * by_kind.get("train", 0)
    return {"updates": updates, "cumulative": updates + 2.0 * by_kind.get("synthetic", 0)}


# %% wrong (q45-cumulative-flops-hidden-free): public data are counted
def cumulative_flops(stages):
    sums = {"updates": 0.0, "cumulative": 0.0}
    for s in stages:
        if s["kind"] == "train":
            sums["updates"] += 6.0 * s["active"] * s["tokens"]
            sums["cumulative"] += 6.0 * s["active"] * s["tokens"]
        elif s["kind"] in ("synthetic", "public"):
            sums["cumulative"] += 2.0 * s["active"] * s["tokens"]
        elif s["kind"] not in ("evaluation", "red-teaming", "teacher", "reward"):
            raise ValueError(s["kind"])
    return sums


# %% wrong (q45-cumulative-flops-hidden-free): the teacher is counted
def cumulative_flops(stages):
    per = {"train": 6, "synthetic": 2, "teacher": 6, "public": 0}
    per |= {"evaluation": 0, "red-teaming": 0, "reward": 0}
    if any(s["kind"] not in per for s in stages):
        raise ValueError("unknown kind")
    flops = [per[s["kind"]] * s["active"] * s["tokens"] for s in stages]
    own = [f for f, s in zip(flops, stages) if s["kind"] == "train"]
    return {"updates": float(sum(own)), "cumulative": float(sum(flops))}


# %% wrong (q45-cumulative-flops-hidden-free): red-teaming is an unknown kind
def cumulative_flops(stages):
    per = {"train": 6, "synthetic": 2, "public": 0, "evaluation": 0, "teacher": 0, "reward": 0}
    if any(s["kind"] not in per for s in stages):
        raise ValueError("unknown kind")
    flops = [per[s["kind"]] * s["active"] * s["tokens"] for s in stages]
    own = [f for f, s in zip(flops, stages) if s["kind"] == "train"]
    return {"updates": float(sum(own)), "cumulative": float(sum(flops))}


# %% wrong (q45-cumulative-flops-hidden-unknown): what is not known is free
def cumulative_flops(stages):
    per = {"train": 6.0, "synthetic": 2.0}
    flops = [per.get(s["kind"], 0.0) * s["active"] * s["tokens"] for s in stages]
    own = [f for f, s in zip(flops, stages) if s["kind"] == "train"]
    return {"updates": float(sum(own)), "cumulative": float(sum(flops))}


# %% wrong (q45-cumulative-flops-hidden-unknown): a KeyError
def cumulative_flops(stages):
    per = {"train": 6.0, "synthetic": 2.0}
    per |= dict.fromkeys(["public", "evaluation", "red-teaming", "teacher", "reward"], 0.0)
    flops = [per[s["kind"]] * s["active"] * s["tokens"] for s in stages]
    own = [f for f, s in zip(flops, stages) if s["kind"] == "train"]
    return {"updates": float(sum(own)), "cumulative": float(sum(flops))}


# %% wrong (q45-cumulative-flops-hidden-unknown): stages without tokens are skipped unread
def cumulative_flops(stages):
    per = {"train": 6.0, "synthetic": 2.0}
    per |= dict.fromkeys(["public", "evaluation", "red-teaming", "teacher", "reward"], 0.0)
    sums = {"updates": 0.0, "cumulative": 0.0}
    for s in stages:
        if not s["tokens"]:
            continue
        if s["kind"] not in per:
            raise ValueError(s["kind"])
        flops = per[s["kind"]] * s["active"] * s["tokens"]
        sums["cumulative"] += flops
        sums["updates"] += flops * (s["kind"] == "train")
    return sums


# %% wrong (q45-cumulative-flops-hidden-sums): whole numbers stay whole
def cumulative_flops(stages):
    per = {"train": 6, "synthetic": 2, "public": 0, "evaluation": 0, "red-teaming": 0}
    per |= {"teacher": 0, "reward": 0}
    if any(s["kind"] not in per for s in stages):
        raise ValueError("unknown kind")
    flops = [per[s["kind"]] * s["active"] * s["tokens"] for s in stages]
    own = [f for f, s in zip(flops, stages) if s["kind"] == "train"]
    return {"updates": sum(own), "cumulative": sum(flops)}


# %% wrong (q45-cumulative-flops-hidden-unknown): names spelled nearly so are taken
def cumulative_flops(stages):
    sums = {"updates": 0.0, "cumulative": 0.0}
    for s in stages:
        work = s["active"] * s["tokens"]
        if s["kind"] == "train":
            sums["updates"] += 6.0 * work
            sums["cumulative"] += 6.0 * work
        elif s["kind"] == "synthetic":
            sums["cumulative"] += 2.0 * work
        elif (
            not s["kind"].startswith(("public", "eval", "red", "teacher")) and s["kind"] != "reward"
        ):
            raise ValueError(s["kind"])
    return sums
