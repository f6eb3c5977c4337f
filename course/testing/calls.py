"""Calls made where the learner's code lives: loops, objects, gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course.testing.cases import Mismatch
from course.testing.there import acts_there


@acts_there
def repeat(f: Callable, n: int, *args: Any, **kwargs: Any) -> list:
    """Call `f` `n` times with the same arguments.

    Parameters
    ----------
    f : callable
    n : int
        How many times.
    *args, **kwargs
        A random generator among them goes on from call to call and is not set back.

    Returns
    -------
    list
        The results, in order.

    Examples
    --------
    >>> from course import testing
    >>> draws = repeat(lambda rng: int(rng.integers(6)), 1000, testing.rng())
    >>> sorted(set(draws))
    [0, 1, 2, 3, 4, 5]
    """
    return [f(*args, **kwargs) for _ in range(n)]


@acts_there
def each(f: Callable, list_of_args: Iterable[Sequence]) -> list:
    """Call `f` once for each tuple of arguments.

    Parameters
    ----------
    f : callable
    list_of_args : iterable of tuple

    Returns
    -------
    list
        The results, in order.

    Examples
    --------
    >>> each(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    return [f(*args) for args in list_of_args]


@acts_there
def make(factory: Callable, *args: Any, **kwargs: Any) -> Any:
    """Build an object on the learner's side.

    Parameters
    ----------
    factory : callable
        A class, or a function that returns an object.

    Returns
    -------
    object
        What the factory returned. Tests use its methods; a module's state is set through
        ``load_state_dict``.

    Examples
    --------
    >>> layer = make(nn.Linear, 2, 3)
    >>> tuple(layer(torch.zeros(1, 2)).shape)
    (1, 3)
    """
    return factory(*args, **kwargs)


@acts_there
def value_and_grad(f: Callable, *args: Any, wrt: int | str | tuple[int | str, ...] = 0) -> tuple:
    """Compute ``f(*args)`` and its gradient.

    Parameters
    ----------
    f : callable
        Returns one number as a tensor, or a tuple (a named one, say) with that number first.
    *args
        Its arguments; those that are differentiated are handed over as leaves, copies of their own.
    wrt : int or str, or a tuple of these
        An argument's position, or the name of a parameter of ``args[0]`` where that is a module
        (else of `f` itself, if it is one).

    Returns
    -------
    value : Tensor or tuple
        What `f` returned, without gradients.
    grad : Tensor or tuple of Tensor
        Of the argument's shape; a tuple where `wrt` is one. Zeros where the result does not depend
        on it, or was cut off from it.

    Raises
    ------
    Mismatch
        If the result has more than one element: then there is no one gradient.

    Examples
    --------
    >>> value_and_grad(lambda x: (x**2).sum(), torch.tensor([1.0, 3.0]))
    (tensor(10.), tensor([2., 6.]))
    >>> layer = nn.Linear(2, 1)
    >>> value_and_grad(lambda m, x: m(x).sum(), layer, torch.ones(4, 2), wrt="bias")[1]
    tensor([4.])
    """
    wanted = wrt if isinstance(wrt, tuple) else (wrt,)
    inputs = list(args)
    for i in {w for w in wanted if isinstance(w, int)}:
        x = inputs[i]
        if not isinstance(x, Tensor) or not (x.is_floating_point() or x.is_complex()):
            raise TypeError(f"wrt={i}: argument {i} is no tensor of floats, so has no gradient.")
        inputs[i] = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        leaves = [inputs[w] if isinstance(w, int) else _parameter(f, args, w) for w in wanted]
        result = f(*inputs)
    number = result[0] if isinstance(result, tuple) and result else result
    if isinstance(number, Tensor) and number.numel() != 1:
        raise Mismatch(
            f"a loss is one number, and this result has shape {tuple(number.shape)}: reduce it."
        )
    grads = _gradients(number, leaves)
    return _detached(result), grads if isinstance(wrt, tuple) else grads[0]


def _parameter(f: Callable, args: tuple, name: str) -> Tensor:
    module = args[0] if args and isinstance(args[0], nn.Module) else f
    if not isinstance(module, nn.Module):
        raise TypeError(f"wrt={name!r} names a parameter, but neither args[0] nor f is a module.")
    named = dict(module.named_parameters())
    if name not in named:
        raise Mismatch(f"the module has no parameter {name!r}; it has {', '.join(sorted(named))}.")
    return named[name]


def _gradients(number: Any, leaves: list[Tensor]) -> tuple[Tensor, ...]:
    """Differentiate one number; zeros wherever it does not depend on a leaf."""
    live = [leaf for leaf in leaves if leaf.requires_grad]
    found: dict[int, Tensor | None] = {}
    if live and isinstance(number, Tensor) and number.requires_grad:
        grads = torch.autograd.grad(number.reshape(()), live, allow_unused=True)
        found = {id(leaf): grad for leaf, grad in zip(live, grads, strict=True)}
    pairs = [(leaf, found.get(id(leaf))) for leaf in leaves]
    return tuple(torch.zeros_like(x).detach() if g is None else g.detach() for x, g in pairs)


def _detached(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x.detach()
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(_detached, x))
    if isinstance(x, (list, tuple)):
        return type(x)(map(_detached, x))
    if isinstance(x, dict):
        return {key: _detached(value) for key, value in x.items()}
    return x
