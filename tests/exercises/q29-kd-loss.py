# %% right: torch's kl_div on flattened tokens
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    V = student.shape[-1]
    s, t = student.reshape(-1, V), teacher.detach().reshape(-1, V)
    if labels is not None:
        y = labels.reshape(-1)
        s, t, y = s[y != -100], t[y != -100], y[y != -100]
        if len(y) == 0:
            return student.sum() * 0.0
    soft = F.kl_div(
        F.log_softmax(s / T, -1), F.log_softmax(t / T, -1), log_target=True, reduction="batchmean"
    )
    soft = soft * T * T
    return soft if labels is None else alpha * soft + (1 - alpha) * F.cross_entropy(s, y)


# %% right: cross-entropy against soft targets, less the teacher's entropy; a mask as weights
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    if not T > 0:
        raise ValueError("temperature")
    with torch.no_grad():
        p = torch.softmax(teacher / T, dim=-1)
        entropy = -torch.xlogy(p, p).sum(-1)
    cross = -(p * torch.log_softmax(student / T, dim=-1)).sum(-1)
    soft = T**2 * (cross - entropy)
    mask = torch.ones_like(soft) if labels is None else (labels != -100).to(soft)
    count = mask.sum().clamp(min=1)
    kd = (soft * mask).sum() / count
    if labels is None:
        return kd
    picked = torch.log_softmax(student, -1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    return alpha * kd - (1 - alpha) * (picked * mask).sum() / count


# %% right: text by text, token by token
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    if T <= 0:
        raise ValueError("T must be positive")
    total, count = student.sum() * 0, 0
    teacher = teacher.detach()
    for b in range(student.shape[0]):
        for n in range(student.shape[1]):
            if labels is not None and int(labels[b, n]) == -100:
                continue
            lq = torch.log_softmax(student[b, n] / T, 0)
            lp = torch.log_softmax(teacher[b, n] / T, 0)
            term = T * T * torch.sum(lp.exp() * (lp - lq))
            if labels is not None:
                hard = torch.logsumexp(student[b, n], 0) - student[b, n, labels[b, n]]
                term = alpha * term + (1 - alpha) * hard
            total, count = total + term, count + 1
    return total / max(count, 1)


# %% wrong (q29-kd-loss-hidden-temperature): without T squared
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    if T <= 0:
        raise ValueError("T")
    lp, lq = torch.log_softmax(teacher.detach() / T, -1), torch.log_softmax(student / T, -1)
    soft = (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    hard = torch.nn.functional.cross_entropy(student[m], labels[m])
    return alpha * soft[m].mean() + (1 - alpha) * hard


# %% wrong (q29-kd-loss-hidden-temperature): the divergence turned round
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    if T <= 0:
        raise ValueError("T")
    lp, lq = torch.log_softmax(teacher.detach() / T, -1), torch.log_softmax(student / T, -1)
    soft = T * T * (lq.exp() * (lq - lp)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    hard = torch.nn.functional.cross_entropy(student[m], labels[m])
    return alpha * soft[m].mean() + (1 - alpha) * hard


# %% wrong (q29-kd-loss-hidden-temperature): batchmean over (B, N, V) divides by the texts, not the tokens
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lq, p = F.log_softmax(student / T, -1), F.softmax(teacher.detach() / T, -1)
    if labels is None:
        return T * T * F.kl_div(lq, p, reduction="batchmean")
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    soft = T * T * F.kl_div(lq[m], p[m], reduction="batchmean")
    return alpha * soft + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-temperature): mean over the vocabulary too
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).mean(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-temperature): kl_div is given probabilities where it wants their logarithms
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    q, p = F.softmax(student / T, -1), F.softmax(teacher.detach() / T, -1)
    soft = T * T * F.kl_div(q, p, reduction="none").sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-temperature): only the teacher is softened
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): the soft loss counts padding
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1).mean()
    if labels is None:
        return soft
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): shifts the labels once more
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    if labels is not None and labels.shape[1] > 1:
        student, teacher, labels = student[:, :-1], teacher[:, :-1], labels[:, 1:]
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): the hard loss at temperature T as well
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m] / T, labels[m])


# %% wrong (q29-kd-loss-hidden-labels): alpha weighs the hard loss
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return (1 - alpha) * soft[m].mean() + alpha * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): the mean of each text's mean
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    hard = F.cross_entropy(student.transpose(1, 2), labels.clamp(min=0), reduction="none")
    both = (alpha * soft + (1 - alpha) * hard) * m
    return (both.sum(1) / m.sum(1).clamp(min=1)).mean()


# %% wrong (q29-kd-loss-hidden-labels): the mean of nothing, which is NaN
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-gradient): trains the teacher too
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-gradient): detaches the student in the soft loss
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    with torch.no_grad():
        lp, lq = F.log_softmax(teacher / T, -1), F.log_softmax(student / T, -1)
        soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean() + 0 * student.sum()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-contract): the logarithm of a softmax
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    p, q = F.softmax(teacher.detach() / T, -1), F.softmax(student / T, -1)
    soft = T * T * (p * torch.log(p / q)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-contract): softens the caller's logits in place
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    hot = student.clone()
    teacher = teacher.detach()
    teacher /= T
    lp, lq = F.log_softmax(teacher, -1), F.log_softmax(hot / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-gradient): the labels do not train the student: detached in the cross-entropy
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student.detach()[m], labels[m])


# %% wrong (q29-kd-loss-hidden-gradient): with labels the soft loss does not train the student
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return student.sum() * 0
    return alpha * soft[m].detach().mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): a float instead of a tensor where no label is left
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return 0.0
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])


# %% wrong (q29-kd-loss-hidden-labels): a float32 zero for float64 logits where no label is left
def kd_loss(student, teacher, T, labels=None, alpha=0.5):
    F = torch.nn.functional
    if T <= 0:
        raise ValueError("T")
    lp, lq = F.log_softmax(teacher.detach() / T, -1), F.log_softmax(student / T, -1)
    soft = T * T * (lp.exp() * (lp - lq)).sum(-1)
    if labels is None:
        return soft.mean()
    m = labels != -100
    if not m.any():
        return torch.tensor(0.0)
    return alpha * soft[m].mean() + (1 - alpha) * F.cross_entropy(student[m], labels[m])
