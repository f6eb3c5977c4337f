# %% right: ceil of a division
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    side, rest = divmod(tile, patch * merge)
    if rest:
        raise ValueError("the tile is not a multiple of patch * merge")
    tiles = math.ceil(height / tile) * math.ceil(width / tile)
    return side * side * (tiles + (1 if thumbnail and tiles > 1 else 0))


# %% right: counts the corners of the tiles
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % (patch * merge) != 0:
        raise ValueError("tile")
    corners = [(y, x) for y in range(0, height, tile) for x in range(0, width, tile)]
    extra = int(thumbnail) if len(corners) > 1 else 0
    return (len(corners) + extra) * (tile // patch // merge) ** 2


# %% wrong (q44-tile-tokens-hidden-cover): only whole tiles count
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % (patch * merge):
        raise ValueError("tile")
    tiles = max(1, height // tile) * max(1, width // tile)
    return (tiles + (thumbnail and tiles > 1)) * (tile // (patch * merge)) ** 2


# %% wrong (q44-tile-tokens-hidden-cover): divides the area
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % (patch * merge):
        raise ValueError("tile")
    tiles = math.ceil(height * width / tile**2)
    return (tiles + (thumbnail and tiles > 1)) * (tile // (patch * merge)) ** 2


# %% wrong (q44-tile-tokens-hidden-thumbnail): the small copy is added to a single tile too
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % (patch * merge):
        raise ValueError("tile")
    tiles = math.ceil(height / tile) * math.ceil(width / tile)
    return (tiles + thumbnail) * (tile // (patch * merge)) ** 2


# %% wrong (q44-tile-tokens-hidden-thumbnail): merging divides by m, not by m squared
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % (patch * merge):
        raise ValueError("tile")
    tiles = math.ceil(height / tile) * math.ceil(width / tile)
    return (tiles + (thumbnail and tiles > 1)) * (tile // patch) ** 2 // merge


# %% wrong (q44-tile-tokens-hidden-thumbnail): looks at the patch only, not at what is merged
def tile_tokens(height, width, tile, patch, merge=1, thumbnail=True):
    if tile % patch:
        raise ValueError("tile")
    tiles = math.ceil(height / tile) * math.ceil(width / tile)
    return (tiles + (thumbnail and tiles > 1)) * (tile // patch // merge) ** 2
