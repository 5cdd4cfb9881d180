"""lessons_test.py: the classroom. Every lesson is chosen, read, answered, stepped through both ways,
and predicted before a class, by keys, in one window."""

import json
import os
import re
import subprocess
import sys

from desktop import HOME, LESSONS, WEFT, Viewer, lesson, run, until
from names import nameless
from screen import Gone

WHOLE = 10  # a run of so many steps is gone through whole
NEAR = 4  # of a longer one so many, from each end
PREDICTED = 8  # so many steps of each


def command(*arguments, answers=None):
    return subprocess.run([WEFT, "lessons", *arguments], input=answers, capture_output=True,
                          text=True, check=True,
                          env={**os.environ, "XDG_DATA_HOME": os.path.join(HOME, "terminal")}).stdout


def told(name):
    """What `weft lessons tell` says of each step."""
    return [step["text"] for step in json.loads(command("tell", name, "--json"))["loops"][0]["steps"]]


def facts(name):
    """What the trace says of each question; None: nothing, the user is to judge."""
    questions = re.split(r"(?m)^\d+\. ", command("quiz", name, answers="?\n" * 40))[1:]
    return [right and right[1] for right in
            (re.search(r"The trace says .*: (.*)\.$", text, re.M) for text in questions)]


def chosen(viewer, title):
    until(f"“{title}” is listed, and chosen",
          lambda: viewer.has_keys("list item", title, viewer.kept("list", "Lessons")))


def read(viewer, name):
    """Its text is there, and all of it has a name."""
    with open(os.path.join(LESSONS, name, "lesson.md"), encoding="utf-8") as file:
        text = file.read()
    title = text.partition("\n")[0].removeprefix("# ")
    chosen(viewer, title)
    watch = len(re.findall(r"(?m)^- ", text.partition("## What to watch")[2].partition("\n## ")[0]))

    def is_shown():
        labels = viewer.labels()
        return labels.count(title) == 2 and len([one for one in labels if one.startswith("• ")]) == watch

    until("and shown", is_shown)
    until("all in it has a name", lambda: not nameless(viewer))
    return title


def to_the_questions(viewer, boxes):
    """By Tab; too far, and back."""
    at = [box.focused() for box in boxes]
    if not at[0]:
        viewer.key("shift+Tab" if any(at) else "Tab")
    return at[0]


def answer(viewer, name):
    """Each question in its turn. What the trace knows is typed; the rest the user judges."""
    known = facts(name)

    def asked_for():
        boxes = [box for box in viewer.all("text box") if box.name.startswith("Answer to question ")]
        return len(boxes) == len(known) and boxes

    boxes = until("each question has a box", asked_for)
    viewer.key("Tab")
    until("Tab goes to the questions", lambda: to_the_questions(viewer, boxes))
    for box, fact in zip(boxes, known):
        until(f"{box.name} has the keys", box.focused)
        question = next(one for one in box.above()
                        if one.look().name == "WeftLessonQuestion")
        viewer.type(fact.replace("µ", "u") if fact else "it depends")  # no keyboard of the tests has it
        viewer.key("Return")
        if fact:
            until("it is right", lambda question=question: any(
                "Right. The trace says: " in label.name for label in viewer.all("label", question)))
        else:
            until("it is to be judged, by keys, too", lambda question=question: viewer.has_keys(
                "button", "I Was Right", question))
            viewer.key("space")
    until("and the score is told", lambda: viewer.label_with(f"{len(known)} of {len(known)} right"))


def moment(viewer):
    return viewer.kept("slider", "Moment").value()


def step(viewer, loop, key, text):
    then = moment(viewer) if text == loop.description else None
    viewer.key(key)
    until(f"{key}: {text}", lambda: loop.look().description == text and moment(viewer) != then)


def both_ways(viewer, texts):
    """To the end and back: what is said of each step is what the terminal says."""
    loop = until("the loop is shown", lambda: viewer.kept("image", "The loop"))
    viewer.key("Home")
    until("before all of it nothing is said", lambda: loop.look().description == "")
    for text in texts if len(texts) <= WHOLE else texts[:NEAR]:
        step(viewer, loop, "Right", text)
    viewer.key("End")
    until("the end", lambda: loop.look().description == texts[-1])
    for text in reversed(texts[-NEAR - 1:-1]):
        step(viewer, loop, "Left", text)


def asked(viewer):
    """(what can be said to the question that is open, the score). While the bar changes it is not said
    what can be."""
    bar = viewer.seen(viewer.kept("widget", "WeftPredictBar"))
    labels = [widget.name for widget in bar if widget.role == "label"]
    last = next((re.search(r"(\d) answer · R reveals", label) for label in labels if "R reveals" in label), None)
    said = [widget.name for widget in bar if widget.role == "button"]
    if last and [name[:3] for name in said] != [f"{i + 1}: " for i in range(int(last[1]))]:
        raise Gone("a question")
    return (said if last else [], next((label for label in labels if label.endswith(" right")), ""))


