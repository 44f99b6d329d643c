//! In: a task that several threads may run at once, and how many. Out: the task done. Assumes that the threads share out the
//! work among themselves, inside the task. Guarantees: nothing of the task runs after [`share`] returns or unwinds, and no
//! allocation once the threads are there.
//!
//! The threads are the process's, started when first asked for and kept asleep in between; `std::thread::scope` would start new
//! ones, with their stacks, for each step, and rayon's queues allocate now and then. A task that finds them taken, by another
//! thread or by the task it is itself part of, runs on the calling thread alone: no result may depend on how many there are.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

/// As generous as a main thread's: a network's code keeps blocks of accumulators on the stack.
const STACK: usize = 8 << 20;

static POOL: Pool = Pool {
    taken: Mutex::new(()),
    state: Mutex::new(State { task: None, seats: 0, running: 0, workers: 0, panicked: false }),
    start: Condvar::new(),
    end: Condvar::new(),
};

struct Pool {
    taken: Mutex<()>,
    state: Mutex<State>,
    start: Condvar,
    end: Condvar,
}

struct State {
    task: Option<Task>,
    /// How many workers may still begin with the task.
    seats: usize,
    /// How many are at it.
    running: usize,
    /// How many there are.
    workers: usize,
    panicked: bool,
}

#[derive(Clone, Copy)]
struct Task(*const (dyn Fn() + Sync));

// SAFETY: what it points to is `Sync`, and `share` keeps it alive as long as a worker may use it.
#[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
unsafe impl Send for Task {}

/// Locks; a panic elsewhere leaves nothing half done in what this module and the executor lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many threads a model uses unless told otherwise: those of the machine that this process may use.
pub(crate) fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `task` on this thread and, at the same time, on up to `threads - 1` others.
pub(crate) fn share(threads: usize, task: &(dyn Fn() + Sync)) {
    if threads <= 1 {
        return task();
    }
    let _taken = match POOL.taken.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(guard)) => guard.into_inner(),
        Err(TryLockError::WouldBlock) => return task(),
    };
    hire(threads - 1);

    let erased: *const (dyn Fn() + Sync + '_) = task;
    // SAFETY: only the lifetime changes. A worker takes the pointer only while there are seats, and `Leave` takes the seats
    // away and waits for those who sit before the borrow of `task` ends, also when `task` panics here.
    #[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
    let erased = Task(unsafe {
        std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(erased)
    });
    {
        let mut state = lock(&POOL.state);
        state.task = Some(erased);
        state.seats = threads - 1;
        state.panicked = false;
    }
    for _ in 1..threads {
        POOL.start.notify_one();
    }
    let leave = Leave;
    task();
    drop(leave);
    assert!(!lock(&POOL.state).panicked, "a thread that ran a part of the network panicked");
}

/// Ends a task: nobody begins any more, and whoever is at it is waited for.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let mut state = lock(&POOL.state);
        state.seats = 0;
        while state.running > 0 {
            state = POOL.end.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.task = None;
    }
}

/// Starts threads until there are `count`. Where the system refuses, fewer do the work.
fn hire(count: usize) {
    let mut state = lock(&POOL.state);
    while state.workers < count {
        let builder = thread::Builder::new().name("chainrule".into()).stack_size(STACK);
        if builder.spawn(work).is_err() {
            return;
        }
        state.workers += 1;
    }
}

fn work() {
    let mut state = lock(&POOL.state);
    loop {
        match state.task {
            Some(task) if state.seats > 0 => {
                state.seats -= 1;
                state.running += 1;
                drop(state);
                // SAFETY: this worker is counted in `running`, so `share` has not returned: the task is alive.
                #[expect(unsafe_code, reason = "the task is borrowed from the caller's stack")]
                let result = catch_unwind(AssertUnwindSafe(|| unsafe { (*task.0)() }));
                state = lock(&POOL.state);
                state.panicked |= result.is_err();
                state.running -= 1;
                if state.running == 0 {
                    POOL.end.notify_one();
                }
            }
            _ => {
                state = POOL.start.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
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
            for _ in 0..200 {
                let next = AtomicUsize::new(0);
                let done: Vec<AtomicUsize> = (0..57).map(|_| AtomicUsize::new(0)).collect();
                share(threads, &|| {
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
                    share(3, &|| {
                        while next.fetch_add(1, Ordering::Relaxed) < 100 {
                            share(2, &|| {
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
            share(3, &|| panic!("expected"));
        });
        assert!(result.is_err());
        let count = AtomicUsize::new(0);
        share(3, &|| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert!(count.load(Ordering::Relaxed) >= 1);
    }
}
