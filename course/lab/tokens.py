"""The lab's tokenizer: byte-level BPE with single digits, and the chat template."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from course.world.names import ENDINGS, MIDDLES, SECRET_WORDS, STARTS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VOCABULARY = 1408
PAD, BOS, END = "<|pad|>", "<|bos|>", "<|end|>"
SYSTEM, USER, ASSISTANT, TOOL = "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"
CALL, CALL_END = "<tool_call>", "</tool_call>"
SPECIAL = (PAD, BOS, END, SYSTEM, USER, ASSISTANT, TOOL)

PATTERN = r" \[\p{N}\]|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""How text is cut before merging: every digit alone, words with the space before
them, and a citation such as " [2]" whole, so that it follows its value in one step."""

CHAT_TEMPLATE = """\
{%- macro text(content) -%}
{%- if content is string -%}{{ ' ' + content if content else '' }}
{%- elif content -%}{% for part in content %}{{ ' ' + part.text }}{% endfor %}
{%- endif -%}
{%- endmacro -%}
{%- set start = 1 if messages and messages[0].role in ('system', 'developer') else 0 -%}
{{- bos_token -}}
{%- if start or tools -%}
{{- '<|system|>' -}}{%- if start -%}{{- text(messages[0].content) -}}{%- endif -%}
{%- if tools -%}
{{- ' Tools: ' -}}
{%- for tool in tools -%}
{%- set f = tool.function if tool.function is defined else tool -%}
{%- set known = f.parameters.properties if f.parameters else {} -%}
{{- f.name + '(' + ((known or {}) | list | join(', ')) + ')' -}}
{{- ', ' if not loop.last else '.' -}}
{%- endfor -%}
{%- endif -%}
{{- '<|end|>' -}}
{%- endif -%}
{%- for message in messages[start:] -%}
{%- if message.role == 'user' -%}
{{- '<|user|>' + text(message.content) + '<|end|>' -}}
{%- elif message.role == 'tool' -%}
{{- '<|tool|>' + text(message.content) + '<|end|>' -}}
{%- elif message.role == 'assistant' -%}
{{- '<|assistant|>' -}}
{%- generation -%}
{{- text(message.content) -}}
{%- for call in message.tool_calls or [] -%}
{%- set f = call.function if call.function is defined else call -%}
{%- set written = f.arguments if f.arguments is string else f.arguments | tojson -%}
{{- '<tool_call> {"name": ' + (f.name | tojson) + ', "arguments": ' + written -}}
{{- '}</tool_call>' -}}
{%- endfor -%}
{{- '<|end|>' -}}
{%- endgeneration -%}
{%- else -%}
{{- raise_exception('no message has the role ' + message.role) -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}
"""


def train_tokenizer(vocabulary: int = VOCABULARY, seed: int = 0) -> PreTrainedTokenizerFast:
    """Train the tokenizer on the world's own texts; a second's work, the same every time.

    Names are cut into their syllables there, so that an unknown name has as few tokens as a
    known one.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    calls = [AddedToken(t, normalized=False, special=False) for t in (CALL, CALL_END)]
    specials = [AddedToken(t, normalized=False, special=True) for t in SPECIAL]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*specials, *calls],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(seed), trainer)
    tokenizer.add_tokens(calls)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=END,
        pad_token=PAD,
        chat_template=CHAT_TEMPLATE,
        model_max_length=1024,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )


def _sample(seed: int) -> list[str]:
    from course.lab.corpus import chat_sample, page_sample

    rng = random.Random(f"tokenizer {seed}")
    texts = page_sample(rng, 2500) + chat_sample(rng, 5000)
    texts += [f'"{start}' for start in STARTS] * 200  # as names begin in JSON
    texts += [f" {word}" for word in SECRET_WORDS] * 100
    return [
        _SPECIAL.sub("\n", _MADE.sub(lambda match: "\n".join(match.groups("")), text))
        for text in texts
    ]


_SPECIAL = re.compile("|".join(map(re.escape, (*SPECIAL, CALL, CALL_END))))
_MADE = re.compile(
    f"( ?(?:{'|'.join(sorted(STARTS, key=len)[::-1])}))({'|'.join(MIDDLES)})?"
    f"({'|'.join(sorted({e for es in ENDINGS.values() for e in es}, key=len)[::-1])})\\b"
)
"""Made words, by syllables: cut apart in the tokenizer's training, so that merges make syllables
(of which every name is made), and not the names of one world."""


FOLDER = Path(__file__).with_name("tokenizer")


@lru_cache(maxsize=1)
def tokenizer() -> PreTrainedTokenizerFast:
    """The lab's one tokenizer, as `train_tokenizer` made it.

    It is kept as a file, so that a change to the world's texts does not change what the tokens of
    trained weights mean.
    """
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast.from_pretrained(FOLDER)


if __name__ == "__main__":
    train_tokenizer().save_pretrained(FOLDER)
