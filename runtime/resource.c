/* resource.c: see resource.h. */
#include "runtime/resource.h"
#include "runtime/with.h"
#include <stdio.h>

void weft__resource_init(struct weft__resource *resource, enum weft_entity kind, const char *name,
                         uint64_t capacity, weft_site *site)
{
    *resource = (struct weft__resource){
        .face = resource, .name = name, .site = site, .capacity = capacity, .kind = (uint8_t)kind
    };
    weft__list_init(&resource->holders);
}

static void report(const struct weft__resource *resource, size_t waiting)
{
    char message[160];
    snprintf(message, sizeof message, "%s %s%s%s was finished while %zu task%s waited for it",
             resource->kind == WEFT_ENTITY_EVENT ? "an" : "a", weft_entity_name(resource->kind),
             resource->name ? " " : "", resource->name ? resource->name : "", waiting,
             waiting == 1 ? "" : "s");
    weft__report(weft__loop, message, NULL, NULL);
}

void weft__resource_finish(struct weft__resource *resource, size_t waiting)
{
    weft__with_let_go(&resource->holders);
    if (waiting > 0)
        report(resource->face, waiting);
    if (resource->id && weft__loop && weft__loop->writer)
        weft__trace(weft__loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, resource->id, waiting);
    resource->kind = 0;
}

int weft__resource_bind_now(struct weft__resource *resource)
{
    if (resource->loop_id)
        return WEFT_ELOOP;
    resource->loop_id = weft__loop->id;
    resource->thread = &weft__loop;
    return 0;
}

uint64_t weft__resource_announce(struct weft__resource *resource)
{
    resource = resource->face;
    if (resource->id)
        return resource->id;
    resource->id = weft_new_id(weft__loop->writer, resource->kind);
    weft__emit(weft__loop, 0, WEFT_RECORD_OBJECT_NEW, 0, resource->site, resource->id,
               resource->capacity);
    if (resource->name)
        weft__emit_name(weft__loop, WEFT_RECORD_OBJECT_NAME, resource->id, resource->name);
    return resource->id;
}

void weft__resource_emit(struct weft__resource *resource, enum weft_resource_op op, weft_site *site,
                         int64_t value)
{
    if (!weft__loop || !weft__loop->writer || resource->face != resource)
        return;
    uint64_t id = weft__resource_announce(resource);
    weft__emit(weft__loop, 0, WEFT_RECORD_RESOURCE, op, site, id, (uint64_t)value);
}
