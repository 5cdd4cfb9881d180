/* kinds_test.c: what is told of each kind of event, one after the other. */
#include "tests/model/script.h"
#include "tracer/model/replay.h"
#include "tracer/model/tell.h"

/* weft_id() as a constant. */
#define ID(kind, n) ((uint64_t)WEFT_ENTITY_##kind << 56 | (n))

/* One event of every kind that a loop's ring may have, and what is told of it. */
static const struct {
    unsigned kind, detail;
    uint64_t subject, object;
    const char *told; /* "=": nothing; that of the event before stays */
} kinds[] = {
    { WEFT_RECORD_ITERATION, 0, ID(LOOP, 1), 9, "Iteration 9: 0 are ready." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, ID(LOOP, 1), 0, "The loop is paused." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_SLOWED, ID(LOOP, 1), 4, "The loop is slowed ×4." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, ID(LOOP, 1), 0, "The loop goes on." },
    { WEFT_RECORD_FORK, 0, ID(PROCESS, 1), 77, "It starts process 77." },
    { WEFT_RECORD_THREAD, 0, ID(THREAD, 2), 78, "Thread 2 starts." },
    { WEFT_RECORD_THREAD_EXIT, 0, ID(THREAD, 2), 0, "Thread 2 ends." },
    { WEFT_RECORD_POST, 0, ID(CALLBACK, 1), 0, "A thread hands callback 1 to the loop." },
    { WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 1), 0,
      "The loop puts callback 1 (call_soon) in the ready queue (1st)." },
    { WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 1), 0,
      "Callback 1 (call_soon) is withdrawn from the ready queue." },
    { WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 2), 0,
      "The loop calls callback 2 (call_soon)." },
    { WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 2), 0,
      "The callback returns after 10 ns." },
    { WEFT_RECORD_RESUME, 0, ID(TASK, 1), 0, "main runs." },
    { WEFT_RECORD_TASK_NEW, 0, ID(TASK, 2), ID(TASK, 1),
      "main creates Task-2: it goes to the end of the ready queue; main goes on." },
    { WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, ID(TASK, 2), ID(TASK, 1), "=" },
    { WEFT_RECORD_OBJECT_NEW, 0, ID(LOCK, 1), 0, "main creates lock 1." },
    { WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, ID(LOCK, 1), 0,
      "main takes lock 1: it was free." },
    { WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, ID(LOCK, 1), 0, "main releases lock 1." },
    { WEFT_RECORD_OBJECT_FREE, 0, ID(LOCK, 1), 1, "Lock 1 is freed: 1 still waits for it." },
    { WEFT_RECORD_GROUP_ADD, 0, ID(GROUP, 1), ID(TASK, 2), "Task-2 joins gather of 1 (1 of 1)." },
    { WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, ID(GROUP, 1), 1, "The gather of 1 is done." },
    { WEFT_RECORD_TIMER_SET, 0, ID(TIMER, 1), 500, "main sets a timer for 190 ns." },
    { WEFT_RECORD_TIMER_CANCEL, 0, ID(TIMER, 1), 0,
      "The timer is cancelled, 180 ns before it was due." },
    { WEFT_RECORD_TIMEOUT_ENTER, 0, ID(TIMEOUT, 1), 400,
      "main gives itself 70 ns (until 400 ns)." },
    { WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, ID(TIMEOUT, 1), 450,
      "main moves its deadline to 450 ns, 110 ns from now." },
    { WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, ID(TIMEOUT, 1), ID(TASK, 1),
      "main is done in time, 100 ns to spare." },
    { WEFT_RECORD_OP_START, WEFT_OP_WRITE, ID(OP, 1), ID(STREAM, 1),
      "main starts write to stream 1." },
    { WEFT_RECORD_OP_END, WEFT_OP_WRITE, ID(OP, 1), 12, "The write ends after 10 ns: 12 bytes." },
    { WEFT_RECORD_WORK_SUBMIT, 0, ID(JOB, 1), 1,
      "main hands job 1 to the thread pool, behind 1 other." },
    { WEFT_RECORD_WORK_BEGIN, 0, ID(JOB, 1), ID(THREAD, 2), "Thread 2 starts job 1." },
    { WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_RESULT, ID(FUTURE, 1), 0,
      "main sets the result of future 1." },
    { WEFT_RECORD_ERROR_UNRETRIEVED, 0, ID(FUTURE, 1), 0,
      "Future 1 failed, and nobody ever looked." },
    { WEFT_RECORD_COUNTER, 0, ID(COUNTER, 1), 5, "Counter 1 = 5." },
    { WEFT_RECORD_COUNTER, 0, ID(COUNTER, 1), 7, "Counter 1 = 7 (was 5)." },
    { WEFT_RECORD_CANCEL_REQUEST, 0, ID(TASK, 2), ID(TASK, 1),
      "main asks to cancel Task-2: it gets that when it next runs." },
    { WEFT_RECORD_UNCANCEL, 0, ID(TASK, 2), 0, "Task-2 takes back the request to cancel it." },
    { WEFT_RECORD_TASK_FREE, 0, ID(TASK, 2), 0, "Task-2 is destroyed before it was done." },
    { WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, ID(TASK, 1), 0,
      "main steps back to the end of the ready queue: it is next again." },
    { WEFT_RECORD_POLL_BEGIN, 0, ID(LOOP, 1), 1000,
      "The loop sleeps until I/O, or the next timer in 1.00 µs." },
    { WEFT_RECORD_POLL_END, 0, ID(LOOP, 1), 2, "The loop wakes after 10 ns: 2 events." },
    { WEFT_RECORD_TIMER_FIRE, 0, ID(TIMER, 2), 0, "The timer fires." },
    { WEFT_RECORD_SNAPSHOT, 0, ID(LOOP, 1), 2,
      "Recording begins here, in the middle of the run: 2 tasks were already alive." },
    { WEFT_RECORD_RESUME, 0, ID(TASK, 1), 0,
      "main runs: it was first in the ready queue, where it spent 50 ns." },
    { WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, ID(TASK, 1), 0,
      "main is done: who is next is unknown (not recorded)." },
    { WEFT_RECORD_TASK_FREE, 0, ID(TASK, 1), 0, "" },
    { WEFT_RECORD_OBJECT_IS, 0, ID(LOCK, 2), ID(TASK, 1),
      "main holds lock 2 as recording begins." },
    { WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, ID(TASK, 1), ID(LOCK, 3), "=" },
    { WEFT_RECORD_LOOP_CLOSE, 0, ID(LOOP, 1), 1, "The loop closes: 1 task was never done." },
};

