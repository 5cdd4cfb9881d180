"""tasks_and_dispatch.py: the table of tasks and the loop at the playhead, by keys and pointer, in a
viewer that has any trace open."""

import re

from desktop import done, settled, until

ROWS = 10  # so many of a table's are looked at


def in_view(viewer, name):
    """Whether the view is the one that is shown."""
    return viewer.named("button", name).pressed()


def count(viewer):
    """What the table says of how many it shows."""
    label = viewer.first("count", "label", lambda label: re.fullmatch(r"[\d,]+( of [\d,]+)? tasks?", label.name))
    return label.name if label else ""


def rows(viewer):
    return viewer.kept("list", "Tasks").held(ROWS)


def names(viewer):
    return [row.name for row in rows(viewer)]


def natural(name):
    """fetch-2 comes before fetch-10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name.lower())]


def sorts(viewer):
    def sorted_by_name(falls):
        shown = names(viewer)
        return shown and shown == sorted(shown, key=natural, reverse=falls)

    head = until("the columns have heads", lambda: viewer.named("column header", "Name"))
    for falls in False, True:
        viewer.at(head, 0.7 if falls else 0.3, 0.5, "click", "1")  # two are no double click
        until("it is sorted by name" + ", the last first" * falls, lambda falls=falls: sorted_by_name(falls))


def choose(viewer, menu, *keys):
    viewer.press(lambda: viewer.named("button", menu))
    until(f"“{menu}” is open", lambda: any(
        item.name and item.focused() for item in viewer.all("list item", viewer.named("combo box", menu))))
    viewer.key(*keys, "Return")


def filters(viewer, menu, by, whole):
    choose(viewer, menu, *["Down"] * by)
    until(f"“{menu}” filters", lambda: count(viewer).endswith(f" of {whole}"))
    choose(viewer, menu, *["Up"] * by)
    until("and lets all be seen", lambda: count(viewer) == whole)


def goes_to_the_lane(viewer, act):
    viewer.key("ctrl+2")
    until("the table is shown", lambda: in_view(viewer, "Tasks"))

    until("there are rows", lambda: rows(viewer))
    name = names(viewer)[0]
    done("its lane is gone to", lambda: in_view(viewer, "Tasks") and [act(row) for row in rows(viewer)[:1]],
         lambda: in_view(viewer, "Timeline") and viewer.selected().startswith(name + ":"))


def in_tasks(viewer):
    viewer.key("Escape", "ctrl+2")
    whole = until("all tasks are listed", lambda: count(viewer))
    assert " of " not in whole, whole
    until("they have rows", lambda: in_view(viewer, "Tasks") and rows(viewer))
    sorts(viewer)
    filters(viewer, "State at the playhead", 1, whole)
    filters(viewer, "Longest slice", 4, whole)
    goes_to_the_lane(viewer, lambda row: viewer.at(row, 0.05, 0.5, "click", "--repeat", "2", "--delay", "50", "1"))
    goes_to_the_lane(viewer, lambda row: viewer.key("Return"))


def steps(viewer, slider, key, way):
    """Whether it does. Not: it had not come to rest yet."""
    then = slider.value()
    viewer.key(key)
    return settled(lambda: (slider.value() - then) * way > 0)


def in_dispatch(viewer):
    viewer.key("ctrl+3", "End")
    loop = until("the loop is shown", lambda: viewer.named("image", "The loop"))
    slider = viewer.kept("slider", "Moment")
    whole = slider.value("MaximumValue")
    until("the end is told", lambda: loop.look().description and slider.value() == whole)
    done("the moment is dragged", lambda: viewer.drag(slider, (0.3, 0.5), (0.6, 0.5)),
         lambda: 0.5 < slider.value() / whole < 0.7)
    until("what happened there is told", lambda: loop.look().description)
    for key, way in ("Left", -1), ("Right", 1):
        until(f"{key} steps", lambda key=key, way=way: steps(viewer, slider, key, way))
    then = slider.value()
    viewer.key("space")
    until("Space plays", lambda: slider.value() > then)
    viewer.key("space")
    until("and pauses", lambda: viewer.named("button", "Play"))
    viewer.key("ctrl+1")
    until("the timeline is there again", lambda: in_view(viewer, "Timeline"))
