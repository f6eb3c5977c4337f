"""A transformer without MLPs: embeddings, causal attention, residual stream, nothing else.

After the attention-only models of Elhage et al. (2021), *A Mathematical Framework for Transformer
Circuits*. Positions enter as rotations of queries and keys (RoPE, Su et al. 2021), so the residual
stream holds nothing but what tokens and heads wrote into it. The shell around the module is
`transformers`': ``AutoModelForCausalLM.from_pretrained`` loads it once this module is imported
(`course.lab.load` does).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput


class AttentionOnlyConfig(PretrainedConfig):
    """Sizes; names as in `LlamaConfig`."""

    model_type = "attention_only"

    def __init__(
        self,
        vocab_size: int = 64,
        hidden_size: int = 64,
        num_hidden_layers: int = 2,
        num_attention_heads: int = 4,
        max_position_embeddings: int = 128,
        rope_theta: float = 10_000.0,
        **kwargs,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.max_position_embeddings = max_position_embeddings
        self.rope_theta = rope_theta
        super().__init__(**{"tie_word_embeddings": False, **kwargs})


def rotate(x: Tensor, theta: float) -> Tensor:
    """Turn pairs of coordinates by position times frequency (RoPE); x is (B, H, T, d)."""
    t, d = x.shape[-2:]
    frequency = theta ** -(torch.arange(0, d, 2, device=x.device) / d)  # (d/2,)
    angle = torch.arange(t, device=x.device)[:, None] * frequency  # (T, d/2)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class Attention(nn.Module):
    """Causal attention of several heads; returns its output and its pattern."""

    def __init__(self, config: AttentionOnlyConfig) -> None:
        super().__init__()
        d = config.hidden_size
        self.heads, self.theta = config.num_attention_heads, config.rope_theta
        self.q_proj = nn.Linear(d, d, bias=False)
        self.k_proj = nn.Linear(d, d, bias=False)
        self.v_proj = nn.Linear(d, d, bias=False)
        self.o_proj = nn.Linear(d, d, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map x (B, T, D) to what is added to the stream (B, T, D) and the pattern (B, H, T, T)."""
        b, t, d = x.shape

        def split(y: Tensor) -> Tensor:  # (B, T, D) -> (B, H, T, d)
            return y.view(b, t, self.heads, d // self.heads).transpose(1, 2)

        q = rotate(split(self.q_proj(x)), self.theta)
        k = rotate(split(self.k_proj(x)), self.theta)
        v = split(self.v_proj(x))
        scores = q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5  # (B, H, T, T)
        future = torch.ones(t, t, dtype=torch.bool, device=x.device).triu(1)
        pattern = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
        z = (pattern @ v).transpose(1, 2).reshape(b, t, d)  # (B, T, D)
        return self.o_proj(z), pattern


class Block(nn.Module):
    """Pre-norm attention on the residual stream."""

    def __init__(self, config: AttentionOnlyConfig) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.attn = Attention(config)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map the stream x (B, T, D) to the stream after this layer, and the pattern."""
        out, pattern = self.attn(self.norm(x))
        return x + out, pattern


class AttentionOnly(PreTrainedModel):
    """Token ids (B, T) to logits (B, T, V) through `num_hidden_layers` layers of attention."""

    config_class = AttentionOnlyConfig
    base_model_prefix = ""
    _no_split_modules = ("Block",)

    def __init__(self, config: AttentionOnlyConfig) -> None:
        super().__init__(config)
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.unembed = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=1.0)
        elif isinstance(module, nn.RMSNorm):
            nn.init.ones_(module.weight)

    def get_input_embeddings(self) -> nn.Module:
        """Return the table of token vectors, (V, D)."""
        return self.embed

    def get_output_embeddings(self) -> nn.Module:
        """Return the map from the stream to logits, weight (V, D)."""
        return self.unembed

    def forward(
        self,
        input_ids: Tensor,
        labels: Tensor | None = None,
        output_attentions: bool = False,
        **ignored,
    ) -> CausalLMOutput:
        """Run the model.

        Parameters
        ----------
        input_ids : LongTensor of shape (B, T)
        labels : LongTensor of shape (B, T), optional
            Usually `input_ids` again; -100 is left out of the loss.
        output_attentions : bool
            Also return ``attentions``: for each layer the pattern (B, H, T, T).
        """
        x = self.embed(input_ids)  # (B, T, D)
        patterns = []
        for block in self.blocks:
            x, pattern = block(x)
            patterns.append(pattern)
        logits = self.unembed(self.norm(x))  # (B, T, V)
        loss = None
        if labels is not None:
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        attentions = tuple(patterns) if output_attentions else None
        return CausalLMOutput(loss=loss, logits=logits, attentions=attentions)


def attention_only(**sizes) -> AttentionOnly:
    """Return a fresh model; `sizes` are those of `AttentionOnlyConfig`."""
    return AttentionOnly(AttentionOnlyConfig(**sizes))


AutoConfig.register("attention_only", AttentionOnlyConfig, exist_ok=True)
AutoModelForCausalLM.register(AttentionOnlyConfig, AttentionOnly, exist_ok=True)