/* One event each, of every detail that a kind may have: main runs, or, before a WAKE, awaits. Of
 * what nothing is told the sentence before stays. */
static const struct {
    unsigned awaits, kind, detail;
    uint64_t subject, object;
    const char *told;
} details[] = {
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, ID(TASK, 1), 0,
      "main steps back to the end of the ready queue: it is next again." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, ID(TASK, 1), ID(TIMER, 7),
      "main awaits a timer: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, ID(TASK, 1), ID(FUTURE, 7),
      "main awaits future 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, ID(TASK, 1), ID(TASK, 2),
      "main awaits Task-2: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, ID(TASK, 1), ID(GROUP, 7),
      "main awaits group 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, ID(TASK, 1), ID(LOCK, 7),
      "main awaits lock 7: main is 1st in line." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_EVENT, ID(TASK, 1), ID(EVENT, 7),
      "main awaits event 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_CONDITION, ID(TASK, 1), ID(CONDITION, 7),
      "main awaits condition 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_SEMAPHORE, ID(TASK, 1), ID(SEMAPHORE, 7),
      "main awaits semaphore 7: main is 1st in line." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_BARRIER, ID(TASK, 1), ID(BARRIER, 7),
      "main awaits barrier 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_GET, ID(TASK, 1), ID(QUEUE, 7),
      "main awaits an item from queue 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_PUT, ID(TASK, 1), ID(QUEUE, 7),
      "main awaits room in queue 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_JOIN, ID(TASK, 1), ID(QUEUE, 7),
      "main awaits all work of queue 7: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, ID(TASK, 1), ID(STREAM, 7),
      "main awaits data: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_WRITE, ID(TASK, 1), ID(STREAM, 7),
      "main awaits room to send: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_CONNECT, ID(TASK, 1), ID(STREAM, 7),
      "main awaits a connect: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_ACCEPT, ID(TASK, 1), ID(STREAM, 7),
      "main awaits a connection: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_DNS, ID(TASK, 1), ID(STREAM, 7),
      "main awaits an address: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FILE, ID(TASK, 1), ID(STREAM, 7),
      "main awaits a file: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_CHILD, ID(TASK, 1), ID(CHILD, 7),
      "main awaits a process: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_JOB, ID(TASK, 1), ID(JOB, 7),
      "main awaits job 7 in the thread pool: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_SIGNAL, ID(TASK, 1), ID(HANDLE, 7),
      "main awaits a signal: nothing is ready, the loop polls for up to 800 ns." },
    { 0, WEFT_RECORD_SUSPEND, WEFT_AWAIT_OTHER, ID(TASK, 1), ID(STREAM, 7),
      "main awaits stream 7: nothing is ready, the loop polls for up to 800 ns." },
    { WEFT_AWAIT_TIMER, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, ID(TASK, 1), ID(TIMER, 7),
      "The sleep is over: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_READ, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), ID(STREAM, 7),
      "Data from stream 7 is there: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_CONNECT, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), ID(STREAM, 7),
      "The connection to stream 7 is answered: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_ACCEPT, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), ID(STREAM, 7),
      "A connection is there: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_WRITE, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), ID(STREAM, 7),
      "Stream 7 takes data again: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_CHILD, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), ID(CHILD, 7),
      "Child 7 has ended: main goes to the ready queue (1st)." },
    { 0, WEFT_RECORD_WAKE, WEFT_WAKE_IO, ID(TASK, 1), 0,
      "I/O is there: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_FUTURE, WEFT_RECORD_WAKE, WEFT_WAKE_FUTURE, ID(TASK, 1), ID(FUTURE, 7),
      "Future 7 is done: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_TASK, WEFT_RECORD_WAKE, WEFT_WAKE_TASK, ID(TASK, 1), ID(TASK, 2),
      "Task-2 is done: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_GROUP, WEFT_RECORD_WAKE, WEFT_WAKE_GROUP, ID(TASK, 1), ID(GROUP, 7),
      "Group 7 is done: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_LOCK, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), ID(TASK, 2),
      "Task-2 gave it its turn at lock 7; main was first in line: it goes to the ready queue "
      "(1st)." },
    { WEFT_AWAIT_EVENT, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), ID(TASK, 2),
      "Task-2 set event 7: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_CONDITION, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), ID(TASK, 2),
      "Task-2 notified condition 7: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_SEMAPHORE, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), ID(TASK, 2),
      "Task-2 gave it its turn at semaphore 7; main was first in line: it goes to the ready queue "
      "(1st)." },
    { WEFT_AWAIT_BARRIER, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), ID(TASK, 2),
      "Task-2 gave it its turn at barrier 7: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_QUEUE_GET, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), 0,
      "Queue 7 has an item; main was first in line: it goes to the ready queue (1st)." },
    { WEFT_AWAIT_QUEUE_PUT, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), 0,
      "Queue 7 has room; main was first in line: it goes to the ready queue (1st)." },
    { WEFT_AWAIT_QUEUE_JOIN, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, ID(TASK, 1), 0,
      "Queue 7 is done: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_JOB, WEFT_RECORD_WAKE, WEFT_WAKE_THREAD, ID(TASK, 1), ID(JOB, 7),
      "Job 7 returned: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_FUTURE, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, ID(TASK, 1), ID(TASK, 2),
      "main is to be cancelled, and goes to the ready queue (1st)." },
    { WEFT_AWAIT_FUTURE, WEFT_RECORD_WAKE, WEFT_WAKE_TIMEOUT, ID(TASK, 1), ID(TIMEOUT, 7),
      "A timeout is over: main is to be cancelled, and goes to the ready queue (1st)." },
    { WEFT_AWAIT_SIGNAL, WEFT_RECORD_WAKE, WEFT_WAKE_SIGNAL, ID(TASK, 1), ID(HANDLE, 7),
      "The signal arrived: main goes to the ready queue (1st)." },
    { WEFT_AWAIT_FUTURE, WEFT_RECORD_WAKE, WEFT_WAKE_UNKNOWN, ID(TASK, 1), 0,
      "By whom is not recorded: main goes to the ready queue (1st)." },
    { 0, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, ID(TASK, 1), 0, "main is done." },
    { 0, WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_RESULT, ID(FUTURE, 7), 0,
      "main sets the result of future 7." },
    { 0, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, ID(GROUP, 7), 1, "Group 7 is done." },
    { 0, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, ID(TIMEOUT, 7), ID(TASK, 1),
      "main is done in time." },
    { 0, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, ID(JOB, 7), 0, "Job 7 ends." },
    { 0, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, ID(TASK, 1), 0,
      "main fails: nobody awaits it." },
    { 0, WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_ERROR, ID(FUTURE, 7), 0,
      "main sets the error of future 7." },
    { 0, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_ERROR, ID(GROUP, 7), 1,
      "Group 7 is over: one of it failed." },
    { 0, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_ERROR, ID(TIMEOUT, 7), ID(TASK, 1),
      "main leaves its timeout with an error." },
    { 0, WEFT_RECORD_WORK_END, WEFT_OUTCOME_ERROR, ID(JOB, 7), 0, "Job 7 finds no thread." },
    { 0, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_CANCELLED, ID(TASK, 1), 0, "main ends, cancelled." },
    { 0, WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_CANCELLED, ID(FUTURE, 7), 0,
      "main cancels future 7." },
    { 0, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_CANCELLED, ID(GROUP, 7), 1,
      "Group 7 is over: cancelled." },
    { 0, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_CANCELLED, ID(TIMEOUT, 7), ID(TASK, 1),
      "main leaves its timeout, cancelled." },
    { 0, WEFT_RECORD_WORK_END, WEFT_OUTCOME_CANCELLED, ID(JOB, 7), 0,
      "Job 7 is withdrawn before a thread began it." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, ID(SEMAPHORE, 7), 2,
      "main takes semaphore 7: 2 free." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, ID(SEMAPHORE, 7), 2,
      "main releases semaphore 7: 2 free." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_SET, ID(EVENT, 7), 2, "main sets event 7." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_CLEAR, ID(EVENT, 7), 2, "main clears event 7." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_PUT, ID(QUEUE, 7), 2,
      "main puts an item into queue 7: 2 in it." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_GET, ID(QUEUE, 7), 2,
      "main takes an item from queue 7: 2 in it." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_NOTIFY, ID(CONDITION, 7), 2,
      "main notifies condition 7." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RESET, ID(BARRIER, 7), 2,
      "main resets barrier 7: 2 there." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_BREAK, ID(BARRIER, 7), 2,
      "main breaks barrier 7: 2 there." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_TASK_DONE, ID(QUEUE, 7), 2,
      "main is done with an item of queue 7: 2 to be done." },
    { 0, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_SHUTDOWN, ID(QUEUE, 7), 2,
      "main shuts down queue 7: 2 in it." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 7), 0,
      "The loop puts callback 7 (call_soon) in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_TIMER, ID(TIMER, 7), 0,
      "The loop puts timer 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_IO, ID(STREAM, 7), 0,
      "The loop puts the I/O callback of stream 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_DONE, ID(GROUP, 7), ID(TASK, 2),
      "The loop puts the done callback of Task-2 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_ASYNC, ID(JOB, 7), ID(THREAD, 2),
      "The loop puts the return callback of job 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_SIGNAL, ID(HANDLE, 7), 0,
      "The loop puts the signal callback of handle 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_CHILD, ID(CHILD, 7), 0,
      "The loop puts the exit callback of child 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_READY, WEFT_HANDLE_OTHER, ID(CALLBACK, 7), 0,
      "The loop puts callback 7 in the ready queue (1st)." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 7), 0,
      "The loop calls callback 7 (call_soon)." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_TIMER, ID(TIMER, 7), 0,
      "The loop calls timer 7." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_IO, ID(STREAM, 7), 0,
      "The loop calls the I/O callback of stream 7." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_DONE, ID(GROUP, 7), ID(TASK, 2),
      "The loop calls the done callback of Task-2." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_ASYNC, ID(JOB, 7), ID(THREAD, 2),
      "The loop calls the return callback of job 7." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_SIGNAL, ID(HANDLE, 7), 0,
      "The loop calls the signal callback of handle 7." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CHILD, ID(CHILD, 7), 0,
      "The loop calls the exit callback of child 7." },
    { 0, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_OTHER, ID(CALLBACK, 7), 0,
      "The loop calls callback 7." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 7), 0,
      "Callback 7 (call_soon) is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_TIMER, ID(TIMER, 7), 0,
      "Timer 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_IO, ID(STREAM, 7), 0,
      "The I/O callback of stream 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_DONE, ID(GROUP, 7), 0,
      "The done callback of group 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_ASYNC, ID(JOB, 7), 0,
      "The return callback of job 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_SIGNAL, ID(HANDLE, 7), 0,
      "The signal callback of handle 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_CHILD, ID(CHILD, 7), 0,
      "The exit callback of child 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_OTHER, ID(CALLBACK, 7), 0,
      "Callback 7 is withdrawn from the ready queue." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_TIMER, ID(TIMER, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_IO, ID(STREAM, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_DONE, ID(GROUP, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_ASYNC, ID(JOB, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_SIGNAL, ID(HANDLE, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CHILD, ID(CHILD, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_OTHER, ID(CALLBACK, 7), 0,
      "The callback returns after 80 ns." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_READ, ID(OP, 7), ID(STREAM, 7),
      "main starts read from stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_WRITE, ID(OP, 7), ID(STREAM, 7),
      "main starts write to stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_CONNECT, ID(OP, 7), ID(STREAM, 7),
      "main starts connect on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_ACCEPT, ID(OP, 7), ID(STREAM, 7),
      "main starts accept on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_LISTEN, ID(OP, 7), ID(STREAM, 7),
      "main starts listen on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_SEND, ID(OP, 7), ID(STREAM, 7),
      "main starts send to stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_RECV, ID(OP, 7), ID(STREAM, 7),
      "main starts recv from stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_OPEN, ID(OP, 7), ID(STREAM, 7),
      "main starts open on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_CLOSE, ID(OP, 7), ID(STREAM, 7),
      "main starts close on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_STAT, ID(OP, 7), ID(STREAM, 7),
      "main starts stat on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_SCANDIR, ID(OP, 7), ID(STREAM, 7),
      "main starts scandir on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_GETADDRINFO, ID(OP, 7), ID(STREAM, 7),
      "main starts getaddrinfo on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_GETNAMEINFO, ID(OP, 7), ID(STREAM, 7),
      "main starts getnameinfo on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_SPAWN, ID(OP, 7), ID(STREAM, 7),
      "main starts spawn on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_WATCH, ID(OP, 7), ID(STREAM, 7),
      "main starts watch on stream 7." },
    { 0, WEFT_RECORD_OP_START, WEFT_OP_OTHER, ID(OP, 7), ID(STREAM, 7),
      "main starts an operation on stream 7." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_READ, ID(OP, 7), 3 << 20, "The read ends: 3.00 MiB." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_WRITE, ID(OP, 7), 1536, "The write ends: 1.50 KiB." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_CONNECT, ID(OP, 7), (uint64_t)-111,
      "The connect ends: ECONNREFUSED." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_ACCEPT, ID(OP, 7), 0, "The accept ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_LISTEN, ID(OP, 7), 0, "The listen ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_SEND, ID(OP, 7), 1, "The send ends: 1 byte." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_RECV, ID(OP, 7), 0, "The recv ends: 0 bytes." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_OPEN, ID(OP, 7), 0, "The open ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_CLOSE, ID(OP, 7), 0, "The close ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_STAT, ID(OP, 7), 0, "The stat ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_SCANDIR, ID(OP, 7), 0, "The scandir ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_GETADDRINFO, ID(OP, 7), 0, "The getaddrinfo ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_GETNAMEINFO, ID(OP, 7), 0, "The getnameinfo ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_SPAWN, ID(OP, 7), 0, "The spawn ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_WATCH, ID(OP, 7), 0, "The watch ends." },
    { 0, WEFT_RECORD_OP_END, WEFT_OP_OTHER, ID(OP, 7), (uint64_t)-4095,
      "The operation ends: error -4095." },
    { 0, WEFT_RECORD_PROCESS, 0, ID(PROCESS, 1), 2, "name (pid 0) starts recording." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_RUNNING, ID(TASK, 9), ID(TASK, 1),
      "main gives itself 870 ns (until 900 ns)." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_READY, ID(TASK, 9), ID(TASK, 1),
      "Task-9 is ready as recording begins." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, ID(TASK, 9), ID(TASK, 1),
      "Task-9 waits as recording begins: for main." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_CANCELLING, ID(TASK, 9), ID(TASK, 1),
      "Task-9 waits as recording begins: for main." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_DONE, ID(TASK, 9), ID(TASK, 1),
      "main gives itself 870 ns (until 900 ns)." },
    { 0, WEFT_RECORD_TASK_IS, WEFT_TOLD_NEW, ID(TASK, 9), ID(TASK, 1),
      "Task-9 is ready as recording begins." },
    { 0, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_CODE, ID(PROCESS, 1), 3, "The program ends with 3." },
    { 0, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_SIGNAL, ID(PROCESS, 1), 15,
      "The program is killed by SIGTERM." },
    { 0, WEFT_RECORD_EXEC, 0, ID(PROCESS, 1), 2, "It becomes name." },
    { 0, WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, ID(LOOP, 1), 4, "The loop is paused." },
    { 0, WEFT_RECORD_CONTROL, WEFT_CONTROL_SLOWED, ID(LOOP, 1), 4, "The loop is slowed ×4." },
    { 0, WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, ID(LOOP, 1), 4, "The loop goes on." },
    { 0, WEFT_RECORD_TASK_NAME, 0, ID(TASK, 1), 2, "Task-1 is named “name”." },
    { 0, WEFT_RECORD_OBJECT_NAME, 0, ID(LOCK, 7), 2, "The lock is named “name”." },
    { 0, WEFT_RECORD_TIMEOUT_ENTER, 0, ID(TIMEOUT, 7), INT64_MAX, "main gives itself any time." },
    { 0, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, ID(TIMEOUT, 7), INT64_MAX,
      "main moves its deadline to any time." },
    { 0, WEFT_RECORD_TIMEOUT_EXPIRE, 0, ID(TIMEOUT, 7), ID(TASK, 1),
      "The time of main is over: it is cancelled." },
    { 0, WEFT_RECORD_CANCEL_DELIVER, 0, ID(TASK, 1), 0,
      "main receives the cancellation: its cleanup runs." },
    { 0, WEFT_RECORD_MARK, 0, ID(TASK, 1), 2, "main says “name”." },
    { 0, WEFT_RECORD_SPAN_BEGIN, 0, ID(SPAN, 7), 2, "main begins “name”." },
    { 0, WEFT_RECORD_SPAN_END, 0, ID(SPAN, 7), 2, "main ends “name”." },
    { 0, WEFT_RECORD_LOOP_OPEN, 0, ID(LOOP, 1), 4, "The loop opens on thread 4." },
};

/* What main awaits before a WAKE. */
static uint64_t awaited(unsigned await_kind)
{
    static const unsigned entities[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_TIMER] = WEFT_ENTITY_TIMER,         [WEFT_AWAIT_FUTURE] = WEFT_ENTITY_FUTURE,
        [WEFT_AWAIT_TASK] = WEFT_ENTITY_TASK,           [WEFT_AWAIT_GROUP] = WEFT_ENTITY_GROUP,
        [WEFT_AWAIT_LOCK] = WEFT_ENTITY_LOCK,           [WEFT_AWAIT_EVENT] = WEFT_ENTITY_EVENT,
        [WEFT_AWAIT_CONDITION] = WEFT_ENTITY_CONDITION, [WEFT_AWAIT_BARRIER] = WEFT_ENTITY_BARRIER,
        [WEFT_AWAIT_SEMAPHORE] = WEFT_ENTITY_SEMAPHORE, [WEFT_AWAIT_QUEUE_GET] = WEFT_ENTITY_QUEUE,
        [WEFT_AWAIT_QUEUE_PUT] = WEFT_ENTITY_QUEUE,     [WEFT_AWAIT_QUEUE_JOIN] = WEFT_ENTITY_QUEUE,
        [WEFT_AWAIT_READ] = WEFT_ENTITY_STREAM,         [WEFT_AWAIT_WRITE] = WEFT_ENTITY_STREAM,
        [WEFT_AWAIT_CONNECT] = WEFT_ENTITY_STREAM,      [WEFT_AWAIT_ACCEPT] = WEFT_ENTITY_STREAM,
        [WEFT_AWAIT_CHILD] = WEFT_ENTITY_CHILD,         [WEFT_AWAIT_JOB] = WEFT_ENTITY_JOB,
        [WEFT_AWAIT_SIGNAL] = WEFT_ENTITY_HANDLE,
    };
    return entities[await_kind] ? weft_id(entities[await_kind], 0, 7) : 0;
}

static char *tell_detail(guint i)
{
    struct script s = script_with_main();
    const struct weft_ext_task task = { .why = WEFT_AWAIT_TASK };
    script_string(&s, "name");
    script_add(&s, 30, WEFT_RECORD_TIMEOUT_ENTER, 0, 0, ID(TIMEOUT, 8), 900);
    if (details[i].kind == WEFT_RECORD_WAKE)
        script_add(&s, 90, WEFT_RECORD_SUSPEND, details[i].awaits, 0, ID(TASK, 1),
                   awaited(details[i].awaits));
    script_add_ext(&s, 100, details[i].kind, details[i].detail, 0, details[i].subject,
                   details[i].object, details[i].kind == WEFT_RECORD_TASK_IS ? &task : NULL);
    weft_model *model = script_model(&s);
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    struct weft_replay_place place = { 100, WEFT_WHOLE_MOMENT };
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 4);
    char *told = telling->headline ? weft_sentence_text(telling->headline) : g_strdup("");
    weft_replay_telling_free(telling);
    weft_model_free(model);
    return told;
}

static gboolean is_listed(unsigned kind, unsigned detail)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind && kinds[i].detail == detail)
            return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(details); i++)
        if (details[i].kind == kind && details[i].detail == detail)
            return TRUE;
    return FALSE;
}

