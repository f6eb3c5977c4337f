# %% right: one loop, intervals drawn one by one
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% right: two functions for the two failures, the comparison through sorted ids
from course.evaluation import Report


def one_row(model, scorer, example):
    row = dict(id=example["id"], output=None, score=0.0, error=None)
    try:
        row["output"] = model(example["input"])
    except Exception as e:
        return {**row, "error": e.__class__.__name__}
    try:
        row["score"] = 0.0 + scorer(row["output"], example["reference"])
    except Exception as e:
        row["error"] = e.__class__.__name__
    return row


def evaluate(model, dataset, scorer, seed=0):
    seen = set()
    for example in dataset:
        if example["id"] in seen:
            raise ValueError("twice")
        seen.add(example["id"])
    if not seen:
        raise ValueError("empty")
    rows = [one_row(model, scorer, example) for example in dataset]
    scores = np.array([row["score"] for row in rows])
    return Report(rows=rows, mean=scores.mean(), ci=interval(scores, seed))


def paired_diff(a, b, seed=0):
    one, two = ({row["id"]: row["score"] for row in r.rows} for r in (a, b))
    if one.keys() != two.keys():
        raise ValueError("not the same examples")
    keys = sorted(one, key=str)
    gap = np.array([one[k] for k in keys]) - np.array([two[k] for k in keys])
    low, high = interval(gap, seed)
    return [gap.mean(), low, high]


def interval(values, seed):
    n = len(values)
    rows = np.random.default_rng(seed).integers(0, n, (2000, n))
    return np.percentile(values[rows].mean(axis=1), [2.5, 97.5])


# %% right: resamples as counts, pairs resampled with both their scores
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    place = {row["id"]: i for i, row in enumerate(b.rows)}
    if len(place) != len(a.rows) or any(row["id"] not in place for row in a.rows):
        raise ValueError("ids")
    x = np.array([row["score"] for row in a.rows])
    y = np.array([b.rows[place[row["id"]]]["score"] for row in a.rows])
    n = len(x)
    share = np.random.default_rng(seed).multinomial(n, np.ones(n) / n, size=2000) / n
    low, high = np.quantile(share @ x - share @ y, [0.025, 0.975])
    return float(x.mean() - y.mean()), float(low), float(high)


def interval(values, seed):
    n = len(values)
    share = np.random.default_rng(seed).multinomial(n, np.ones(n) / n, size=2000) / n
    low, high = np.quantile(share @ np.array(values), [0.025, 0.975])
    return float(low), float(high)


# %% wrong (q28-evaluate-hidden-errors): what fails is skipped
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception:
            continue
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): errors are left out of the mean
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows if row["error"] is None] or [0.0]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): nothing is caught
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        output = model(example["input"])
        score = float(scorer(output, example["reference"]))
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): an output of an earlier example stays in the row
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows, output = [], None
    for example in dataset:
        score, error = 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): the error's message instead of its type
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = str(exception)
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): an output that could not be scored is thrown away
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            output, error = None, type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): the scorer is asked about answers that there are not
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
        except Exception as exception:
            error = type(exception).__name__
        try:
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = error or type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): only one kind of error is expected
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except (TimeoutError, ValueError) as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-rows): the score is written into the dataset
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        example["score"] = score
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-rows): reference and output are swapped
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(example["reference"], output))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-rows): each row is the whole example
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({**example, "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-rows): the model sees the whole example
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example)
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-interval): a normal interval of one standard error
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    error = np.std(values) / math.sqrt(len(values))
    return float(np.mean(values) - error), float(np.mean(values) + error)


# %% wrong (q28-evaluate-hidden-interval): quantiles of the scores themselves
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    drawn = np.random.default_rng(seed).choice(values, 2000)
    return tuple(float(q) for q in np.quantile(drawn, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-interval): the generator is not seeded
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng()
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-interval): the global generator is seeded
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    np.random.seed(seed)
    means = [np.random.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): rows are paired by their place
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    if {row["id"] for row in a.rows} != {row["id"] for row in b.rows}:
        raise ValueError("ids")
    gaps = [x["score"] - y["score"] for x, y in zip(a.rows, b.rows, strict=True)]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): the two systems are resampled apart
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    if {row["id"] for row in a.rows} != {row["id"] for row in b.rows}:
        raise ValueError("ids")
    rng = np.random.default_rng(seed)
    x, y = (np.array([row["score"] for row in r.rows]) for r in (a, b))
    n = len(x)
    gaps = [rng.choice(x, n).mean() - rng.choice(y, n).mean() for _ in range(2000)]
    low, high = np.quantile(gaps, [0.025, 0.975])
    return float(x.mean() - y.mean()), float(low), float(high)


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): the difference of the intervals' ends
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    if {row["id"] for row in a.rows} != {row["id"] for row in b.rows}:
        raise ValueError("ids")
    x, y = ([row["score"] for row in r.rows] for r in (a, b))
    (x_low, x_high), (y_low, y_high) = interval(x, seed), interval(y, seed)
    return float(np.mean(x) - np.mean(y)), x_low - y_high, x_high - y_low


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): b minus a
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [theirs[row["id"]] - row["score"] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): the rows of a report are sorted in their place
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    if {row["id"] for row in a.rows} != {row["id"] for row in b.rows}:
        raise ValueError("ids")
    for report in (a, b):
        report.rows.sort(key=lambda row: row["id"])
    gaps = [x["score"] - y["score"] for x, y in zip(a.rows, b.rows, strict=True)]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-refused): the ids that both have are compared in silence
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows if row["id"] in theirs]
    if not gaps:
        raise ValueError("nothing in common")
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-refused): repeated ids are let through
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids:
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-refused): repeated ids are noticed after the run
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    if not rows or len({row["id"] for row in rows}) < len(rows):
        raise ValueError("ids")
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-interval): 5 % are cut off at each end
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.05, 0.95]))


# %% wrong (q28-evaluate-hidden-interval): 200 resamples
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(200)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-interval): 1.96 standard errors on each side
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    error = 1.96 * np.std(values) / math.sqrt(len(values))
    return float(np.mean(values) - error), float(np.mean(values) + error)


# %% wrong (q28-evaluate-hidden-interval): the seed is always 0
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(0)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): 5 % are cut off at each end, for the difference
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *other(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


def other(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.05, 0.95]))


# %% wrong (q28-evaluate-hidden-pairs): 200 resamples, for the difference
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *other(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


def other(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(200)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): 1.96 standard errors on each side, for the difference
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *other(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


def other(values, seed):
    error = 1.96 * np.std(values) / math.sqrt(len(values))
    return float(np.mean(values) - error), float(np.mean(values) + error)


# %% wrong (q28-evaluate-hidden-pairs): the seed is always 0, for the difference
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *other(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


def other(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(0)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): errors are left out of the interval
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    kept = [row["score"] for row in rows if row["error"] is None]
    return Report(rows, float(np.mean(scores)), interval(kept or [0.0], seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): whatever is raised is caught
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except BaseException as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): None is taken for a failure
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            if output is None:
                raise ValueError("no output")
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-errors): None is not scored
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            if output is not None:
                score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): ids with an error on either side are left out
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    bad = {row["id"] for r in (a, b) for row in r.rows if row["error"] is not None}
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows if row["id"] not in bad]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): ids with an error of a are left out
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows if row["error"] is None]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-pairs): the difference of the reports' means
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (a.mean - b.mean, *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-refused): ids are compared as text
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [str(example["id"]) for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {row["id"]: row["score"] for row in b.rows}
    if set(theirs) != {row["id"] for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[row["id"]] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))


# %% wrong (q28-evaluate-hidden-refused): ids are paired as text
from course.evaluation import Report


def evaluate(model, dataset, scorer, seed=0):
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("ids")
    rows = []
    for example in dataset:
        output, score, error = None, 0.0, None
        try:
            output = model(example["input"])
            score = float(scorer(output, example["reference"]))
        except Exception as exception:
            error = type(exception).__name__
        rows.append({"id": example["id"], "output": output, "score": score, "error": error})
    scores = [row["score"] for row in rows]
    return Report(rows, float(np.mean(scores)), interval(scores, seed))


def paired_diff(a, b, seed=0):
    theirs = {str(row["id"]): row["score"] for row in b.rows}
    if set(theirs) != {str(row["id"]) for row in a.rows}:
        raise ValueError("ids")
    gaps = [row["score"] - theirs[str(row["id"])] for row in a.rows]
    return (float(np.mean(gaps)), *interval(gaps, seed))


def interval(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    return tuple(float(q) for q in np.quantile(means, [0.025, 0.975]))
