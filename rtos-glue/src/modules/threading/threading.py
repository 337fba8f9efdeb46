# threading: made of _thread's locks, whose waits are the kernel's; nothing here polls.
import _thread
import sys
from _thread import get_ident, stack_size
from collections import namedtuple

Lock = _thread.allocate_lock
ThreadError = RuntimeError
TIMEOUT_MAX = 4294967.0
ExceptHookArgs = namedtuple("ExceptHookArgs", ("exc_type", "exc_value", "exc_traceback", "thread"))


def _now():
    import time

    return time.ticks_ms()


def _left(start, timeout):
    # What is left of a time-out in seconds since `start`, at least 0.
    import time

    return max(0, timeout - time.ticks_diff(time.ticks_ms(), start) / 1000)


class RLock:
    def __init__(self):
        self._lock = Lock()
        self._owner = None
        self._count = 0

    def acquire(self, blocking=True, timeout=-1):
        me = get_ident()
        if self._owner == me:
            self._count += 1
            return True
        if not self._lock.acquire(blocking, timeout):
            return False
        self._owner = me
        self._count = 1
        return True

    def release(self):
        if self._owner != get_ident():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._lock.release()

    def locked(self):
        return self._lock.locked()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exception):
        self.release()

    # For Condition.
    def _is_owned(self):
        return self._owner == get_ident()

    def _release_all(self):
        state = self._owner, self._count
        self._owner, self._count = None, 0
        self._lock.release()
        return state

    def _acquire_again(self, state):
        self._lock.acquire()
        self._owner, self._count = state


class Condition:
    def __init__(self, lock=None):
        self._lock = lock = RLock() if lock is None else lock
        self.acquire = lock.acquire
        self.release = lock.release
        self._waiters = []

    def __enter__(self):
        return self._lock.acquire()

    def __exit__(self, *exception):
        self._lock.release()

    def _check(self):
        lock = self._lock
        if not (lock._is_owned() if isinstance(lock, RLock) else lock.locked()):
            raise RuntimeError("cannot wait on un-acquired lock")

    def wait(self, timeout=None):
        self._check()
        lock = self._lock
        waiter = Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        state = lock._release_all() if isinstance(lock, RLock) else lock.release()
        woken = False
        try:
            woken = waiter.acquire(True, -1 if timeout is None else max(0, timeout))
        finally:
            if isinstance(lock, RLock):
                lock._acquire_again(state)
            else:
                lock.acquire()
            if not woken and waiter in self._waiters:
                self._waiters.remove(waiter)
        return woken

    def wait_for(self, predicate, timeout=None):
        start = _now()
        while not (result := predicate()):
            if timeout is None:
                self.wait()
            elif not (left := _left(start, timeout)) or not self.wait(left):
                return predicate()
        return result

    def notify(self, n=1):
        self._check()
        waiters = self._waiters
        while n and waiters:
            waiters.pop(0).release()
            n -= 1

    def notify_all(self):
        self.notify(len(self._waiters))


class Event:
    def __init__(self):
        self._cond = Condition(Lock())
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        with self._cond:
            self._flag = True
            self._cond.notify_all()

    def clear(self):
        with self._cond:
            self._flag = False

    def wait(self, timeout=None):
        with self._cond:
            return self._flag or self._cond.wait(timeout) or self._flag


class Semaphore:
    def __init__(self, value=1):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._cond = Condition(Lock())
        self._value = value

    def acquire(self, blocking=True, timeout=None):
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        with self._cond:
            if not self._value and not (blocking and self._cond.wait_for(lambda: self._value, timeout)):
                return False
            self._value -= 1
            return True

    def release(self, n=1):
        if n < 1:
            raise ValueError("n must be one or more")
        with self._cond:
            self._grow(n)
            self._cond.notify(n)

    def _grow(self, n):
        self._value += n

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exception):
        self.release()


class BoundedSemaphore(Semaphore):
    def __init__(self, value=1):
        super().__init__(value)
        self._most = value

    def _grow(self, n):
        if self._value + n > self._most:
            raise ValueError("Semaphore released too many times")
        self._value += n


class BrokenBarrierError(RuntimeError):
    pass


class Barrier:
    # _state: 0 filling, 1 draining, 2 resetting, 3 broken.
    def __init__(self, parties, action=None, timeout=None):
        if parties < 1:
            raise ValueError("parties must be >= 1")
        self._cond = Condition(Lock())
        self.parties = parties
        self._action = action
        self._timeout = timeout
        self._state = 0
        self._count = 0

    @property
    def n_waiting(self):
        return self._count if self._state == 0 else 0

    @property
    def broken(self):
        return self._state == 3

    def wait(self, timeout=None):
        if timeout is None:
            timeout = self._timeout
        with self._cond:
            self._cond.wait_for(lambda: self._state not in (1, 2))
            if self._state == 3:
                raise BrokenBarrierError
            index = self._count
            self._count += 1
            try:
                if self._count == self.parties:
                    try:
                        if self._action:
                            self._action()
                    except BaseException:
                        self._break()
                        raise
                    self._state = 1
                    self._cond.notify_all()
                else:
                    if not self._cond.wait_for(lambda: self._state, timeout):
                        self._break()
                    if self._state != 1:
                        raise BrokenBarrierError
            except KeyboardInterrupt:
                self._break()
                raise
            finally:
                self._count -= 1
                if not self._count and self._state in (1, 2):
                    self._state = 0
                    self._cond.notify_all()
            return index

    def _break(self):
        self._state = 3
        self._cond.notify_all()

    def reset(self):
        with self._cond:
            self._state = 2 if self._count else 0
            self._cond.notify_all()

    def abort(self):
        with self._cond:
            self._break()


