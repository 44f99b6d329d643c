//! In: a task that several threads may run at once, and how many. Out: the task done. Assumes that the threads share out the
//! work among themselves, inside the task (see `parts`). Guarantees: nothing of the task runs after [`share`] returns or unwinds, and no
//! allocation once the threads are there.
//!
//! The threads are the process's, started when first asked for and kept in between; `std::thread::scope` would start new
//! ones, with their stacks, for each step, and rayon's queues allocate now and then. A task that finds them taken, by another
//! thread or by the task it is itself part of, runs on the calling thread alone: no result may depend on how many there are.
//!
//! Within a step one task follows the other after microseconds, and waking a thread takes tens of them: who has worked looks out for
//! more for `PATIENCE` before it sleeps. Where a task has more threads than the machine has cores nobody does, for who looks out takes the
//! core from who works.

use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// As generous as a main thread's: a network's code keeps blocks of accumulators on the stack.
const STACK: usize = 8 << 20;

/// How long a thread looks out for work before it sleeps.
const PATIENCE: Duration = Duration::from_micros(100);

/// A call's number and, in the low bits, its seats.
const SEATS: usize = 1 << 12;

static POOL: Pool = Pool {
    taken: Mutex::new(()),
    call: AtomicUsize::new(0),
    running: AtomicUsize::new(0),
    panicked: AtomicBool::new(false),
    state: Mutex::new(State { task: None, workers: Vec::new(), caller: None }),
};

struct Pool {
    taken: Mutex<()>,
    /// The last call: what idle threads look out at. Changes while `state` is locked.
    call: AtomicUsize,
    /// How many are at the task. Grows while `state` is locked.
    running: AtomicUsize,
    panicked: AtomicBool,
    state: Mutex<State>,
}

struct State {
    task: Option<Task>,
    workers: Vec<Worker>,
    /// Who sleeps until nobody is running.
    caller: Option<Thread>,
}

struct Worker {
    thread: Thread,
    asleep: bool,
}

#[derive(Clone, Copy)]
struct Task(*const (dyn Fn(usize) + Sync));

// SAFETY: what it points to is `Sync`, and `share` keeps it alive as long as a worker may use it.
#[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
unsafe impl Send for Task {}

/// Locks; a panic elsewhere leaves nothing half done in what this module and the executor lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many threads a model uses unless told otherwise: those of the machine that this process may use.
pub fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The same, asked once.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(available)
}

/// Runs `task` on this thread and, at the same time, on up to `threads - 1` others. Each is told its seat, below `threads`; the caller's is 0,
/// and a thread's is the same in every call.
pub fn share(threads: usize, task: &(dyn Fn(usize) + Sync)) {
    let seats = threads.saturating_sub(1).min(SEATS - 1);
    if seats == 0 {
        return task(0);
    }
    let _taken = match POOL.taken.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(guard)) => guard.into_inner(),
        Err(TryLockError::WouldBlock) => return task(0),
    };

    let erased: *const (dyn Fn(usize) + Sync + '_) = task;
    // SAFETY: only the lifetime changes. A worker takes the pointer only while it stands in `state`, and `Leave` takes it away
    // and waits for those who run it before the borrow of `task` ends, also when `task` panics here.
    #[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
    let erased = Task(unsafe {
        std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync + 'static)>(erased)
    });
    {
        let mut state = lock(&POOL.state);
        hire(&mut state, seats);
        state.task = Some(erased);
        POOL.panicked.store(false, Ordering::Relaxed);
        let number = POOL.call.load(Ordering::Relaxed) / SEATS;
        POOL.call.store(number.wrapping_add(1).wrapping_mul(SEATS) | seats, Ordering::Release);
        for worker in state.workers.iter_mut().take(seats) {
            if std::mem::take(&mut worker.asleep) {
                worker.thread.unpark();
            }
        }
    }
    let leave = Leave { patient: threads <= cores() };
    task(0);
    drop(leave);
    assert!(!POOL.panicked.load(Ordering::Relaxed), "a thread that ran a part of the network panicked");
}

