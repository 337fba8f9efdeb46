# asyncio: what is made of coroutines. The scheduler is native (_asyncio).
from _asyncio import *
from _asyncio import Flag


def __getattr__(name):
    # Streams are loaded when somebody wants them.
    if name in ("Stream", "StreamReader", "StreamWriter", "Server", "open_connection", "start_server"):
        import _asyncio_streams

        value = getattr(_asyncio_streams, name)
        globals()[name] = value
        return value
    raise AttributeError(name)


class Event:
    def __init__(self):
        self._set = False
        self._waiting = TaskQueue()

    def is_set(self):
        return self._set

    def set(self):
        self._waiting.wake()
        self._set = True

    def clear(self):
        self._set = False

    async def wait(self):
        if not self._set:
            await self._waiting
        return True


class ThreadSafeFlag(Flag):
    async def wait(self):
        if not self.is_set():
            await ready(self, 1)
        self.clear()


class Lock:
    # _owner: None while free; True while locked; the task that release() chose and that has not run since.
    def __init__(self):
        self._owner = None
        self._waiting = TaskQueue()

    def locked(self):
        return self._owner is True

    def release(self):
        if self._owner is None:
            raise RuntimeError("Lock not acquired")
        self._owner = self._waiting.peek()
        self._waiting.wake(1)

    async def acquire(self):
        if self._owner is not None:
            try:
                await self._waiting
            except CancelledError:
                if self._owner is current_task():
                    self._owner = True
                    self.release()
                raise
        self._owner = True
        return True

    async def __aenter__(self):
        return await self.acquire()

    async def __aexit__(self, *exception):
        self.release()


def _task(awaitable):
    return awaitable if isinstance(awaitable, Task) else create_task(awaitable)


async def _outcome(task, outcome, waiter):
    # Waits for a task on behalf of another one, which sleeps.
    try:
        outcome.append(await task)
    except (Exception, CancelledError) as e:
        outcome.append(e)
        outcome.append(e)
    waiter.wake()


def wait_for(awaitable, timeout):
    return wait_for_ms(awaitable, timeout if timeout is None else int(timeout * 1000))


async def wait_for_ms(awaitable, timeout):
    task = _task(awaitable)
    if timeout is None:
        return await task
    outcome = []
    runner = create_task(_outcome(task, outcome, current_task()))
    try:
        await sleep_ms(timeout)
    except CancelledError:
        runner.cancel()
        raise
    if not outcome:
        runner.cancel()
        await runner
        raise TimeoutError
    if len(outcome) > 1:
        raise outcome[1]
    return outcome[0]


async def gather(*awaitables, return_exceptions=False):
    tasks = [_task(a) for a in awaitables]
    waiting = TaskQueue()
    left = 0
    failed = None

    def done(task):
        nonlocal left, failed
        left -= 1
        if failed is None and not return_exceptions:
            try:
                task.result()
            except (Exception, CancelledError) as e:
                failed = e
        if not left or failed is not None:
            waiting.wake()

    watched = []
    try:
        for task in tasks:
            if task.watch(done):
                left += 1
                watched.append(task)
            elif not return_exceptions:
                task.result()
        if left:
            try:
                await waiting
            except CancelledError:
                for task in watched:
                    task.watch(None)
                    task.cancel()
                raise
    finally:
        for task in watched:
            task.watch(None)
    if failed is not None:
        raise failed
    results = []
    for task in tasks:
        try:
            results.append(task.result())
        except (Exception, CancelledError) as e:
            results.append(e)
    return results
