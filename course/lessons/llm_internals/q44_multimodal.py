# %% [markdown]
r"""
## Q44. How does a language model read an image?

*Hard · 95 minutes · needs shapes and axes (self-test 1), embeddings, cross-entropy*
"""

# %% [markdown]
r"""
### Say it

> A transformer reads a sequence of vectors, and nothing says that they must come from words. The
> open recipe, LLaVA's, has three parts. A vision encoder cuts the picture into patches and turns
> each into a vector; a small projector maps these vectors to the width of the language model's
> embeddings; and the projected vectors are spliced into the text where a placeholder stood. From
> there on the language model treats them as tokens: they take up context, cache and money, 576 of
> them for one small picture in LLaVA-1.5. Other models fuse differently, by cross-attention
> (Flamingo) or through a few learned queries (BLIP-2); how GPT-4V does it was never published, and
> Gemini is described as multimodal from the start of its training.
"""

# %% [markdown]
r"""
### See it

**A world of pictures small enough to look at.** Four colours, four shapes, 16 by 16 pixels, at a
random place and with some noise. An image is an array of shape (height, width, channels), here with
values between 0 and 1; the channels are red, green and blue, in this order.
"""

# %% tags=["demo"]
COLOURS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0)}
SHAPES = ["square", "ring", "triangle", "cross"]


def picture(colour: str, shape: str, rng: np.random.Generator, size: int = 16) -> np.ndarray:
    """Draw one shape on a dark noisy ground, (size, size, 3)."""
    r = rng.integers(5, 7)
    y, x = np.mgrid[:size, :size] - rng.integers(r, size - r, size=(2, 1, 1))
    inside = {
        "square": np.maximum(abs(x), abs(y)) <= r,
        "ring": abs(np.hypot(x, y) - r + 1) <= 1.2,
        "triangle": (2 * abs(x) <= y + r) & (y <= r),
        "cross": (np.minimum(abs(x), abs(y)) <= 1) & (np.maximum(abs(x), abs(y)) <= r),
    }[shape]
    noise = rng.uniform(0, 0.2, size=(size, size, 3))
    return np.where(inside[..., None], COLOURS[colour], noise)


# %% [markdown]
r"""
**Step 1: patches.** One token for each pixel would be too many: 336 by 336 pixels are 112,896. So
the picture is cut into squares of P by P pixels, read like a page, row by row. Here P = 4
(`PATCH`), which gives 4 rows of 4 patches.
"""

# %% tags=["demo"]
from course import figures

PATCH = 4
ring = picture("red", "ring", np.random.default_rng(1))
fig = figures.subplots(size=(6.4, 3))[0]
fig.clear()
whole, cut = fig.subfigures(1, 2)
ax = whole.subplots()
ax.imshow(ring)
ax.set(title="16 x 16 pixels", xticks=[], yticks=[])
axes = cut.subplots(4, 4)
for n, ax in enumerate(axes.flat):
    row, column = divmod(n, 4)
    ax.imshow(
        ring[row * PATCH : row * PATCH + PATCH, column * PATCH : column * PATCH + PATCH],
        vmin=0,
        vmax=1,
    )
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"{n}", fontsize=8, pad=1, loc="center")
figures.show(
    fig,
    "Left: a red ring on a dark ground. Right: the same picture cut into sixteen square patches, "
    "numbered 0 to 15 row by row; each patch holds a piece of the ring or dark ground.",
)

# %% [markdown]
r"""
Laid out flat, a patch is 4 · 4 · 3 = 48 numbers. A linear layer turns them into a vector. This is
what a Vision Transformer (ViT, Dosovitskiy et al., 2020) does first; then it adds an embedding for
the patch's place and lets the patches attend to each other, without a causal mask, for some layers.
A token of text gets its vector by *looking up* a row of a table; a patch has no row to look up,
since there is no finite vocabulary of patches. It is computed.
"""

# %% [markdown]
r"""
**Step 2: the projector.** The encoder's vectors have the encoder's width and mean what its own
training made them mean. In LLaVA-1.5 they are 1,024 wide and come from CLIP, a model trained to
match pictures with captions; the language model expects 4,096 (7B version). Two linear layers with
a GELU between them translate. Beside the language model, the translator is small:
"""