/// Ends a task: nobody begins any more, and whoever is at it is waited for.
struct Leave {
    patient: bool,
}

impl Drop for Leave {
    fn drop(&mut self) {
        lock(&POOL.state).task = None;
        let ended = || POOL.running.load(Ordering::Acquire) == 0;
        if ended() || self.patient && look_out(ended) {
            return;
        }
        loop {
            // Anew each time: one who was last at an earlier task, and comes to wake its caller only now, takes this one away.
            lock(&POOL.state).caller = Some(thread::current());
            if ended() {
                return;
            }
            thread::park();
        }
    }
}

/// Waits until something is so, but not for long; whether it is.
fn look_out(so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        for _ in 0..32 {
            if so() {
                return true;
            }
            spin_loop();
        }
        if start.elapsed() > PATIENCE {
            return false;
        }
    }
}

/// Starts threads until there are `count`. Where the system refuses, fewer do the work.
fn hire(state: &mut State, count: usize) {
    while state.workers.len() < count {
        let seat = state.workers.len() + 1;
        let builder = thread::Builder::new().name("chainrule".into()).stack_size(STACK);
        let Ok(handle) = builder.spawn(move || work(seat)) else { return };
        state.workers.push(Worker { thread: handle.thread().clone(), asleep: false });
    }
}

fn work(seat: usize) {
    let mut seen = 0;
    loop {
        let mut state = lock(&POOL.state);
        let call = POOL.call.load(Ordering::Relaxed);
        let called = call != seen && seat <= call % SEATS;
        seen = call;
        if !called {
            state.workers[seat - 1].asleep = true;
            while state.workers[seat - 1].asleep {
                drop(state);
                thread::park();
                state = lock(&POOL.state);
            }
            continue;
        }
        // None: it was done before this thread came.
        if let Some(task) = state.task {
            POOL.running.fetch_add(1, Ordering::Relaxed);
            drop(state);
            // SAFETY: this worker is counted in `running`, so `share` has not returned: the task is alive.
            #[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
            let result = catch_unwind(AssertUnwindSafe(|| unsafe { (*task.0)(seat) }));
            if result.is_err() {
                POOL.panicked.store(true, Ordering::Relaxed);
            }
            if POOL.running.fetch_sub(1, Ordering::AcqRel) == 1
                && let Some(caller) = lock(&POOL.state).caller.take()
            {
                caller.unpark();
            }
        } else {
            drop(state);
        }
        if call % SEATS < cores() {
            look_out(|| {
                let now = POOL.call.load(Ordering::Acquire);
                now != call && seat <= now % SEATS
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_unit_is_done_once() {
        for threads in [1, 2, 3, 8] {
            for _ in 0..if cfg!(miri) { 5 } else { 200 } {
                let next = AtomicUsize::new(0);
                let done: Vec<AtomicUsize> = (0..57).map(|_| AtomicUsize::new(0)).collect();
                share(threads, &|_| {
                    while let Some(unit) = done.get(next.fetch_add(1, Ordering::Relaxed)) {
                        unit.fetch_add(1, Ordering::Relaxed);
                    }
                });
                assert!(done.iter().all(|unit| unit.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn tasks_inside_tasks_and_beside_each_other() {
        let count = AtomicUsize::new(0);
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    share(3, &|_| {
                        while next.fetch_add(1, Ordering::Relaxed) < 100 {
                            share(2, &|_| {
                                count.fetch_add(1, Ordering::Relaxed);
                            });
                        }
                    });
                });
            }
        });
        assert!(count.load(Ordering::Relaxed) >= 100);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_threads_live_on() {
        let result = catch_unwind(|| {
            share(3, &|_| panic!("expected"));
        });
        assert!(result.is_err());
        let count = AtomicUsize::new(0);
        share(3, &|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert!(count.load(Ordering::Relaxed) >= 1);
    }
}