_started = 0
_active = {}


def excepthook(args):
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else get_ident()
        print("Exception in thread {}:".format(name), file=sys.stderr)
        sys.print_exception(args.exc_value, sys.stderr)


__excepthook__ = excepthook


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        global _started
        _started += 1
        self._target = target
        self._args = args
        self._kwargs = kwargs or {}
        self.name = name or "Thread-{}".format(_started)
        self.daemon = current_thread().daemon if daemon is None else bool(daemon)
        self.ident = None
        self._ended = None

    def start(self):
        if self._ended is not None:
            raise RuntimeError("threads can only be started once")
        ended = Lock()
        ended.acquire()
        self._ended = ended
        try:
            # The new thread does not find itself in _active before this has put it there.
            with _registry:
                self.ident = _thread.start_new_thread(self._run, ())
                _active[self.ident] = self
        except BaseException:
            self._ended = None
            raise

    def _run(self):
        with _registry:
            pass
        try:
            self.run()
        except BaseException as e:
            excepthook(ExceptHookArgs(type(e), e, None, self))
        finally:
            _active.pop(self.ident, None)
            self._ended.release()

    def run(self):
        if self._target:
            self._target(*self._args, **self._kwargs)

    def join(self, timeout=None):
        if self._ended is None:
            raise RuntimeError("cannot join thread before it is started")
        if self.ident == get_ident():
            raise RuntimeError("cannot join current thread")
        if self._ended.acquire(True, -1 if timeout is None else max(0, timeout)):
            self._ended.release()

    def is_alive(self):
        return self._ended is not None and self._ended.locked()

    @property
    def native_id(self):
        return self.ident

    def __repr__(self):
        state = "initial" if self._ended is None else "started" if self.is_alive() else "stopped"
        return "<{}({}, {} {})>".format(type(self).__name__, self.name, state, self.ident)


class Timer(Thread):
    def __init__(self, interval, function, args=None, kwargs=None):
        super().__init__()
        self.interval = interval
        self.function = function
        self.args = args or ()
        self.kwargs = kwargs or {}
        self.finished = Event()

    def cancel(self):
        self.finished.set()

    def run(self):
        if not self.finished.wait(self.interval):
            self.function(*self.args, **self.kwargs)
        self.finished.set()


class _Foreign(Thread):
    # A thread that was not made here: the main thread, or one of _thread's.
    def __init__(self, ident, name):
        self.ident = ident
        self.name = name
        self.daemon = False

    def is_alive(self):
        return self.ident in _thread.idents()

    def join(self, timeout=None):
        raise RuntimeError("cannot join a thread of _thread")

    def __repr__(self):
        return "<_Foreign({}, {})>".format(self.name, self.ident)


_registry = Lock()
_main = _Foreign(_thread.main_ident(), "MainThread")


def main_thread():
    return _main


def current_thread():
    return _of(get_ident())


def _of(ident):
    if ident == _main.ident:
        return _main
    return _active.get(ident) or _Foreign(ident, "Dummy-{}".format(ident))


def _idents():
    # One that was started may not have come yet.
    return set(_thread.idents()) | set(_active)


def enumerate():
    return [_of(ident) for ident in _idents()]


def active_count():
    return len(_idents())


def get_native_id():
    return get_ident()


class local:
    # Each thread's attributes are in a dictionary of its own; those of threads that have ended go when another
    # thread comes. A class derived from it has its __init__ called in each thread.
    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        object.__setattr__(self, "_spaces", {get_ident(): {}})
        object.__setattr__(self, "_init", (args, kwargs))
        return self

    def _space(self):
        spaces = self._spaces
        ident = get_ident()
        space = spaces.get(ident)
        if space is None:
            alive = _thread.idents()
            for old in [i for i in spaces if i not in alive]:
                del spaces[old]
            space = spaces[ident] = {}
            if type(self).__init__ is not object.__init__:
                args, kwargs = self._init
                self.__init__(*args, **kwargs)
        return space

    def __getattr__(self, name):
        try:
            return self._space()[name]
        except KeyError:
            pass
        raise AttributeError(name)

    def __setattr__(self, name, value):
        self._space()[name] = value

    def __delattr__(self, name):
        try:
            del self._space()[name]
            return
        except KeyError:
            pass
        raise AttributeError(name)


def _shutdown():
    # The end of the program waits for the threads that are not daemons.
    for thread in list(_active.values()):
        if not thread.daemon:
            thread.join()
