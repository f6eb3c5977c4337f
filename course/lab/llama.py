"""Small models of the Llama architecture, as `transformers` builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM


def llama(
    *,
    vocab_size: int,
    hidden_size: int,
    layers: int,
    heads: int,
    intermediate_size: int,
    context: int,
    kv_heads: int | None = None,
    rope_theta: float = 10_000.0,
    **settings: Any,
) -> LlamaForCausalLM:
    """Return a fresh model with random weights and tied embeddings.

    Parameters
    ----------
    vocab_size, hidden_size, layers, heads, intermediate_size : int
    context : int
        Longest sequence it is trained on (``max_position_embeddings``).
    kv_heads : int, optional
        Heads of keys and values; by default as many as `heads`.
    rope_theta : float
        Base of the rotary embedding.
    **settings
        Anything else `LlamaConfig` takes, such as ``pad_token_id``.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        **{
            "vocab_size": vocab_size,
            "hidden_size": hidden_size,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads or heads,
            "intermediate_size": intermediate_size,
            "max_position_embeddings": context,
            "rope_parameters": {"rope_type": "default", "rope_theta": rope_theta},
            "tie_word_embeddings": True,
            "bos_token_id": None,
            "eos_token_id": None,
            "pad_token_id": None,
            "use_cache": True,
            "attn_implementation": "eager",  # on a CPU faster to train than the fused one
            **settings,
        }
    )
    return LlamaForCausalLM(config)