# %% tags=["demo"]
projector = 1024 * 4096 + 4096 + 4096 * 4096 + 4096  # two layers with biases
patches = (336 // 14) ** 2
print(f"LLaVA-1.5-7B: {patches} patches of 14 x 14 pixels in a picture of 336 x 336")
print(f"projector: {projector:,} parameters, {projector / 7e9:.1%} of 7 billion")

# %% [markdown]
r"""
**Step 3: the splice.** The prompt holds a placeholder, `<image>`. Its one embedding is thrown away
and replaced by the projected patches, all of them. The sequence grows, so everything that runs
alongside it must grow too: the labels for training, the attention mask, the positions. Where the
picture stands, nothing is to be predicted; the label there is −100, the number that PyTorch's
cross-entropy ignores.
"""

# %% tags=["demo"]
prompt = ["<image>", "what", "?", "red", "ring"]
labels = ["-100", "-100", "-100", "red", "ring"]  # not shifted: the loss does that itself
spliced = [f"patch {n}" for n in range(16)] + prompt[1:]
spliced_labels = ["-100"] * 16 + labels[1:]
print(len(prompt), "tokens:", prompt)
print(len(spliced), "after the splice:", *spliced[:2], "...", *spliced[15:])
print(len(spliced_labels), "labels:          ", *spliced_labels[:2], "...", *spliced_labels[15:])

# %% [markdown]
r"""
#### A vision-language model, trained while you watch

transformers has LLaVA's classes. With a tiny configuration, one layer of CLIP's encoder, a
projector, one layer of Llama and a vocabulary of eleven words, they make a model that learns to
caption our pictures in seconds. Where a real LLaVA starts from a trained encoder and a trained
language model, this one starts from random numbers, and everything is trained at once.

In transformers the placeholder is repeated first, once for each patch, and the image's vectors are
then written over the copies; that is why `<image>` stands 16 times in the ids below.
"""

# %% tags=["demo"]
words = ["<image>", "what", "?", *COLOURS, *SHAPES]
number = {word: i for i, word in enumerate(words)}
PAIRS = [(colour, shape) for colour in COLOURS for shape in SHAPES]
HELD_OUT = [("blue", "ring"), ("yellow", "cross")]  # never shown in training
SEEN = [pair for pair in PAIRS if pair not in HELD_OUT]


def batch(pairs: list, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Draw n captioned pictures: pixels (n, 3, 16, 16) between -1 and 1, ids (n, 20)."""
    chosen = [pairs[i] for i in rng.integers(len(pairs), size=n)]
    pixels = np.stack([picture(colour, shape, rng) for colour, shape in chosen])
    ids = [[0] * 16 + [number[word] for word in ("what", "?", *pair)] for pair in chosen]
    return torch.tensor(pixels).permute(0, 3, 1, 2).float() * 2 - 1, torch.tensor(ids)


# %% tags=["demo"]
llava = None
try:
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig
    from transformers import LlavaForConditionalGeneration
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    small = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 1}
    small |= {"num_attention_heads": 2, "initializer_range": 0.1}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(image_size=16, patch_size=PATCH, **small),
        text_config=LlamaConfig(vocab_size=len(words), max_position_embeddings=32, **small),
        image_token_index=number["<image>"],
        vision_feature_layer=-1,  # the encoder's last layer; CLIP's extra [CLS] vector is dropped
    )
    torch.manual_seed(0)
    llava = LlavaForConditionalGeneration(config)
    llava.set_attn_implementation("eager")  # so that attention weights can be looked at
    for name in ("vision_tower", "multi_modal_projector", "language_model"):
        part = getattr(llava.model, name)
        print(f"{name:22}", sum(p.numel() for p in part.parameters()), "parameters")

# %% [markdown]
r"""
How often does it name the colour, the shape, and both? An answer is two words; each is compared as
the most likely word, given the picture and what stands before. Guessing would give about a quarter,
a quarter and, of the fourteen pairs used here, one in fourteen. The untrained model does not even
guess colours for colours.
"""


# %% tags=["demo"]
def accuracy(pairs: list, change=lambda pixels: pixels) -> str:
    """Share of 300 new pictures whose colour, shape and both are named."""
    pixels, ids = batch(pairs, 300, np.random.default_rng(1))
    with torch.no_grad():
        logits = llava(input_ids=ids[:, :-1], pixel_values=change(pixels), logits_to_keep=2).logits
    right = logits.argmax(dim=-1) == ids[:, -2:]
    colour, shape = right.float().mean(dim=0).tolist()
    return f"colour {colour:4.0%}  shape {shape:4.0%}  both {right.all(dim=1).float().mean():4.0%}"


if llava is not None:
    print("before training:", accuracy(SEEN))

# %% [markdown]
r"""
Training takes 360 steps of 32 pictures. The loss is the language model's own, next-token
cross-entropy on the two answer words; the gradient runs back through the projector into the
encoder. Two of the sixteen pairs, the blue ring and the yellow cross, are kept out of training;
more on them below.
"""

# %% tags=["demo"]
curves, rng = [], np.random.default_rng(0)
if llava is not None:
    optimizer = torch.optim.AdamW(llava.parameters(), lr=4e-3, weight_decay=0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=360, pct_start=0.1)
    for _ in range(360):
        pixels, ids = batch(SEEN, 32, rng)
        targets = ids.clone()
        targets[:, :-2] = -100  # only the answer is learnt
        out = llava(input_ids=ids, pixel_values=pixels, labels=targets)
        optimizer.zero_grad()
        out.loss.backward()
        torch.nn.utils.clip_grad_norm_(llava.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        answers = torch.log_softmax(out.logits[:, -3:-1].detach(), dim=-1)
        curves.append(-answers.gather(-1, ids[:, -2:, None]).mean(dim=0).squeeze())
    llava.eval()
    print("after training: ", accuracy(SEEN))

# %% tags=["demo"]
if llava is not None:
    fig, ax = figures.subplots(size=(5.4, 2.6))
    for word, curve in zip(("colour", "shape"), torch.stack(curves).T.numpy(), strict=True):
        ax.plot(np.arange(15, 361), np.convolve(curve, np.ones(15) / 15, mode="valid"), label=word)
    ax.axhline(math.log(4), color="#777777", linestyle=":", linewidth=1)
    ax.annotate("a guess among four", (200, math.log(4) + 0.06))
    ax.set(xlabel="step", ylabel="loss (nats)", ylim=(0, 2))
    ax.legend(frameon=False, loc="center right")
    figures.show(
        fig,
        "Loss of the two answer words against training step, averaged over 15 steps. The colour's "
        "falls to nearly 0 within some 50 steps; the shape's passes the dotted line of a guess among "
        "four, 1.39 nats, and takes two hundred steps more.",
    )

# %% [markdown]
r"""
The colour comes first: one patch is enough to read it off. The shape takes the rest of the
training. The test pictures are new in their noise only; in so small a world every size and place
occurs in training.
"""

# %% tags=["demo"]
if llava is not None:
    settings = {"max_new_tokens": 2, "do_sample": False, "pad_token_id": number["<image>"]}
    pixels, ids = batch(SEEN, 8, np.random.default_rng(107))
    with torch.no_grad():
        mask = torch.ones_like(ids[:, :-2])  # all tokens count, none is padding
        new = llava.generate(
            input_ids=ids[:, :-2], attention_mask=mask, pixel_values=pixels, **settings
        )
    fig, axes = figures.subplots(2, 4, size=(6.4, 3.6))
    for ax, image, row in zip(axes.flat, pixels, new.tolist(), strict=True):
        ax.imshow((image.permute(1, 2, 0).numpy() + 1) / 2)
        ax.set(title=" ".join(words[i] for i in row[-2:]), xticks=[], yticks=[])
    asked = [" ".join(words[i] for i in row[-2:]) for row in ids.tolist()]
    figures.show(
        fig,
        "Eight pictures, with what the trained model calls each above it. What was drawn: "
        + ", ".join(asked)
        + ".",
    )

# %% [markdown]
r"""
**Where does it look?** Attention weights from two places: from "?", where the colour is predicted,
and from the colour word, where the shape is. The dark ground says nothing about the colour, and the
first place attends to it less. For the shape an empty patch is evidence too. (Each of the two grey
pictures has a scale of its own: black is its own largest weight.)
"""

# %% tags=["demo"]
if llava is not None:
    pixels, ids = batch(SEEN, 200, np.random.default_rng(3))
    with torch.no_grad():
        weights = llava(input_ids=ids, pixel_values=pixels, output_attentions=True).attentions[0]
    weights = weights.mean(dim=1)[:, 17:19, :16]  # heads averaged; two places, 16 patches
    weights = weights / weights.sum(dim=-1, keepdim=True)
    bright = (pixels.amax(dim=1) > 0).reshape(-1, 4, PATCH, 4, PATCH)
    touched = bright.any(dim=4).any(dim=2).flatten(1)  # patches that hold some of the shape
    print(f"patches that hold a piece of the shape: {touched.float().mean():.0%}")
    for place, what in enumerate(("colour", "shape")):
        share = (weights[:, place] * touched).sum(dim=-1).mean()
        print(f"share of the picture's attention on them, predicting the {what}: {share:.0%}")
    fig, axes = figures.subplots(1, 3, size=(6.6, 2.5))
    axes[0].imshow((pixels[0].permute(1, 2, 0).numpy() + 1) / 2)
    for place in range(2):
        axes[place + 1].imshow(weights[0, place].reshape(4, 4), cmap="Greys", vmin=0)
    for ax, title in zip(axes, ("the picture", "for the colour", "for the shape"), strict=True):
        ax.set(title=title, xticks=[], yticks=[])
    name = " ".join(words[i] for i in ids[0, -2:])
    figures.show(
        fig,
        f"Left: a {name}. Middle and right: the attention of the two answer places on the sixteen "
        "patches, darker where there is more of it, each panel on its own scale. Predicting the "
        "colour it lies on patches of the shape; predicting the shape it is spread otherwise.",
    )

# %% [markdown]
r"""
#### What a picture costs

Every patch vector is a position in the sequence: attention, cache and bill count it like a word.
How many there are depends on the model, and often on the picture's size. Below, LLaVA-1.5, which
scales every picture to 336 by 336; LLaVA-NeXT (January 2024), which lays up to four such tiles over
it and adds a small copy of the whole; and Qwen2-VL (2024), which keeps the picture's own size and
merges 2 by 2 patches of 14 pixels into one token. The numbers come from transformers' own code.
"""

# %% tags=["demo"]
try:
    from types import SimpleNamespace

    from transformers import LlavaNextConfig
    from transformers.models.llava_next.processing_llava_next import LlavaNextProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    grids = SimpleNamespace(image_grid_pinpoints=LlavaNextConfig().image_grid_pinpoints)
    stub = SimpleNamespace(image_processor=grids, patch_size=14, num_additional_image_tokens=0)
    stub._get_unpadded_features = lambda *sizes: LlavaNextProcessor._get_unpadded_features(
        stub, *sizes
    )
    print("height x width   LLaVA-1.5  LLaVA-NeXT  Qwen2-VL")
    for height, width in [(336, 336), (672, 672), (480, 640), (1080, 1920), (3024, 4032)]:
        tiled = LlavaNextProcessor._get_number_of_features(stub, height, width, 336, 336)
        h, w = smart_resize(height, width, max_pixels=16384 * 28 * 28)
        print(f"{height:6} x {width:<6} {patches:11} {tiled:11} {h * w // 28**2:9,}")

# %% [markdown]
r"""
A page of English text is some 500 words, about 700 tokens. In LLaVA-NeXT a picture of 672 by 672
takes the room of four such pages: five tiles of 576 are 2,880, and one more vector ends each of the
48 rows. A photograph from a telephone takes 15,552 tokens in Qwen2-VL, unless you lower its limit on pixels.

Hosted models have rules of their own, and change them. For GPT-4o, OpenAI's guide charged 85 tokens
and 170 more for each tile of 512 pixels, 765 for a picture of 1024 by 1024 (as quoted in 2024); for
Gemini 2.0, Google's charged 258 for each tile of 768 pixels (as quoted in 2025). Look the rule of
your model up when you need it, and read `usage` in the answer to see what was counted.
"""

# %% [markdown]
r"""
### Build it

Three exercises: cutting a picture up and putting it together, the splice, and the repair of a patch
embedding. A small one, for the curious, counts tokens.
"""

# %% [markdown]
r"""
### Exercise 44.1 · `patchify` and `unpatchify`

●●○ · 15 minutes · 4 points · core

Write two functions, each other's inverse.

`patchify(img, P)` takes a picture, float64 of shape (H, W, C), and returns its patches, shape (N,
P·P·C) with N = (H/P) · (W/P). The patches come row by row: first the top row from left to right,
then the next. Inside a patch the numbers stand in the order row, column, channel: all channels of
the top left pixel, then those of its right neighbour, and so on. If H or W is not divisible by P,
raise `ValueError`. `P` is at least 1.

`unpatchify(patches, H, W, P)` takes such patches and gives the picture back, (H, W, C); it finds C
itself. It is only called with patches that fit; its errors are not tested.

H and W may differ, and C may be any number from 1. Arguments are not changed.

By hand: the picture `[[0, 1, 2, 3], [4, 5, 6, 7]]` with one channel and P = 2 has two patches,
`[0, 1, 4, 5]` and `[2, 3, 6, 7]`.

<details><summary>Hint 1</summary>

A plain `reshape` to (N, P·P·C) has the right shape and the wrong numbers: it cuts the picture into
strips, because memory runs along whole rows of the picture.

</details>

<details><summary>Hint 2</summary>

Reshape H into (H/P, P) and W into (W/P, P), which gives five axes; exchange the two in the middle
so that the patch's place comes first and what is inside it after; then reshape to two axes. The
inverse does the same steps backwards. Loops over slices do as well.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q44-patchify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def patchify(img: np.ndarray, P: int) -> np.ndarray:
    """Cut a picture (H, W, C) into patches (N, P*P*C), row by row."""
    ### BEGIN SOLUTION
    H, W, C = img.shape
    if H % P or W % P:
        raise ValueError(f"a picture of {H} x {W} pixels cannot be cut into squares of {P}")
    grid = img.reshape(H // P, P, W // P, P, C)
    return grid.swapaxes(1, 2).reshape(-1, P * P * C)
    ### END SOLUTION


def unpatchify(patches: np.ndarray, H: int, W: int, P: int) -> np.ndarray:
    """Put patches (N, P*P*C) together to a picture (H, W, C)."""
    ### BEGIN SOLUTION
    grid = patches.reshape(H // P, W // P, P, P, -1)
    return grid.swapaxes(1, 2).reshape(H, W, -1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q44-patchify-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
strip = np.arange(8.0).reshape(2, 4, 1)
testing.agree(
    patchify,
    [((strip, 2), [[0, 1, 4, 5], [2, 3, 6, 7]])],
    "each patch holds a square of the picture; a plain reshape cuts strips",
)
testing.agree(
    patchify,
    [((np.arange(12.0).reshape(2, 2, 3), 2), [np.arange(12.0).tolist()])],
    "one patch of three channels: row, then column, then channel",
)
testing.agree(
    unpatchify,
    [((np.array([[0.0, 1, 4, 5], [2, 3, 6, 7]]), 2, 4, 2), strip)],
    "unpatchify puts every patch back in its place",
)

# %% nbgrader={"grade": true, "grade_id": "q44-patchify-hidden-order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the order of patches, and inside a patch (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for rows, columns, P, C in [(3, 2, 2, 1), (2, 3, 2, 3), (1, 4, 3, 2), (4, 1, 2, 2), (5, 3, 4, 3)]:
    img = rng.normal(size=(rows * P, columns * P, C))
    cut = [
        [img[r * P + y, c * P + x, k] for y in range(P) for x in range(P) for k in range(C)]
        for r in range(rows)
        for c in range(columns)
    ]
    testing.agree(
        patchify,
        [((img, P), np.array(cut))],
        "patches come row by row, and inside a patch the order is row, column, channel; look at a "
        "picture that is wider than high, with several channels",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-patchify-hidden-count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: how many patches, and pictures that do not divide (1 point)
### BEGIN HIDDEN TESTS
for side, P, C, shape in [(224, 16, 1, (196, 256)), (84, 14, 3, (36, 588)), (6, 1, 3, (36, 3))]:
    got = np.shape(patchify(np.zeros((side, side, C)), P))
    testing.check(
        got == shape,
        "there are (H/P) (W/P) patches of P P C numbers each",
        inputs=f"a picture of {side} x {side} x {C}, P = {P}",
        got=got,
        expected=shape,
    )
for H, W, P in [(6, 5, 2), (5, 6, 2), (4, 9, 6), (9, 4, 6), (3, 3, 4)]:
    testing.check(
        testing.raises(ValueError, patchify, np.zeros((H, W, 1)), P),
        "height and width must each be divisible by P, not only their product; nothing is cropped",
        inputs=f"a picture of {H} x {W} x 1, P = {P}",
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-patchify-hidden-inverse", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: putting it together again (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for rows, columns, P, C in [(2, 3, 2, 3), (3, 1, 4, 1), (1, 5, 2, 2), (4, 2, 3, 4), (2, 2, 1, 1)]:
    patches = rng.normal(size=(rows * columns, P * P * C))
    img = np.empty((rows * P, columns * P, C))
    for n, patch in enumerate(patches):
        r, c = divmod(n, columns)
        img[r * P : r * P + P, c * P : c * P + P] = patch.reshape(P, P, C)
    testing.agree(
        unpatchify,
        [((patches, rows * P, columns * P, P), img)],
        "unpatchify takes patch n to row n // (W/P), column n % (W/P), for any H, W and C",
    )
    assert testing.leaves_arguments(patchify, img, P), "the picture belongs to the caller"
    back = unpatchify(patchify(img, P), *img.shape[:2], P)
    assert testing.close(back, img), "unpatchify undoes patchify"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 44.2 · `splice`

●●○ · 15 minutes · 5 points · core

Write `splice(text_emb, ids, image_id, img_embs, labels=None)`, which puts pictures into a text.

- `text_emb` holds the embeddings of T tokens, float64 (T, D); `ids` their T numbers, an integer
  array.
- `img_embs` is a list with one array (n, D) for each picture: its projected patches. Pictures may
  have different n, each at least 1. The list may be empty.
- Every token with `ids == image_id` is a placeholder. The first placeholder is *replaced* by all
  the rows of the first picture, the second by those of the second, and so on. The placeholder's own
  embedding disappears. Everything else stays, in its order.
- `labels` is None or an integer array (T,). Labels of text stay with their tokens; every row of a
  picture gets −100, whatever the placeholder's label was. Nothing is shifted: the loss does that.

Return `(emb, labels)`: the new embeddings, an array, and the new labels, an array or a list, of the
same length; or None for the labels if none were given. If the number of placeholders is not the number
of pictures, raise `ValueError`. Placeholders may stand at the beginning, at the end, or side by side.
Arguments are not changed.

By hand: ids `[7, 0, 8]` with `image_id=0` and one picture of three rows give five rows: the first
token, the picture's three, the last token. Labels `[-100, -100, 8]` become
`[-100, -100, -100, -100, 8]`.

<details><summary>Hint 1</summary>

Walk along `ids` and collect pieces: a row of text, or a whole picture. `np.concatenate` joins them.

</details>

<details><summary>Hint 2</summary>

Compare the counts first. `pictures = iter(img_embs)` and `next(pictures)` give each placeholder its
own. Collect two lists, one of pieces (k, D) and one of labels; a picture of n rows adds
`np.full(n, -100)` to the second.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q44-splice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def splice(
    text_emb: np.ndarray,
    ids: np.ndarray,
    image_id: int,
    img_embs: list[np.ndarray],
    labels: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Replace each placeholder by its picture's rows.

    text_emb: (T, D), ids: (T,), img_embs: arrays (n_j, D), labels: (T,) or None.
    Returns embeddings (T - J + sum n_j, D) and labels of that length, or None.
    """
    ### BEGIN SOLUTION
    places = np.flatnonzero(ids == image_id)
    if len(places) != len(img_embs):
        raise ValueError(f"{len(places)} placeholders for {len(img_embs)} pictures")
    pieces, targets, start = [], [], 0
    old = np.full(len(ids), -100) if labels is None else labels
    for place, img in zip(places, img_embs, strict=True):
        pieces += [text_emb[start:place], img]
        targets += [old[start:place], np.full(len(img), -100)]
        start = place + 1
    emb = np.concatenate([*pieces, text_emb[start:]])
    return emb, None if labels is None else np.concatenate([*targets, old[start:]])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q44-splice-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
text = np.array([[7.0, 7.0], [0.5, 0.5], [8.0, 8.0]])
image = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
emb = np.array([[7.0, 7.0], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [8.0, 8.0]])
testing.agree(
    splice,
    [((text, np.array([7, 0, 8]), 0, [image]), (emb, None))],
    "the placeholder's row is replaced by the picture's rows; without labels, None comes back",
)
testing.agree(
    splice,
    [
        (
            (text, np.array([7, 0, 8]), 0, [image], np.array([-100, -100, 8])),
            (emb, [-100, -100, -100, -100, 8]),
        )
    ],
    "each row of the picture gets the label -100, and text keeps its labels",
)

# %% nbgrader={"grade": true, "grade_id": "q44-splice-hidden-several", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several pictures, anywhere in the text (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for ids, sizes in [
    ([5, 9, 6, 9, 7], [2, 3]),
    ([9, 5, 6], [4]),
    ([5, 6, 9], [2]),
    ([9, 9, 5, 9], [3, 1, 2]),
    ([9], [5]),
    ([4, 9, 9, 9, 4, 4], [1, 1, 1]),
]:
    text = rng.normal(size=(len(ids), 3))
    images = [rng.normal(size=(n, 3)) for n in sizes]
    waiting = list(images)
    rows = [
        waiting.pop(0) if token == 9 else row[None] for token, row in zip(ids, text, strict=True)
    ]
    cases.append(((text, np.array(ids), 9, images), (np.concatenate(rows), None)))
testing.agree(
    splice,
    cases,
    "the j-th placeholder is replaced by the j-th picture, however many rows each has, also at the "
    "beginning, at the end and side by side",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-splice-hidden-labels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: labels stay with their tokens (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for ids, sizes in [
    ([5, 9, 6, 7], [3]),
    ([9, 5, 9, 6, 7], [2, 4]),
    ([5, 6, 9], [1]),
    ([9, 9, 5], [2, 2]),
    ([0, 9, 0, 0], [2]),
]:
    text = rng.normal(size=(len(ids), 2))
    images = [rng.normal(size=(n, 2)) for n in sizes]
    labels = rng.integers(0, 50, size=len(ids))  # the placeholder has a label too, to be dropped
    rows, targets, waiting = [], [], list(images)
    for token, row, label in zip(ids, text, labels.tolist(), strict=True):
        piece = waiting.pop(0) if token == 9 else row[None]
        rows.append(piece)
        targets += [-100] * len(piece) if token == 9 else [label]
    cases.append(((text, np.array(ids), 9, images, labels), (np.concatenate(rows), targets)))
testing.agree(
    splice,
    cases,
    "one label for each row: -100 on every row of a picture, the token's own label on text, neither "
    "shifted nor dropped",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-splice-hidden-counts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: as many placeholders as pictures (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for ids, count in [([5, 6], 1), ([5, 9, 6], 0), ([9, 9], 1), ([9, 5, 9], 3), ([9, 5], 2)]:
    text = rng.normal(size=(len(ids), 2))
    images = [rng.normal(size=(2, 2)) for _ in range(count)]
    for labels in (None, np.zeros(len(ids), dtype=int)):
        testing.check(
            testing.raises(ValueError, splice, text, np.array(ids), 9, images, labels),
            "a picture without a placeholder, or a placeholder without a picture, is a ValueError: "
            "do not drop either in silence",
            inputs=f"ids {ids}, image_id=9, {count} pictures",
            expected="ValueError",
        )
plain = rng.normal(size=(4, 3))
testing.agree(
    splice,
    [
        ((plain, np.array([1, 2, 3, 4]), 9, []), (plain, None)),
        (
            (plain, np.array([1, 2, 3, 4]), 9, [], np.array([1, -100, 3, 4])),
            (plain, [1, -100, 3, 4]),
        ),
    ],
    "a text without pictures stays as it is",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-splice-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: arguments, and placeholder 0 (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for image_id in (0, 32000):
    ids = np.array([3, image_id, image_id, 4])
    for sizes in ([1, 1], [3, 2]):
        text = rng.normal(size=(4, 3))
        images = [rng.normal(size=(n, 3)) for n in sizes]
        labels = np.array([3, 1, 2, 4])
        assert testing.leaves_arguments(splice, text, ids, image_id, images, labels), (
            "ids, embeddings, labels and the list of pictures belong to the caller: also where a "
            "picture has one row and fits the placeholder's place"
        )
        want = np.concatenate([text[:1], *images, text[3:]])
        targets = [3, *[-100] * sum(sizes), 4]
        testing.agree(
            splice,
            [((text, ids, image_id, images, labels), (want, targets))],
            "any number can be the placeholder's, 0 as well, and a label may be any token",
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your splice inside the trained model: one placeholder in the ids, the picture's vectors from the
model's own encoder and projector, and the spliced embeddings handed to the language model. Its
answers must be those of transformers, which repeats the placeholder instead. (The cell raises
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
if llava is not None:
    pixels, ids = batch(SEEN, 1, np.random.default_rng(8))
    short = ids[0, 15:]  # one placeholder, then what ? colour shape
    with torch.no_grad():
        rows = llava.get_image_features(pixel_values=pixels).pooler_output[0]
        text = llava.get_input_embeddings()(short)
        emb, _ = splice(text.numpy(), short.numpy(), number["<image>"], [rows.numpy()])
        mine = llava(inputs_embeds=torch.tensor(emb, dtype=text.dtype)[None]).logits
        theirs = llava(input_ids=ids, pixel_values=pixels).logits
    print(tuple(text.shape), "and", tuple(rows.shape), "->", emb.shape)
    print("largest difference of the logits:", float((mine - theirs).abs().max()))

# %% [markdown]
r"""
### Exercise 44.3 · repair `patch_embed`

●●○ · 15 minutes · 3 points · core

The first layer of a vision transformer, written with `unfold` and a matrix product. It runs, its
shapes are right on the pictures that it was tried on, and a model trained with it even learns
something. It has three faults. Find them and mend them.

`patch_embed(images, weight, bias)` takes a batch of pictures, Tensor (B, C, H, W), H and W
multiples of P; D filters, `weight` (D, C, P, P); and `bias` (D,). It returns (B, N, D): for each
patch, row by row, and each filter, the sum of the patch's numbers times the filter's, plus the
filter's bias. Number (c, y, x) of a patch, that is channel, row and column, meets number (c, y, x)
of the filter. H and W may differ; dtype is float32 or float64 and stays. These weights are those of
a convolution whose filters do not overlap, and come from a checkpoint: their layout is not yours to
choose.

<details><summary>Hint 1</summary>

Try it with one channel and one filter, then with two channels, with two filters, and with a picture
wider than high.

</details>

<details><summary>Hint 2</summary>

`reshape` never moves a number, it only counts anew. Write down, beside each line, which axes there
are and in which order, and what the line takes for granted about them.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q44-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def patch_embed(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
#     """images: (B, C, H, W), weight: (D, C, P, P), bias: (D,). Returns (B, N, D)."""
#     B, C, H, W = images.shape
#     D, P = weight.shape[0], weight.shape[-1]
#     side = H // P
#     patches = images.unfold(2, P, P).unfold(3, P, P)
#     patches = patches.reshape(B, side * side, C * P * P)
#     return patches @ weight.reshape(C * P * P, D) + bias
### END REPAIR
### BEGIN SOLUTION
def patch_embed(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """images: (B, C, H, W), weight: (D, C, P, P), bias: (D,). Returns (B, N, D)."""
    B, C, H, W = images.shape
    D, P = weight.shape[0], weight.shape[-1]
    rows, columns = H // P, W // P
    patches = images.unfold(2, P, P).unfold(3, P, P)  # (B, C, rows, columns, P, P)
    patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(B, rows * columns, C * P * P)
    return patches @ weight.reshape(D, C * P * P).T + bias


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q44-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
four_by_four = torch.arange(16.0).reshape(1, 1, 4, 4)
testing.agree(
    patch_embed,
    [
        (
            (four_by_four, torch.ones(1, 1, 2, 2), torch.zeros(1)),
            torch.tensor([[[10.0], [18.0], [42.0], [50.0]]]),
        ),
        (
            (four_by_four, torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]]), torch.tensor([0.5])),
            torch.tensor([[[0.5], [2.5], [8.5], [10.5]]]),
        ),
    ],
    "this worked before the repair: one channel, one filter, a square picture",
)

# %% nbgrader={"grade": true, "grade_id": "q44-repair-hidden-channels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: pictures in colour (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for B, C, side, P in [(1, 2, 4, 2), (2, 3, 6, 3), (1, 3, 6, 2)]:
    images = torch.randn(B, C, side, side, generator=generator, dtype=torch.float64)
    weight = torch.randn(1, C, P, P, generator=generator, dtype=torch.float64)
    want = torch.nn.functional.conv2d(images, weight, stride=P).flatten(2).transpose(1, 2)
    testing.agree(
        patch_embed,
        [((images, weight, torch.zeros(1, dtype=torch.float64)), want)],
        "with several channels a row of the matrix holds pieces of different patches: the channel "
        "belongs behind the patch's place",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-repair-hidden-filters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several filters (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for B, D, side, P in [(1, 2, 4, 2), (2, 5, 6, 3), (1, 4, 4, 2), (2, 9, 3, 3)]:
    images = torch.randn(B, 1, side, side, generator=generator, dtype=torch.float64)
    weight = torch.randn(D, 1, P, P, generator=generator, dtype=torch.float64)
    bias = torch.randn(D, generator=generator, dtype=torch.float64)
    want = torch.nn.functional.conv2d(images, weight, bias, stride=P).flatten(2).transpose(1, 2)
    testing.agree(
        patch_embed,
        [((images, weight, bias), want)],
        "with several filters each column of the matrix must be one filter: flatten a filter, then "
        "transpose; a reshape mixes them",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-repair-hidden-rectangles", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: pictures that are not square, dtypes (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    for B, H, W, P in [(1, 2, 4, 2), (1, 6, 2, 2), (2, 4, 10, 2), (1, 9, 6, 3)]:
        images = torch.randn(B, 1, H, W, generator=generator, dtype=dtype)
        weight = torch.randn(1, 1, P, P, generator=generator, dtype=dtype)
        bias = torch.randn(1, generator=generator, dtype=dtype)
        want = torch.nn.functional.conv2d(images, weight, bias, stride=P)
        testing.agree(
            patch_embed,
            [((images, weight, bias), want.flatten(2).transpose(1, 2))],
            "a picture has H/P rows and W/P columns of patches, read row by row",
        )
        assert patch_embed(images, weight, bias).dtype == dtype, (
            "the result has the dtype of the pictures"
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 44.4 · `tile_tokens`

●○○ · 10 minutes · 2 points · extra

Many models cut a large picture into tiles and encode each by itself. How many tokens is that? Write
`tile_tokens(height, width, tile, patch, merge=1, thumbnail=True)`, all integers, which returns an
int.

- The picture is covered with squares of `tile` by `tile` pixels, starting at the top left. At the
  right and at the bottom a square may stick out; it costs as much as the others.
- Each tile is cut into patches of `patch` by `patch` pixels, and `merge` by `merge` neighbouring
  patches become one token. If `tile` is not a multiple of `patch * merge`, raise `ValueError`.
- If the picture needs more than one tile and `thumbnail` is true, a copy of the whole picture,
  scaled to one tile, is added.

By hand: 672 by 672 pixels with tiles of 336 and patches of 14 are 4 tiles and the small copy, 576
tokens each, 2,880. With `merge=2` they are 720.

<details><summary>Hint 1</summary>

`-(-a // b)` is a / b rounded up.

</details>

<details><summary>Hint 2</summary>

Rows and columns of tiles are counted separately. One tile has (tile / (patch · merge))² tokens.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q44-tile-tokens", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tile_tokens(
    height: int, width: int, tile: int, patch: int, merge: int = 1, thumbnail: bool = True
) -> int:
    """Count the tokens of a picture that is cut into tiles."""
    ### BEGIN SOLUTION
    if tile % (patch * merge):
        raise ValueError(f"a tile of {tile} pixels does not hold whole tokens of {patch * merge}")
    tiles = -(-height // tile) * -(-width // tile)
    if tiles > 1 and thumbnail:
        tiles += 1
    return tiles * (tile // (patch * merge)) ** 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q44-tile-tokens-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    tile_tokens,
    [((672, 672, 336, 14), 2880), ((672, 672, 336, 14, 2), 720)],
    "four tiles and the small copy: 5 x 576, and a quarter of that when 2 x 2 patches are merged",
)

# %% nbgrader={"grade": true, "grade_id": "q44-tile-tokens-hidden-cover", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tiles cover the picture (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    tile_tokens,
    [
        ((1, 1, 8, 4, 1, False), 4),
        ((9, 8, 8, 4, 1, False), 8),
        ((8, 17, 8, 4, 1, False), 12),
        ((17, 9, 8, 4, 1, False), 24),
        ((12, 12, 8, 4, 1, False), 16),
        ((4, 20, 8, 4, 1, False), 12),
    ],
    "rows and columns of tiles are each rounded up: one pixel too many costs a whole row of tiles",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q44-tile-tokens-hidden-thumbnail", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merging, and the small copy (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    tile_tokens,
    [
        ((336, 336, 336, 14), 576),
        ((100, 336, 336, 14, 2), 144),
        ((336, 337, 336, 14, 2), 432),
        ((672, 336, 336, 14, 4, False), 72),
        ((512, 512, 512, 16, 4), 64),
        ((96, 96, 32, 4, 8), 10),
    ],
    "merging m x m patches divides by m squared, and the small copy is added only where there are "
    "several tiles",
)
for tile, patch, merge in [(336, 16, 2), (30, 14, 1), (28, 14, 4)]:
    testing.check(
        testing.raises(ValueError, tile_tokens, 64, 64, tile, patch, merge),
        "a tile that is not a multiple of patch times merge is a ValueError",
        inputs=(64, 64, tile, patch, merge),
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"The model says what it sees."** It says what is likely, given what it sees *and* what it has
already said. Our model never met a blue ring or a yellow cross in training. It has met blue things
and rings by the thousand. What does it call a blue ring?
"""


# %% tags=["demo"]
def captions(pixels: Tensor, ids: Tensor) -> list[tuple[str, str]]:
    """Return the two words that the model says of each picture."""
    said = ids[:, :-2]
    for _ in range(2):
        with torch.no_grad():
            logits = llava(input_ids=said, pixel_values=pixels, logits_to_keep=1).logits
        said = torch.cat([said, logits.argmax(dim=-1)], dim=1)
    return [(words[colour], words[shape]) for colour, shape in said[:, -2:].tolist()]


if llava is not None:
    print("pairs from training:", accuracy(SEEN))
    print("pairs never shown:  ", accuracy(HELD_OUT))
    for pair in HELD_OUT:
        called = captions(*batch([pair], 100, np.random.default_rng(2)))
        counts = {" ".join(name): called.count(name) for name in sorted(set(called))}
        print(f"100 pictures of a {' '.join(pair)} are called:", counts)

# %% [markdown]
r"""
The colour is right, the shape never: a blue ring is a blue cross to it, and a yellow cross mostly a
yellow triangle. Was it the word "blue" that excluded "ring", or the blue
pixels? Both can be changed separately: pictures of rings in four colours, and captions that begin
with each of the four words, right or not.
"""

# %% tags=["demo"]
if llava is not None:
    print('says "ring" of a ring whose   ', "  ".join(f"{word:>8}" for word in COLOURS))
    print("caption begins with the word ->")
    for colour in COLOURS:
        pixels, ids = batch([(colour, "ring")], 100, np.random.default_rng(2))
        row = []
        for word in COLOURS:
            ids[:, -2] = number[word]
            with torch.no_grad():
                logits = llava(input_ids=ids[:, :-1], pixel_values=pixels, logits_to_keep=1).logits
            row.append((logits[:, -1].argmax(dim=-1) == number["ring"]).float().mean())
        print(f"{colour + ' pixels':30}", "  ".join(f"{share:8.0%}" for share in row))

# %% [markdown]
r"""
Along a row the picture stays and the word changes; down a column it is the other way round. In our
run both matter. Red and green rings are mostly recognised whatever word stands before. Blue ones
never are, except after "yellow", the word that no cross ever followed. And the word "blue", which no
ring ever followed, costs most yellow rings their name. In the full world colour says nothing about
shape; in the training set it does. The model has learned fourteen pairs, and that the other two do
not occur. Large models have statistics of their own of what goes with what, and report objects that
usually appear together (Li et al., 2023, *object hallucination*).
"""

# %% [markdown]
r"""
**"An image is an image."** To the first layer it is numbers in an agreed order. Swap red and blue,
as when a file is read with OpenCV, which delivers blue first: nothing fails, all shapes of arrays
are right, and the answers are wrong; of the colours only green survives. A uniform grey picture gets
a caption as well, always the same one.
"""


# %% tags=["demo"]
def shuffled(pixels: Tensor, seed: int = 0) -> Tensor:
    """Put the sixteen patches of each picture in another order, the same for all."""
    order = torch.randperm(16, generator=torch.Generator().manual_seed(seed))
    grid = (
        pixels.reshape(-1, 3, 4, PATCH, 4, PATCH)
        .permute(0, 2, 4, 1, 3, 5)
        .reshape(-1, 16, 3, PATCH, PATCH)
    )
    grid = grid[:, order].reshape(-1, 4, 4, 3, PATCH, PATCH)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, 16, 16)


CHANGES = {
    "as it is": lambda pixels: pixels,
    "blue, green, red": lambda pixels: pixels.flip(1),
    "grey": torch.zeros_like,
    "patches in disorder": shuffled,
}
if llava is not None:
    for what, change in CHANGES.items():
        print(f"{what:20}", accuracy(SEEN, change))
    pixels, ids = batch(SEEN, 300, np.random.default_rng(1))
    print("said of grey:", {" ".join(name) for name in captions(torch.zeros_like(pixels), ids)})

# %% [markdown]
r"""
An average hides who pays. The same four changes, colour by colour and shape by shape:
"""

# %% tags=["demo"]
if llava is not None:
    pixels, ids = batch(SEEN, 600, np.random.default_rng(1))
    print(" " * 20, *(f"{word:>8}" for word in (*COLOURS, *SHAPES)))
    for what, change in CHANGES.items():
        with torch.no_grad():
            logits = llava(input_ids=ids[:, :-1], pixel_values=change(pixels), logits_to_keep=2)
        right = (logits.logits.argmax(dim=-1) == ids[:, -2:]).float()
        shares = [right[ids[:, -2] == number[word], 0].mean() for word in COLOURS]
        shares += [right[ids[:, -1] == number[word], 1].mean() for word in SHAPES]
        print(f"{what:20}", *(f"{share:8.0%}" for share in shares))
    for seed in range(1, 5):
        other = accuracy(SEEN, lambda pixels, seed=seed: shuffled(pixels, seed))
        print(f"{'another disorder':20}", other)

# %% [markdown]
r"""
The disorder is worth a thought. With its patches in another order a ring is no ring any more, and
still the model says so, every time; squares are nearly all recognised, most crosses and two thirds
of the triangles too. The four other orders do it less harm. It has learned to tell shapes by the
*kinds* of patches that occur, corners and arcs, more than by their arrangement. A test score does
not say what a model looks at; a changed input does.

**"`reshape` makes patches."** The shape is right, and each "patch" is a strip of the picture:
"""

# %% tags=["demo"]
strips = ring.reshape(16, PATCH, PATCH, 3)  # sixteen times 48 numbers, as they lie in memory
fig, axes = figures.subplots(2, 8, size=(6.4, 2.4))
for column in range(8):
    n = 4 + column
    y, x = divmod(n, 4)
    axes[0, column].imshow(
        ring[y * PATCH : y * PATCH + PATCH, x * PATCH : x * PATCH + PATCH], vmin=0, vmax=1
    )
    axes[1, column].imshow(strips[n], vmin=0, vmax=1)
    axes[0, column].set_title(f"{n}", fontsize=8, pad=1, loc="center")
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("patches")
axes[1, 0].set_ylabel("reshape")
figures.show(
    fig,
    "Two rows of eight small squares, numbers 4 to 11. Above, true patches of the red ring: "
    "connected pieces of an arc. Below, what reshape makes of it: single rows of pixels cut in four "
    "and stacked, with no shape left.",
)

# %% [markdown]
r"""
**"`processor(prompt, image)`."** The popular example has the arguments in the wrong order, and a
prompt in another model's format. In transformers 5.23 the picture comes first; use names. The
prompt's format belongs to the checkpoint's language model (the 34B LLaVA-NeXT expects
`<|im_start|>user`, the Vicuna ones `USER:`), so let `processor.apply_chat_template` write it. And
what `generate` returns *begins with the prompt*; cut it off.

One more, which we fell into while writing this page: our vocabulary has no padding token, so we
declared token 0 to be padding, to please `generate`. Token 0 is `<image>` here. Without an
`attention_mask`, `generate` takes all 16 patches for padding, and the model captions a picture that
it does not see: it says the same of every one. So hand the mask over:
"""

# %% tags=["demo"]
try:
    import inspect

    from transformers import LlavaNextProcessor
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    print("processor:", list(inspect.signature(LlavaNextProcessor.__call__).parameters)[1:])
if llava is not None:
    pixels, ids = batch(SEEN, 1, np.random.default_rng(11))
    settings = {"max_new_tokens": 2, "do_sample": False, "pad_token_id": number["<image>"]}
    with torch.no_grad():
        mask = torch.ones_like(ids[:, :-2])
        result = llava.generate(
            input_ids=ids[:, :-2], attention_mask=mask, pixel_values=pixels, **settings
        )[0]
        print("generate: ", [words[i] for i in result.tolist()][14:], "(16 placeholders in all)")
        print("answer:   ", [words[i] for i in result[ids.shape[1] - 2 :].tolist()])
    print("drawn:    ", [words[i] for i in ids[0, -2:].tolist()])
    pixels, ids = batch(SEEN, 40, np.random.default_rng(5))
    with torch.no_grad():
        as_padding = llava.generate(input_ids=ids[:, :-2], pixel_values=pixels, **settings)
    said = {" ".join(words[i] for i in row[-2:]) for row in as_padding.tolist()}
    print("without the mask, of 40 pictures:", said)

# %% [markdown]
r"""
**"GPT-4V and Gemini work like this."** Not known. OpenAI's report and system card do not describe
how images enter GPT-4; Google describes Gemini as trained on text, images, audio and video together
from the beginning, which is not an encoder attached to a finished language model. Say "LLaVA does
it like this, and others do it otherwise". What the choice changes is, among other things, how much
of the context a picture takes:
"""

# %% tags=["demo"]
layers, kv_width, bytes_each = 32, 4096, 2  # a 7B Llama's cache in 16 bits
for name, positions in [
    ("LLaVA-1.5, spliced patches", 576),
    ("LLaVA-NeXT, five tiles (before trimming)", 2880),
    ("BLIP-2, 32 learned queries, spliced", 32),
    ("Flamingo, cross-attention: none in the text", 0),
]:
    cache = 2 * layers * kv_width * bytes_each * positions
    print(f"{name:44} {positions:5} positions, {cache / 2**20:5.0f} MiB of cache")

# %% [markdown]
r"""
The cache is that of one 7B language model for all four, so that they compare; the original models
differ in size. Flamingo is not free either: its text attends to 64 vectors a picture in layers of
their own.
"""

# %% [markdown]
r"""
### If they push

<details><summary>What is trained, and on what?</summary>

In LLaVA two stages. First the projector alone, with encoder and language model frozen, on pictures
with short captions (595,000 pairs): it learns to speak the language model's embeddings. Then
projector and language model together on instructions about pictures (158,000, written by a
text-only GPT-4 from captions and bounding boxes); the encoder stays frozen. Later recipes often
train the encoder too.

</details>

<details><summary>Why patches from an inner layer, and not CLIP's one summary vector?</summary>

CLIP's [CLS] vector is trained to match a whole caption, and one vector cannot hold where things
are. LLaVA takes the patch vectors of the last layer but one, without [CLS]
(`vision_feature_layer=-2`, `vision_feature_select_strategy="default"` in transformers), which gives
576 and not 577.

</details>

<details><summary>Linear layer, MLP, Q-Former, resampler, cross-attention: how would you choose?</summary>

A linear layer or MLP keeps one token for each patch: simple, nothing lost, expensive in context. A
Q-Former or resampler has a fixed number of learned queries read the patches: cheap and constant,
but small print may not fit through. Cross-attention leaves the text sequence alone and can be added
to a frozen model, at the price of new layers. Merging neighbouring patches (Qwen2-VL, 2 by 2) is
the middle way.

</details>

<details><summary>The causal mask: does patch 3 see patch 9?</summary>

In the encoder yes, attention there has no mask. In LLaVA's language model no: picture tokens are in
the sequence like any others, and see what stands before them. So a question placed *before* the
picture can influence how the picture's tokens are processed, and one placed after it cannot. Some
models (PaliGemma) let the picture and the prompt attend to each other in full.

</details>

<details><summary>Which position does a patch have?</summary>

In LLaVA its place in the sequence, as if the picture were a line of text; rows and columns are
known only from the encoder's own position embeddings. Qwen2-VL rotates parts of each head by time,
row and column instead (M-RoPE).

</details>

<details><summary>Reading an invoice fails. What do you try first?</summary>

See what the model was given. At 336 by 336 pixels an A4 page has letters of two or three pixels; no
prompt repairs that. So: higher resolution or tiles (and count the tokens), a crop of the part that
matters, a text layer from OCR beside the picture. Then measure on labelled invoices, field by
field.

</details>

<details><summary>Can a picture carry a prompt injection?</summary>

Yes. Text in a picture is read like any other input, and pixels can be optimised to steer the model
without visible text. A picture from outside is untrusted input, as a web page is (question 23).

</details>
"""

# %% [markdown]
r"""
### Sources

- Dosovitskiy et al. (2020), *An Image is Worth 16x16 Words*, arXiv 2010.11929: patches as tokens.
- Radford et al. (2021), *Learning Transferable Visual Models From Natural Language Supervision*,
  arXiv 2103.00020: CLIP.
- Alayrac et al. (2022), *Flamingo: a Visual Language Model for Few-Shot Learning*, arXiv
  2204.14198: resampler with 64 vectors, gated cross-attention.
- Li, Li, Savarese, Hoi (2023), *BLIP-2*, arXiv 2301.12597: Q-Former with 32 queries.
- Liu, Li, Wu, Lee (2023), *Visual Instruction Tuning*, arXiv 2304.08485: LLaVA; Liu, Li, Li, Lee
  (2023), *Improved Baselines with Visual Instruction Tuning*, arXiv 2310.03744: LLaVA-1.5; Liu et
  al. (January 2024), *LLaVA-NeXT: Improved reasoning, OCR, and world knowledge*: tiles.
- Wang et al. (2024), *Qwen2-VL*, arXiv 2409.12191: native resolution, merged patches, M-RoPE; Beyer
  et al. (2024), *PaliGemma*, arXiv 2407.07726.
- Li et al. (2023), *Evaluating Object Hallucination in Large Vision-Language Models*, arXiv
  2305.10355.
- OpenAI (2023), *GPT-4 Technical Report*, arXiv 2303.08774, and *GPT-4V(ision) System Card*; Gemini
  Team (2023), *Gemini: A Family of Highly Capable Multimodal Models*, arXiv 2312.11805.
- transformers 5.23: `models/llava`, `models/llava_next/processing_llava_next.py`,
  `models/qwen2_vl/image_processing_pil_qwen2_vl.py`. Read in November 2026.
"""
