"""Architectures and tokenizers of the retrieval models: Llamas that look both ways.

`transformers` calls them EuroBERT: the blocks of a Llama without the causal mask. A bi-encoder
reads one text, and its token vectors are averaged (`course.lab.retrieval`); a cross-encoder reads
two texts at once and returns one number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import (
        EuroBertForSequenceClassification,
        EuroBertModel,
        PreTrainedTokenizerFast,
    )


def bi_encoder(**sizes: Any) -> EuroBertModel:
    """Return a fresh encoder of single texts; arguments as for `course.lab.llama.llama`."""
    from transformers import EuroBertModel

    return EuroBertModel(_config(**sizes))


def cross_encoder(**sizes: Any) -> EuroBertForSequenceClassification:
    """Return a fresh scorer of pairs of texts; arguments as for `course.lab.llama.llama`."""
    from transformers import EuroBertForSequenceClassification

    return EuroBertForSequenceClassification(
        _config(**sizes, num_labels=1, classifier_pooling="mean")
    )


def _config(
    *,
    vocab_size: int,
    hidden_size: int,
    layers: int,
    heads: int,
    intermediate_size: int,
    context: int,
    **settings: Any,
):
    from transformers import EuroBertConfig

    return EuroBertConfig(
        **{
            "vocab_size": vocab_size,
            "hidden_size": hidden_size,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": heads,
            "intermediate_size": intermediate_size,
            "max_position_embeddings": context,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
            "mask_token_id": 0,  # it has none, but must be a number
            "attn_implementation": "eager",
            **settings,
        }
    )


@lru_cache(maxsize=1)
def tokenizer() -> PreTrainedTokenizerFast:
    """Return the lab's tokens, laid out for encoders.

    A text becomes ``<|bos|> text <|end|>``, two texts ``<|bos|> one <|end|> two <|end|>``, padded
    on the right; texts of more than 256 tokens are cut where truncation is asked for. Every text
    begins with a space, so that a name at its start is spelled as everywhere else.
    """
    from tokenizers import Tokenizer, normalizers, processors
    from transformers import PreTrainedTokenizerFast

    from course.lab.tokens import BOS, END, FOLDER, PAD

    core = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    core.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.Prepend(" ")])
    core.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {END}",
        pair=f"{BOS} $A {END} $B {END}",
        special_tokens=[(token, core.token_to_id(token)) for token in (BOS, END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BOS,
        eos_token=END,
        pad_token=PAD,
        model_max_length=256,
        padding_side="right",
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )
