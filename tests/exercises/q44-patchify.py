# %% right: loops over slices
def patchify(img, P):
    H, W, C = img.shape
    if H % P != 0 or W % P != 0:
        raise ValueError("not divisible")
    patches = []
    for top in range(0, H, P):
        for left in range(0, W, P):
            patches.append(img[top : top + P, left : left + P].reshape(-1))
    return np.stack(patches)


def unpatchify(patches, H, W, P):
    C = patches.shape[1] // P**2
    img = np.zeros((H, W, C))
    n = 0
    for top in range(0, H, P):
        for left in range(0, W, P):
            img[top : top + P, left : left + P] = patches[n].reshape(P, P, C)
            n += 1
    return img


# %% right: einsum names the axes
def patchify(img, P):
    H, W, C = img.shape
    h, row_rest = divmod(H, P)
    w, column_rest = divmod(W, P)
    if row_rest or column_rest:
        raise ValueError(f"{H} x {W} is not divisible by {P}")
    return np.einsum("aybxc->abyxc", img.reshape(h, P, w, P, C)).reshape(h * w, P * P * C)


def unpatchify(patches, H, W, P):
    h, w = H // P, W // P
    C = patches.shape[1] // (P * P)
    return np.einsum("abyxc->aybxc", patches.reshape(h, w, P, P, C)).reshape(H, W, C)


# %% right: split into rows of patches, then columns
def patchify(img, P):
    if img.shape[0] % P or img.shape[1] % P:
        raise ValueError("the patches do not fit")
    out = []
    for band in np.split(img, img.shape[0] // P, axis=0):
        out += [square.ravel() for square in np.split(band, img.shape[1] // P, axis=1)]
    return np.array(out)


def unpatchify(patches, H, W, P):
    squares = [row.reshape(P, P, -1) for row in patches]
    across = W // P
    bands = [np.hstack(squares[i : i + across]) for i in range(0, len(squares), across)]
    return np.vstack(bands)


# %% right: torch's unfold, and an index picture for the inverse
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("H and W must be multiples of P")
    t = torch.tensor(img).unfold(0, P, P).unfold(1, P, P)  # (rows, columns, C, P, P)
    return t.permute(0, 1, 3, 4, 2).reshape(-1, P * P * C).numpy()


def unpatchify(patches, H, W, P):
    y, x = np.mgrid[:H, :W]
    n = (y // P) * (W // P) + x // P
    inside = (y % P) * P + x % P
    return patches.reshape(len(patches), P * P, -1)[n, inside]


# %% wrong (q44-patchify-hidden-order): a plain reshape cuts strips
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    return img.reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    return patches.reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-order): patches column by column
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.transpose(2, 0, 1, 3, 4).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    grid = patches.reshape(W // P, H // P, P, P, -1)
    return grid.transpose(1, 2, 0, 3, 4).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-order): channel first inside a patch, as torch lays pictures out
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.transpose(0, 2, 4, 1, 3).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    C = patches.shape[1] // P**2
    grid = patches.reshape(H // P, W // P, C, P, P)
    return grid.transpose(0, 3, 1, 4, 2).reshape(H, W, C)


# %% wrong (q44-patchify-hidden-order): column before row inside a patch
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.transpose(0, 2, 3, 1, 4).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.transpose(0, 3, 1, 2, 4).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-order): reshapes with P before the number of patches
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(P, H // P, P, W // P, C)
    return grid.transpose(1, 3, 0, 2, 4).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.transpose(2, 0, 3, 1, 4).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-count): crops the edge instead of refusing
def patchify(img, P):
    H, W = img.shape[0] // P * P, img.shape[1] // P * P
    grid = img[:H, :W].reshape(H // P, P, W // P, P, -1)
    return grid.swapaxes(1, 2).reshape(-1, P * P * img.shape[2])


def unpatchify(patches, H, W, P):
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.swapaxes(1, 2).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-count): looks at the area, and crops
def patchify(img, P):
    H, W, C = img.shape
    if (H * W) % (P * P):
        raise ValueError("not divisible")
    patches = [
        img[y : y + P, x : x + P].ravel()
        for y in range(0, H - P + 1, P)
        for x in range(0, W - P + 1, P)
    ]
    return np.array(patches)


def unpatchify(patches, H, W, P):
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.swapaxes(1, 2).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-count): checks the height only
def patchify(img, P):
    H, W, C = img.shape
    if H % P:
        raise ValueError("not divisible")
    bands = [img[y : y + P, x : x + P] for y in range(0, H, P) for x in range(0, W - W % P, P)]
    return np.array([band.ravel() for band in bands])


def unpatchify(patches, H, W, P):
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.swapaxes(1, 2).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-inverse): the inverse is a plain reshape
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.swapaxes(1, 2).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    return patches.reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-inverse): rows and columns of patches swapped in the inverse
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.swapaxes(1, 2).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    grid = patches.reshape(W // P, H // P, P, P, -1)
    return grid.transpose(1, 2, 0, 3, 4).reshape(H, W, -1)


# %% wrong (q44-patchify-hidden-inverse): the inverse takes every picture for square
def patchify(img, P):
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError("not divisible")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.swapaxes(1, 2).reshape(-1, P * P * C)


def unpatchify(patches, H, W, P):
    side = max(H, W) // P
    img = np.zeros((side * P, side * P, patches.shape[1] // P**2))
    for n, patch in enumerate(patches):
        y, x = divmod(n, side)
        img[y * P : y * P + P, x * P : x * P + P] = patch.reshape(P, P, -1)
    return img[:H, :W]
