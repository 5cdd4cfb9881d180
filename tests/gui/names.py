"""names.py: whether all that can be used has a name, for who hears it and does not see it."""

NAMED = {"button", "column header", "toggle button", "check box", "text box", "search box", "slider",
         "combo box", "list", "list item", "table row", "image", "progress bar"}


def nameless(viewer):
    seen = viewer.seen()
    toasts = {widget.path for toast in seen if toast.name == "AdwToastWidget"
              for widget in toast.each()}  # their closing button is libadwaita's own
    return [(widget.role, widget.name, widget.place) for widget in seen
            if widget.role in NAMED and widget.path not in toasts and
            (not widget.name or widget.name.startswith(("Gtk", "Adw", "Weft")))]
