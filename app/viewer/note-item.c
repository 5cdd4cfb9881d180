/* note-item.c: see note-item.h. */
#include "app/viewer/note-item.h"

struct _WeftNoteItem {
    GObject parent_instance;
    struct weft_note note; /* its text is the item's own */
};
G_DEFINE_FINAL_TYPE(WeftNoteItem, weft_note_item, G_TYPE_OBJECT)

static void finalize(GObject *object)
{
    g_free(WEFT_NOTE_ITEM(object)->note.text);
    G_OBJECT_CLASS(weft_note_item_parent_class)->finalize(object);
}

static void weft_note_item_class_init(WeftNoteItemClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void weft_note_item_init(WeftNoteItem *item)
{
    (void)item;
}

WeftNoteItem *weft_note_item_new(const struct weft_note *note)
{
    WeftNoteItem *item = g_object_new(WEFT_TYPE_NOTE_ITEM, NULL);
    item->note = *note;
    item->note.text = g_strdup(note->text);
    return item;
}

const struct weft_note *weft_note_item_get(WeftNoteItem *item)
{
    return &item->note;
}