/* Whatever has a sentence is told above. */
static void assert_all_listed(void)
{
    struct script s = script_with_main();
    weft_model *model = script_model(&s);
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++) {
        const char *const *names = weft_event_info(kind)->details;
        for (unsigned detail = names ? 1 : 0; detail == 0 || names[detail]; detail++) {
            struct weft_event_view e = { .record = { .kind = (uint8_t)kind,
                                                     .detail = (uint8_t)detail,
                                                     .subject = ID(TASK, 1) } };
            if (tells(model, &e) && !is_listed(kind, detail))
                g_error("nothing is told of %s %s", weft_event_info(kind)->name,
                        names ? names[detail] : "");
            if (!names)
                break;
        }
    }
    weft_model_free(model);
}

static void test_every_detail(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(details); i++) {
        g_autofree char *told = tell_detail(i);
        g_assert_cmpstr(told, ==, details[i].told);
    }
    assert_all_listed();
}

static void test_every_kind(void)
{
    struct script s = script_with_main();
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        script_add(&s, 100 + 10 * i, kinds[i].kind, kinds[i].detail, 0, kinds[i].subject,
                   kinds[i].object);
    weft_model *model = script_model(&s);
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    const char *expected = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct weft_replay_place place = { 100 + 10 * i, WEFT_WHOLE_MOMENT };
        struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 4);
        g_autofree char *told = telling->headline ? weft_sentence_text(telling->headline)
                                                  : g_strdup("");
        expected = g_str_equal(kinds[i].told, "=") ? expected : kinds[i].told;
        g_assert_cmpstr(told, ==, expected);
        weft_replay_telling_free(telling);
    }
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kinds/every", test_every_kind);
    g_test_add_func("/kinds/details", test_every_detail);
    return g_test_run();
}
