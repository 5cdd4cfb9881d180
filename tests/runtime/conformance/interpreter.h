/* interpreter.h: a scenario at work on libweft: what the interpreter's parts share.
 *
 *      run -> objects             the scenario's names, in the order in which they were first used
 *          -> lines               the log
 *      actor -> failure, value    one body being executed: a task's, a callback's, or that of a
 *                                 call in place
 *      step -> said, got          one statement being executed, by a verb
 *
 * All on one thread. */
#ifndef WEFT_CONFORMANCE_INTERPRETER_H
#define WEFT_CONFORMANCE_INTERPRETER_H

#include "runtime/weft.h"
#include "scenario.h"

#define NONE  LONG_MIN /* the value of what has none */
#define START 1000.0   /* when virtual time begins   */
#define TICK  0.01     /* of real time, in seconds   */

enum kind {
    NUMBER,
    FUTURE, /* tasks, gathers and shields too */
    HANDLE,
    CALLBACK,
    TIMEOUT,
    GROUP,
    GENERATOR,
    LOCK,
    EVENT,
    CONDITION,
    SEMAPHORE,
    BARRIER,
    QUEUE,
    LOCAL,
};

/* What ledger.c knows of an object. */
struct books {
    long asked, served; /* tickets: the last one drawn, the last one served */
    long held;
    long waiting[2]; /* enum side; of what is no queue only the first */
    enum { FIRST_FIRST, LAST_FIRST, LEAST_FIRST } order;
    GArray *items; /* of a queue: longs, as they were put */
};

struct object {
    char *name;
    enum kind kind;
    bool gone; /* dropped */
    struct books books;
    weft_timeout left; /* a timeout's state when its body was left */
    union {
        long number;
        weft_future *future;
        weft_handle *handle;
        struct body *callback;
        weft_timeout *timeout;  /* on the stack of its body, then `left` */
        weft_task_group *group; /* on the stack of its body */
        weft_generator *generator;
        weft_lock *lock;
        weft_event *event;
        weft_condition *condition;
        weft_semaphore *semaphore;
        weft_barrier *barrier;
        weft_queue *queue;
        struct local *local;
    };
};

struct run {
    struct scenario *scenario;
    weft_loop *loop;
    double start;
    bool over; /* whatever runs later runs in no order that means something */
    GPtrArray *objects, *lines, *reports;
    GPtrArray *bodies;  /* kept until the end                     */
    GHashTable *labels; /* how often each `def` was made a task   */
};

/* A block that somebody will execute: a task or a callback. */
struct body {
    struct run *run;
    char *label;
    struct statement *block;
    bool began, ended; /* a task's */
};

struct failure {
    int code; /* 0: none */
    weft_error *error;
};

struct actor {
    struct run *run;
    const char *who;
    struct failure failure;  /* passing through its blocks */
    struct failure handling; /* what an except caught      */
    long value;              /* returned                   */
    long *yields;            /* of a generator             */
};

/* One statement being executed. */
struct step {
    struct run *run;
    struct actor *actor;
    struct statement *statement;
    struct object *object; /* of OBJECT.METHOD                 */
    char **word;           /* the statement's                  */
    GString *said;         /* what there is to log of success  */
    long got;              /* its value, or NONE               */
};

/* Does what a statement says. 0 or libweft's code. */
typedef int verb_function(struct step *step);
struct method {
    enum kind kind;
    const char *name;
    verb_function *verb;
};
struct function {
    const char *name;
    verb_function *verb;
};

/* ---- run.c: from scenario to log ---- */

/* The log of a scenario, on a loop of its own. Free with g_free. */
char *run_scenario(struct scenario *scenario);
void run_log(struct run *run, const char *who, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Of a word: a duration, or a time of the scenario's clock, in libweft's seconds. */
double duration(struct run *run, const char *word);
double moment(struct run *run, const char *word);
/* The scenario's time, of libweft's seconds. */
void write_moment(struct run *run, GString *to, double when);

/* ---- outcome.c: what things came to, in words ---- */

/* "A", "cancelled "why"", "group(A, B)"; "ok" for 0. */
void write_failure(GString *to, int code, const weft_error *error);
/* "7", or "ok" for NONE. */
void write_value(GString *to, long value);
/* Of a future that is done, without counting as a look. */
void write_state(GString *to, weft_future *future);
long value_of(weft_future *future);
/* The code that a word of `raise` names. */
int code_of(const char *word);
/* Whether `except WORD` catches the code. */
bool catches(const char *word, int code);

/* ---- objects.c: names ---- */

/* NULL: no such name. */
struct object *find_object(struct run *run, const char *name);
/* Of that kind; it must be there. */
struct object *need_object(struct run *run, const char *name, enum kind kind);
/* A new one of that name; an old one is let go. */
struct object *put_object(struct run *run, const char *name, enum kind kind);
void drop_object(struct object *object);
void free_object(void *object);
/* `self` is the current task. */
weft_future *need_future(struct run *run, const char *name);
/* A numeral, or the name of a number. */
long number(struct run *run, const char *word);

/* ---- blocks.c: control flow ---- */

enum flow { NEXT, BREAK, CONTINUE, RETURN, RAISE };
enum flow execute(struct actor *actor, struct statement *first);
/* Logs what the statement came to; RAISE when rc < 0, which becomes the actor's failure. */
enum flow conclude(struct actor *actor, struct statement *statement, int rc, const char *said);
/* The await that just failed is the actor's failure now. */
enum flow fail(struct actor *actor, int code);
/* The code of the actor's failure, which libweft finds when a coroutine returns it. */
int give_back(struct actor *actor);
/* Runs a body to its end: the code that a coroutine of it returns. */
int execute_body(struct actor *actor, struct statement *block);
/* Executes a `def` here, in the actor's task. Returns its code. */
int call_in_place(struct actor *actor, const char *call, long *value);
struct body *body_new(struct run *run, const char *label, struct statement *block);
/* The next task of a `def`: NAME, NAME.2, … */
struct body *body_of_call(struct run *run, const char *call);
WEFT_ASYNC_DECLARE(long, run_body, struct body *, body)
void run_callback(void *body);

/* ---- scopes.c, iteration.c: what has a body ---- */

enum flow timeout_scope(struct actor *actor, struct statement *statement);
enum flow group_scope(struct actor *actor, struct statement *statement);
enum flow with_scope(struct actor *actor, struct statement *statement);
enum flow for_scope(struct actor *actor, struct statement *statement);
enum flow yield(struct actor *actor, struct statement *statement);

/* ---- statements.c: one statement ---- */

enum flow execute_statement(struct actor *actor, struct statement *statement);

/* ---- Verbs ---- */

/* Each ends with one that has no name. */
extern const struct method task_methods[], generator_methods[], sync_methods[], queue_methods[],
    context_methods[];
extern const struct function task_functions[], combine_functions[], generator_functions[],
    sync_functions[], queue_functions[], context_functions[];
enum flow for_completed(struct actor *actor, struct statement *statement);
/* Ends what an object of theirs is made of. */
void finish_sync(struct object *object);
void finish_queue(struct object *object);
void finish_local(struct object *object);
/* A future, gather or shield, as the words say; NULL: they say something else. */
weft_future *create_future(struct run *run, char **words);

#endif
