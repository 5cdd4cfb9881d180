/* plumbing.h: the preprocessor's part of weft.h. Nothing in here is for programs to use.
 *
 * Argument lists are type, name pairs, as in the Linux kernel's SYSCALL_DEFINE:
 *
 *      WEFT_ASYNC(int, add, int, a, int, b) { ... }
 *
 * becomes
 *      struct weft__args_add { int a; int b; };                what a task keeps of the call
 *      static int add(int a, int b, int *result);              the coroutine itself
 *      static int weft__entry_add(void *args, void *result);   unpacks the first, calls the second
 *      static weft_coro weft__coro_add(int a, int b);          the typed constructor
 *      static int add(int a, int b, int *result)               the head of its definition
 *
 * and the macros that take a call, as in weft_create_task(add(1, 2)), paste weft__coro_ before it:
 * so the constructor is called, and the compiler checks the arguments. */
#ifndef WEFT_PLUMBING_H
#define WEFT_PLUMBING_H

#define WEFT__CAT_(a, b) a##b
#define WEFT__CAT(a, b)  WEFT__CAT_(a, b)
/* A name that no other expansion uses, so that nested macros do not shadow each other. */
#define WEFT__UNIQUE(x) WEFT__CAT(x, __COUNTER__)
/* (a, b) -> a, b */
#define WEFT__UNPAREN(...) __VA_ARGS__

/* ---- Counting and mapping arguments ---- */

#define WEFT__N_(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, n,     \
                 ...)                                                                              \
    n
#define WEFT__N(...)                                                                               \
    WEFT__N_(0, ##__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)

/* m(type, name) for every pair. */
#define WEFT__PAIRS0(m)
#define WEFT__PAIRS2(m, t, n)       m(t, n)
#define WEFT__PAIRS4(m, t, n, ...)  m(t, n) WEFT__PAIRS2(m, __VA_ARGS__)
#define WEFT__PAIRS6(m, t, n, ...)  m(t, n) WEFT__PAIRS4(m, __VA_ARGS__)
#define WEFT__PAIRS8(m, t, n, ...)  m(t, n) WEFT__PAIRS6(m, __VA_ARGS__)
#define WEFT__PAIRS10(m, t, n, ...) m(t, n) WEFT__PAIRS8(m, __VA_ARGS__)
#define WEFT__PAIRS12(m, t, n, ...) m(t, n) WEFT__PAIRS10(m, __VA_ARGS__)
#define WEFT__PAIRS(m, ...)         WEFT__CAT(WEFT__PAIRS, WEFT__N(__VA_ARGS__))(m, ##__VA_ARGS__)

/* m(call), … for up to eight calls; more than that is one, and WEFT__FEW says so. */
#define WEFT__LIST1(m, a)      m(a)
#define WEFT__LIST2(m, a, ...) m(a), WEFT__LIST1(m, __VA_ARGS__)
#define WEFT__LIST3(m, a, ...) m(a), WEFT__LIST2(m, __VA_ARGS__)
#define WEFT__LIST4(m, a, ...) m(a), WEFT__LIST3(m, __VA_ARGS__)
#define WEFT__LIST5(m, a, ...) m(a), WEFT__LIST4(m, __VA_ARGS__)
#define WEFT__LIST6(m, a, ...) m(a), WEFT__LIST5(m, __VA_ARGS__)
#define WEFT__LIST7(m, a, ...) m(a), WEFT__LIST6(m, __VA_ARGS__)
#define WEFT__LIST8(m, a, ...) m(a), WEFT__LIST7(m, __VA_ARGS__)
#define WEFT__LIST9(m, a, ...) m(a)
#define WEFT__LIST(m, ...)     WEFT__CAT(WEFT__LIST, WEFT__FEW(__VA_ARGS__))(m, ##__VA_ARGS__)
#define WEFT__FEW_(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17,     \
                   _18, _19, _20, _21, _22, _23, _24, n, ...)                                      \
    n
#define WEFT__FEW(...)                                                                             \
    WEFT__FEW_(__VA_ARGS__, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1)

/* ---- Coroutines ---- */

#define WEFT__FIELD(t, n)   t n;
#define WEFT__PARAM_(t, n)  , t n
#define WEFT__FORWARD(t, n) , weft__a->n
#define WEFT__COPY(t, n)    , .n = n
/* Lists are built as `~, a, b`: a comma before every item, and the tilde dropped here. */
#define WEFT__DROP_(tilde, ...) __VA_ARGS__
#define WEFT__DROP(...)         WEFT__DROP_(__VA_ARGS__)

/* VALUE when the result type is not void: WEFT__PROBE_void is empty, any other is a token. */
#define WEFT__PROBE_void
#define WEFT__HAS_VALUE_(...)  __VA_OPT__(VALUE)
#define WEFT__HAS_VALUE(probe) WEFT__HAS_VALUE_(probe)
#define WEFT__SIZE_VALUE(type) sizeof(type)
#define WEFT__SIZE_(type)      0
#define WEFT__OUT_VALUE(type)  , type *result
#define WEFT__OUT_(type)
#define WEFT__PASS_VALUE() , weft__result
#define WEFT__PASS_()

#define WEFT__PARAMS(v, type, ...)                                                                 \
    WEFT__PARAMS_(~WEFT__PAIRS(WEFT__PARAM_, ##__VA_ARGS__) WEFT__CAT(WEFT__OUT_, v)(type))
#define WEFT__PARAMS_(...)                  WEFT__OR_VOID(WEFT__DROP(__VA_ARGS__))
#define WEFT__OR_VOID(...)                  WEFT__OR_VOID_(__VA_ARGS__)
#define WEFT__OR_VOID_(...)                 WEFT__CAT(WEFT__SOME_, __VA_OPT__(1))(__VA_ARGS__)
#define WEFT__SOME_1(...)                   __VA_ARGS__
#define WEFT__SOME_()                       void
#define WEFT__SIGNATURE(v, type, name, ...) int name(WEFT__PARAMS(v, type, ##__VA_ARGS__))
#define WEFT__DECLARE(storage, v, type, name, ...)                                                 \
    struct weft__args_##name {                                                                     \
        WEFT__PAIRS(WEFT__FIELD, ##__VA_ARGS__)                                                    \
    };                                                                                             \
    _Static_assert(sizeof(struct weft__args_##name) <= WEFT_ARGS_MAX,                              \
                   #name ": arguments exceed 64 bytes, pass a pointer to a struct");               \
    storage WEFT__SIGNATURE(v, type, name, ##__VA_ARGS__);                                         \
    __attribute__((unused)) static inline int weft__entry_##name(void *weft__args,                 \
                                                                 void *weft__result)               \
    {                                                                                              \
        struct weft__args_##name *weft__a = weft__args;                                            \
        (void)weft__a, (void)weft__result;                                                         \
        return name(                                                                               \
            WEFT__DROP(~WEFT__PAIRS(WEFT__FORWARD, ##__VA_ARGS__) WEFT__CAT(WEFT__PASS_, v)()));   \
    }                                                                                              \
    __attribute__((unused, warn_unused_result)) static inline weft_coro weft__coro_##name(         \
        WEFT__PARAMS(, void, ##__VA_ARGS__))                                                       \
    {                                                                                              \
        weft_coro weft__c = { weft__entry_##name,                                                  \
                              #name,                                                               \
                              sizeof(struct weft__args_##name),                                    \
                              WEFT__CAT(WEFT__SIZE_, v)(type),                                     \
                              { 0 } };                                                             \
        struct weft__args_##name weft__a = { WEFT__DROP(                                           \
            ~WEFT__PAIRS(WEFT__COPY, ##__VA_ARGS__)) };                                            \
        __builtin_memcpy(weft__c.args, &weft__a, sizeof weft__a);                                  \
        return weft__c;                                                                            \
    }
#define WEFT__CORO(call) weft__coro_##call

/* ---- Awaiting ---- */

#define WEFT__AWAIT(x, frame, value)                                                                 \
    (__extension__({                                                                                 \
        weft__frame frame;                                                                           \
        weft__enter(&frame, WEFT_HERE);                                                              \
        __auto_type value = (x);                                                                     \
        weft__leave(                                                                               \
            &frame,                                                                                \
            _Generic(value, int : weft__await_int, weft_future * : weft__await_future)(value)); \
    }))
#define WEFT__TRY(x, code)                                                                         \
    do {                                                                                           \
        int code = weft_await(x);                                                                  \
        if (code < 0)                                                                              \
            return weft__unwind(__func__, code);                                                   \
    } while (0)
/* A lone `if`, so that it may follow another one. */
#define WEFT__BREAK(rc, x)                                                                         \
    if (((rc) = weft_await(x)) < 0 && (weft__break(__func__, WEFT_HERE), 1))                       \
    break

/* A variable of a type that begins with a struct weft__scope, for the block that follows; `enter`
 * gives its address, or NULL when it was not entered. See scope.h. */
#define WEFT__SCOPE(type, name, enter) WEFT__SCOPE_(type, name, enter)
#define WEFT__SCOPE_(type, name, enter)                                                            \
    for (type name __attribute__((cleanup(weft__scope_leave))) = { 0 },                            \
                   *weft__once_##name = (enter);                                                   \
         weft__once_##name; weft__once_##name = NULL)
#define WEFT__TIMEOUT(name, seconds, absolute, rc)                                                 \
    WEFT__SCOPE(weft_timeout, name,                                                                \
                weft_timeout_enter(&name, WEFT_HERE, __func__, seconds, absolute, &(rc)))

#define WEFT__AS_COMPLETED(name, futures, n, rc, completed, ...)                                   \
    WEFT__AS_COMPLETED_(name, futures, n, rc, completed, ##__VA_ARGS__)
#define WEFT__AS_COMPLETED_(name, futures, n, rc, completed, ...)                                  \
    WEFT__SCOPE(weft_as_completed, completed,                                                      \
                weft__as_completed_enter(&completed, WEFT_HERE, __func__, futures, n,              \
                                         (weft_as_completed_options){ __VA_ARGS__ }, &(rc)))       \
    for (weft_future * name; (name = weft__as_completed_advance(&completed)) != NULL;)

/* The loop around the scope sees whether the block was left by a return. */
#define WEFT__TASK_GROUP(name, rc, returned)                                                       \
    for (weft__returned returned __attribute__((cleanup(weft__group_returned))) = { 0 };           \
         !returned.came_behind; returned.came_behind = true)                                       \
    WEFT__SCOPE(                                                                                   \
        weft_task_group, name,                                                                     \
        weft_group_enter(&name, WEFT_HERE, __func__, "task group " #name, &(rc), &returned.lost))

#define WEFT__FOR(type, name, coro, rc)                                                            \
    WEFT__SCOPE(weft_iteration, weft__i_##name,                                                    \
                weft__iterate(&weft__i_##name, WEFT_HERE, __func__, coro, &(rc)))                  \
    for (type name; weft__advance(&weft__i_##name, WEFT_HERE, &name, sizeof name);)

#define WEFT__WITH(enter, what, rc) WEFT__WITH_(enter, what, rc, WEFT__UNIQUE(weft__with_))
#define WEFT__WITH_(enter, what, rc, name)                                                         \
    WEFT__SCOPE(weft_with, name, enter(&name, WEFT_HERE, __func__, what, &(rc)))

/* Whether x is a call (its type is int) decides what a deadline that is over already means. */
#define WEFT__WAIT_FOR(x, seconds, scope, code, frame, value)                                        \
    (__extension__({                                                                                 \
        int code = 0;                                                                                \
        WEFT__SCOPE(weft_timeout, scope,                                                             \
                    weft__wait_for_enter(&scope, WEFT_HERE, __func__, seconds,                       \
                                         __builtin_types_compatible_p(__typeof__(x), int), &code))   \
        {                                                                                            \
            weft__frame frame;                                                                       \
            weft__enter(&frame, WEFT_HERE);                                                          \
            __auto_type value = (x);                                                                 \
            code = weft__leave(&frame, _Generic(value, int                                         \
                                                : weft__await_int, weft_future *                   \
                                                : weft__await_within)(value)); \
        }                                                                                            \
        code;                                                                                        \
    }))

#define WEFT__SET_RESULT(future, value, copy)                                                      \
    (__extension__({                                                                               \
        __typeof__(value) copy = (value);                                                          \
        weft_set_result_at(WEFT_HERE, future, &copy, sizeof copy, NULL);                           \
    }))

#define WEFT__GATHER_LIST(...) WEFT__LIST(WEFT__CORO, __VA_ARGS__)
#define WEFT__GATHER(calls, ...)                                                                   \
    (__extension__({                                                                               \
        _Static_assert(WEFT__FEW calls <= 8, "weft_gather takes up to 8 calls: for more, create "  \
                                             "the tasks and use weft_gather_all");                 \
        weft_gather_coros(WEFT_HERE, WEFT__FEW calls, (weft_coro[]){ WEFT__GATHER_LIST calls },    \
                          (weft_gather_options){ __VA_ARGS__ });                                   \
    }))

#endif