def predict(viewer, texts):
    """Before a class: what is asked is answered, and counted. Returns how often that was."""
    repeated = [text for text, then in zip(texts, texts[1:]) if text == then]
    viewer.key("Home", "p", "F11")
    until("there is the loop alone", lambda: not viewer.named("button", "Timeline"))
    loop, questions = viewer.kept("image", "The loop"), 0

    def place():
        text = loop.look().description
        return text, asked(viewer)[0], moment(viewer) if text in repeated else None

    for _ in range(PREDICTED):
        before = place()
        if before[0] == texts[-1]:
            break
        viewer.key("Right")
        text, choices, _ = until("the next step, or question", lambda before=before: (
            lambda now: now != before and (now[1] or now[0] in texts) and now)(place()))
        if choices:
            questions += 1
            viewer.key("1")
            until("the answer is judged, and counted",
                  lambda: asked(viewer)[1].endswith(f" of {questions} right"))
    viewer.key("p", "F11")
    until("all is there again", lambda: viewer.named("button", "Timeline"))
    return questions


NAMES = sorted(name for name in os.listdir(LESSONS) if name[0].isdigit())


def test_every_lesson():
    viewer = Viewer()
    viewer.key("ctrl+l")
    until("the lessons are listed", lambda: viewer.named("list item", "create_task"))
    questions = 0
    for name in NAMES:
        title = read(viewer, name)
        answer(viewer, name.partition("-")[2])
        viewer.press(lambda: viewer.named("button", "Open Its Trace"))
        texts = told(name.partition("-")[2])
        both_ways(viewer, texts)
        questions += predict(viewer, texts)
        viewer.key("ctrl+w")
        until("its tab is closed", lambda: viewer.label_with("Running Programs"))
        viewer.key("ctrl+l")
        chosen(viewer, title)
        viewer.key("Down")
    assert questions >= len(NAMES), questions
    viewer.close()


def choices(viewer):
    return [button.name for button in viewer.all("button") if button.name[1:3] == ": "]


def test_a_lesson():
    viewer = Viewer()
    viewer.key("ctrl+l")
    viewer.click(lambda: viewer.named("list item", "create_task"))
    until("it is shown", lambda: viewer.label_with("What to watch"))
    until("all in it has a name", lambda: not nameless(viewer))
    viewer.press(lambda: viewer.named("button", "Open Its Trace"))
    loop = until("the loop is shown", lambda: viewer.named("image", "The loop"))
    viewer.key("Home", "p")
    until("something is asked", lambda: choices(viewer) or viewer.key("Right"))
    until("what can be said is", lambda: choices(viewer) == ["1: egg", "2: Task-1 goes on", "3: nothing: poll"])
    until("what happened is said, and no more",
          lambda: loop.look().description == "Task-1 creates egg.")
    viewer.key("2")
    until("the queue says why",
          lambda: viewer.label_with("Right. Creating a task does not run it: egg goes to"))
    until("it counts", lambda: viewer.label_with("1 of 1 right"))
    until("all in it has a name", lambda: not nameless(viewer))
    until("who steps back is the last", lambda: viewer.label_with("Task-1 steps back.")
          or viewer.key("Right"))
    viewer.key("r")
    until("R reveals, and counts nothing", lambda: viewer.label_with("Task-1 is 4th of 4")
          and viewer.label_with("1 of 1 right"))
    viewer.key("p")
    until("nobody is asked any more", lambda: not viewer.label_with("What runs next?"))
    viewer.key("F11")
    until("before a class there is the loop alone",
          lambda: "Timeline" not in viewer.labels())
    before = loop.look().description
    viewer.key("Next")
    then = until("a remote steps", lambda: loop.look().description != before and loop.look().description)
    viewer.key("Next")
    until("and again", lambda: loop.look().description != then)
    viewer.key("Prior")
    until("and back", lambda: loop.look().description == then)
    viewer.key("Escape")
    until("all is there again", lambda: "Timeline" in viewer.labels())
    viewer.key("ctrl+l")
    until("the lesson was seen", lambda: viewer.label_with("seen"))
    viewer.close()


def test_a_whole_lesson():
    """Before a class, by keys alone: asked at every question, from the first event to the last."""
    viewer = Viewer(lesson("09-lock"))
    until("it is read", lambda: "Ada" in viewer.lanes())
    viewer.key("ctrl+3", "F11")
    loop = until("the loop is shown", lambda: viewer.named("image", "The loop"))
    viewer.key("Home", "p")
    until("the last event is come to",
          lambda: loop.look().description == "The program ends with 0." or viewer.key("1", "Right"))
    until("answers were counted", lambda: viewer.label_with(" right"))
    viewer.key("p", "Home", "n")
    until("the next that runs", lambda: loop.look().description.startswith("Task-1 runs"))
    viewer.key("n")
    until("and the next", lambda: loop.look().description.startswith("Ada runs"))
    viewer.key("shift+n")
    until("and the one before", lambda: loop.look().description.startswith("Task-1 runs"))
    viewer.close()


if __name__ == "__main__":
    sys.exit(run(globals()))
