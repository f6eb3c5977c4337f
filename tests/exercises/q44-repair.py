# %% right: the convolution that it is
def patch_embed(images, weight, bias):
    out = torch.nn.functional.conv2d(images, weight, bias, stride=weight.shape[-1])
    return out.flatten(2).transpose(1, 2)


# %% right: torch's own unfold, which puts channel, row, column in this order
def patch_embed(images, weight, bias):
    P = weight.shape[-1]
    columns = torch.nn.functional.unfold(images, kernel_size=P, stride=P)  # (B, C P P, N)
    return columns.transpose(1, 2) @ weight.flatten(1).T + bias


# %% right: einsum over the axes of unfold
def patch_embed(images, weight, bias):
    P = weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P)
    return torch.einsum("bchwyx,dcyx->bhwd", patches, weight).flatten(1, 2) + bias


# %% right: one patch at a time
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    P = weight.shape[-1]
    rows = []
    for top in range(0, H, P):
        for left in range(0, W, P):
            patch = images[:, None, :, top : top + P, left : left + P]
            rows.append((patch * weight).sum(dim=(2, 3, 4)) + bias)
    return torch.stack(rows, dim=1)


# %% wrong (q44-repair-hidden-channels): filters and rectangles mended, channels not
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    D, P = weight.shape[0], weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.reshape(D, C * P * P).T + bias


# %% wrong (q44-repair-hidden-channels): the channel moved to the end, behind row and column
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    D, P = weight.shape[0], weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 2, 3, 4, 5, 1)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.reshape(D, C * P * P).T + bias


# %% wrong (q44-repair-hidden-filters): channels and rectangles mended, filters not
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    D, P = weight.shape[0], weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 2, 3, 1, 4, 5)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.reshape(C * P * P, D) + bias


# %% wrong (q44-repair-hidden-filters): all axes of the filters turned round
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    D, P = weight.shape[0], weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 2, 3, 1, 4, 5)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.permute(3, 2, 1, 0).reshape(C * P * P, D) + bias


# %% wrong (q44-repair-hidden-filters): the bias is forgotten in the repair
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    _D, P = weight.shape[0], weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 2, 3, 1, 4, 5)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.flatten(1).T


# %% wrong (q44-repair-hidden-rectangles): still takes every picture for square
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    _D, P = weight.shape[0], weight.shape[-1]
    side = H // P
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 2, 3, 1, 4, 5)
    patches = patches.reshape(B, side * side, C * P * P)
    return patches @ weight.flatten(1).T + bias


# %% wrong (q44-repair-hidden-rectangles): patches column by column
def patch_embed(images, weight, bias):
    B, C, H, W = images.shape
    P = weight.shape[-1]
    patches = images.unfold(2, P, P).unfold(3, P, P).permute(0, 3, 2, 1, 4, 5)
    patches = patches.reshape(B, (H // P) * (W // P), C * P * P)
    return patches @ weight.flatten(1).T + bias


# %% wrong (q44-repair-hidden-rectangles): always float32
def patch_embed(images, weight, bias):
    P = weight.shape[-1]
    out = torch.nn.functional.conv2d(images.float(), weight.float(), bias.float(), stride=P)
    return out.flatten(2).transpose(1, 2)
