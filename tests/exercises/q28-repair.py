# %% right: mended where the faults stand
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% right: a list of lines, membership in a range
import json
import re


def rate(ask, question, answer, reference):
    properties = {"reasoning": {"type": "string"}}
    properties["score"] = {"type": "integer", "minimum": 1, "maximum": 5}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["score", "reasoning"],
        "properties": properties,
    }
    lines = ["Rate the answer from 1 to 5; reply in JSON.", "Question: " + question]
    lines += ["Reference: " + reference, "Answer: " + answer]
    try:
        score = json.loads(ask("\n".join(lines), schema))["score"]
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError("no verdict") from error
    if type(score) is int and score in range(1, 6):
        return score
    raise ValueError("no score from 1 to 5")


# %% right: one pass over the template with a pattern
import json
import re

TEMPLATE = """Rate the answer from 1 to 5.
Question: {question}
Reference: {reference}
Answer: {answer}
Reply in JSON."""


def rate(ask, question, answer, reference):
    texts = {"question": question, "answer": answer, "reference": reference}
    prompt = re.sub(r"\{(\w+)\}", lambda found: texts[found[1]], TEMPLATE)
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    verdict = json.loads(ask(prompt, schema))
    match verdict:
        case {"score": bool()}:
            pass
        case {"score": int(score)} if 0 < score < 6:
            return score
    raise ValueError("no score")


# %% right: the scale as a list of its values
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% right: the scale without a type, and titles
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"title": "Score", "enum": [1, 2, 3, 4, 5]},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% right: bounds that are excluded
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 6},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): the score is still written first
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "reasoning": {"type": "string"},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): only the order of what is required was turned round
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "reasoning": {"type": "string"},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5. Reason before you score.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): the reasoning is no longer demanded
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): the first number of the reply
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    found = re.search(r"\d+", reply)
    if not found or not 1 <= int(found[0]) <= 5:
        raise ValueError("no score")
    return int(found[0])


# %% wrong (q28-repair-hidden-reply): the number behind the word score, without parsing
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    found = re.search(r'"score": *([1-5])\b', reply)
    if not found:
        raise ValueError("no score")
    return int(found[1])


# %% wrong (q28-repair-hidden-reply): a score outside the scale is clipped
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int):
        raise ValueError("no score")
    return max(1, min(5, score))


# %% wrong (q28-repair-hidden-reply): whatever can be made an int is one
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    try:
        score = int(verdict["score"])
    except (KeyError, TypeError) as error:
        raise ValueError("no score") from error
    if not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): a reply that cannot be read gets the lowest mark
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    try:
        verdict = json.loads(reply)
    except json.JSONDecodeError:
        return 1
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): true is an int
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): the JSON is cut out of the text around it
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply[reply.find("{") : reply.rfind("}") + 1] or "null")
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-prompt): replaced one after the other, the answer last
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = "Rate.\nQuestion: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    prompt = prompt.replace("{question}", question).replace("{reference}", reference)
    prompt = prompt.replace("{answer}", answer)
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-prompt): braces are taken out of the texts
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    question, answer, reference = (
        text.replace("{", "").replace("}", "") for text in (question, answer, reference)
    )
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-prompt): the judge does not see the reference
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = f"Rate the answer from 1 to 5.\nQuestion: {question}\nAnswer: {answer}\nReply in JSON."
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): other keys are allowed
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): no lowest score
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): a scale from 0
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "enum": [0, 1, 2, 3, 4, 5]},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-order): asked twice, and the second reply taken
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    ask(prompt, schema)
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): what stands behind the object is not looked at
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.JSONDecoder().raw_decode(reply)[0]
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): the first of a list
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if isinstance(verdict, list) and verdict:
        verdict = verdict[0]
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): asked again where the reply is no JSON
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    try:
        json.loads(reply)
    except json.JSONDecodeError:
        reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-reply): a verdict without reasoning is refused
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score") if "reasoning" in verdict else None
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score


# %% wrong (q28-repair-hidden-prompt): spaces at the ends are cut off
import json
import re


def rate(ask, question, answer, reference):
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    question, answer, reference = question.strip(), answer.strip(), reference.strip()
    prompt = (
        "Rate the answer from 1 to 5.\n"
        f"Question: {question}\nReference: {reference}\nAnswer: {answer}\nReply in JSON."
    )
    reply = ask(prompt, schema)
    verdict = json.loads(reply)
    if not isinstance(verdict, dict):
        raise ValueError("no object")
    score = verdict.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise ValueError("no score")
    return score
