# %% right: the transcript grows as a string
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% right: a while loop, the reason kept in a variable
def react(model, tools, question, max_steps, parse):
    def observe(name, given):
        try:
            tool = tools[name]
        except KeyError:
            return f"ERROR: {name!r} is not one of {sorted(tools)}"
        try:
            return tool(given)
        except Exception as problem:
            return "ERROR: " + str(problem)

    lines, trace, calls = ["QUESTION: " + question], [], []
    answer, stopped = None, None
    steps = 0
    while stopped is None:
        if steps == max_steps:
            stopped = "max_steps"
            break
        steps += 1
        written = model("\n".join(lines), stop=["OBSERVATION:"]).split("OBSERVATION:")[0].strip()
        step = parse(written)
        order = (
            ["thought", "action", "input"] if step["action"] is not None else ["thought", "answer"]
        )
        trace.extend((kind, step[kind]) for kind in order if step[kind] is not None)
        if step["action"] is None:
            answer = step["answer"]
            stopped = "format" if answer is None else "answer"
        elif calls and calls[-1] == (step["action"], step["input"]):
            stopped = "repeat"
        else:
            calls.append((step["action"], step["input"]))
            seen = observe(*calls[-1])
            trace.append(("observation", seen))
            lines.append(written)
            lines.append("OBSERVATION: " + seen)
    return course.ReactResult(answer=answer, trace=trace, stopped=stopped)


# %% right: recursive, one step a call
def react(model, tools, question, max_steps, parse):
    def go(transcript, trace, left, last):
        if left == 0:
            return course.ReactResult(None, trace, "max_steps")
        raw = model(transcript, ["OBSERVATION:"])
        cut = raw.find("OBSERVATION:")
        raw = (raw if cut < 0 else raw[:cut]).strip()
        step = parse(raw)
        if step["thought"] is not None:
            trace = [*trace, ("thought", step["thought"])]
        if step["answer"] is not None:
            trace = [*trace, ("answer", step["answer"])]
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        call = [step["action"], step["input"]]
        trace = [*trace, ("action", call[0]), ("input", call[1])]
        if call == last:
            return course.ReactResult(None, trace, "repeat")
        if call[0] in tools:
            try:
                result = tools[call[0]](call[1])
            except Exception as e:
                result = f"ERROR: {e!r}"
        else:
            result = f"ERROR: no tool named {call[0]}"
        text = transcript + "\n" + raw + "\nOBSERVATION: " + result
        return go(text, [*trace, ("observation", result)], left - 1, call)

    return go("QUESTION: " + question, [], max_steps, None)


# %% wrong (q31-react-hidden-transcript): the assistant turn is not put back
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): the model sees the last observation only
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript = f"QUESTION: {question}\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): no stop sequence
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, [])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): any call made before counts as a repetition
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = []
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) in previous:
            return course.ReactResult(None, trace, "repeat")
        previous.append((step["action"], step["input"]))
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): the text is not stripped
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0]
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-invented): trusts the stop sequence
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-invented): cuts for the parser but not for the transcript
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.strip()
        step = parse(text.split("OBSERVATION:")[0])
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): an unknown tool raises
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools[step["action"]]
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): a tool's error raises
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            observation = tool(step["input"])
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): every KeyError is taken for an unknown tool
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        try:
            observation = tools[step["action"]](step["input"])
        except KeyError:
            observation = f"ERROR: unknown tool {step['action']}"
        except Exception as error:
            observation = f"ERROR: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): an error without its text
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception:
                observation = f"ERROR: {step['action']} failed"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): ends at the first error
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        if observation.startswith("ERROR:"):
            break
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-limit): one step too many
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps + 1):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-limit): no limit
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    while True:
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-limit): the last action is not run
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for number in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        if number == max_steps - 1:
            break
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-ends): repetitions are run
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-ends): only the name is compared
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if previous and step["action"] == previous[0]:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-ends): noticed only after it has been run
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-ends): an empty answer is overlooked
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"]:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-ends): goes on after a step that cannot be read
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            transcript += f"\n{text}"
            continue
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): calls parse_step and not the parse that was given
import re


def parse_step(text):
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse_step(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): the tool's result is stripped
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"]).strip()
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-transcript): an empty text is not given to parse
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        if not text:
            return course.ReactResult(None, trace, "format")
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-invented): cuts at the last observation
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = (text.rpartition("OBSERVATION:")[0] or text).strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-invented): cuts for the transcript but not for the parser
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        step = parse(text.strip())
        text = text.split("OBSERVATION:")[0].strip()
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): a list of exceptions
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except (KeyError, ValueError, TypeError, ArithmeticError, RuntimeError) as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")


# %% wrong (q31-react-hidden-errors): an empty action is taken for none
def react(model, tools, question, max_steps, parse):
    transcript = f"QUESTION: {question}"
    trace = []
    previous = None
    for _ in range(max_steps):
        text = model(transcript, ["OBSERVATION:"])
        text = text.split("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if not step["action"]:
            return course.ReactResult(None, trace, "format")
        trace.append(("action", step["action"]))
        trace.append(("input", step["input"]))
        if (step["action"], step["input"]) == previous:
            return course.ReactResult(None, trace, "repeat")
        previous = (step["action"], step["input"])
        tool = tools.get(step["action"])
        if tool is None:
            observation = f"ERROR: unknown tool {step['action']}"
        else:
            try:
                observation = tool(step["input"])
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        trace.append(("observation", observation))
        transcript += f"\n{text}\nOBSERVATION: {observation}"
    return course.ReactResult(None, trace, "max_steps")
