/* page-predict.c: the Dispatch view asks what comes next. While a question is open its order is
 * hidden (weft_dispatch_view_hide()), and the step after it waits. */
#include "app/viewer/dispatch/page-private.h"

#include <math.h>

#define TEXT_PROJECTED 22.0 /* px, where the drawing's is at WEFT_PROJECTOR_SCALE */

static guint predicting_signal;

void dispatch_page_install_predicting(void)
{
    predicting_signal = g_signal_new("predicting-changed", WEFT_TYPE_DISPATCH_PAGE,
                                     G_SIGNAL_RUN_FIRST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

gboolean weft_dispatch_page_predicting(WeftDispatchPage *page)
{
    return page->predicting;
}

gboolean dispatch_page_waits_for_answer(WeftDispatchPage *page)
{
    return page->question && !page->answered;
}

/* Shows all of the place, and why. */
static void explain(WeftDispatchPage *page, gboolean answered, guint choice)
{
    weft_score_add(&page->score, page->question, answered, choice);
    page->answered = TRUE;
    weft_predict_bar_explain(page->predict, page->question, answered ? choice : page->question->n);
    weft_predict_bar_show_score(page->predict, &page->score);
    dispatch_page_ask(page, (struct wish){ .asked = ASKED_AGAIN });
}

void dispatch_page_answer(WeftDispatchPage *page, guint choice)
{
    if (dispatch_page_waits_for_answer(page) && choice < page->question->n)
        explain(page, TRUE, choice);
    else
        gtk_widget_error_bell(GTK_WIDGET(page));
}

void dispatch_page_reveal(WeftDispatchPage *page)
{
    if (dispatch_page_waits_for_answer(page))
        explain(page, FALSE, 0);
    else
        gtk_widget_error_bell(GTK_WIDGET(page));
}

void dispatch_page_go_on(WeftDispatchPage *page)
{
    if (dispatch_page_waits_for_answer(page))
        dispatch_page_reveal(page);
    else
        dispatch_page_ask(page, (struct wish){ .asked = ASKED_QUESTION, .steps = 1 });
}

void dispatch_page_take_question(WeftDispatchPage *page, struct weft_prediction *asked)
{
    g_clear_pointer(&page->question, weft_prediction_free);
    page->question = page->predicting ? asked : NULL;
    page->answered = FALSE;
    if (asked && !page->predicting)
        weft_prediction_free(asked);
    if (page->predicting)
        weft_predict_bar_ask(page->predict, page->question);
}

void dispatch_page_hide_times(WeftDispatchPage *page, gboolean hide)
{
    page->timeless = hide;
    weft_transport_show_times(page->transport, !hide);
    weft_predict_bar_hide_times(page->predict, hide);
    dispatch_page_ask(page, (struct wish){ .asked = ASKED_AGAIN });
}

void dispatch_page_keep_said(WeftDispatchPage *page)
{
    if (!page->question)
        return;
    g_autofree char *timeless = page->timeless ? weft_without_times(page->question->said) : NULL;
    gtk_label_set_text(page->headline, timeless ? timeless : page->question->said);
}

void dispatch_page_show_lines(WeftDispatchPage *page)
{
    gtk_widget_set_visible(GTK_WIDGET(page->lines), !page->predicting && !page->presenting);
}

void dispatch_page_fit_text(WeftDispatchPage *page)
{
    double px = TEXT_PROJECTED * weft_dispatch_canvas_scale(page->canvas) / WEFT_PROJECTOR_SCALE;
    g_autofree char *css = px > 0 && page->presenting
                               ? g_strdup_printf("dispatch { font-size: %dpx; }", (int)round(px))
                               : g_strdup("");
    gtk_css_provider_load_from_data(page->text, css, -1);
}

void weft_dispatch_page_present(WeftDispatchPage *page, gboolean present)
{
    page->presenting = present;
    weft_transport_present(page->transport, present);
    weft_dispatch_canvas_project(page->canvas, present);
    dispatch_page_fit_text(page);
    dispatch_page_show_lines(page);
}

void dispatch_page_predict(WeftDispatchPage *page, gboolean on)
{
    gboolean hidden = dispatch_page_waits_for_answer(page);
    page->predicting = on;
    gtk_widget_set_visible(GTK_WIDGET(page->predict), on);
    dispatch_page_show_lines(page);
    weft_transport_show_predicting(page->transport, on);
    if (page->session)
        dispatch_page_show_marks(page);
    dispatch_page_take_question(page, NULL);
    if (hidden)
        dispatch_page_ask(page, (struct wish){ .asked = ASKED_AGAIN });
    g_signal_emit(page, predicting_signal, 0);
}
