//! Waiting for the network: in a Python thread, and in any other task.
//!
//! Both try, and sleep on an event until it is worth another try; nobody polls.

use lwip_sys::{Errno, Handle, ready};
use threadsnake_glue::rtos;
use threadsnake_glue::select::{self, Event, Source};
use threadsnake_vm::{Raise, Vm};

use crate::stack::socket_event;

/// Tries until `attempt` answers anything but `EAGAIN`, in a Python thread and without the GIL; sleeps on `event`
/// between two tries. `timeout_us`: 0 tries once, `None` waits without limit.
///
/// The outer error is what is pending in the VM (`KeyboardInterrupt`, the end of the VM). The inner one is `attempt`'s;
/// `EAGAIN` after the only try, `ETIMEDOUT` after several.
///
/// # Errors
/// As above.
pub fn blocking_on<R: Send>(
    vm: &mut Vm,
    event: &'static Event,
    timeout_us: Option<u64>,
    mut attempt: impl FnMut() -> Result<R, Errno> + Send,
) -> Result<Result<R, Errno>, Raise> {
    let mut answer = Err(match timeout_us {
        Some(0) => Errno::EAGAIN,
        _ => Errno::ETIMEDOUT,
    });
    select::wait(
        vm,
        timeout_us,
        &mut |_, i| if i == 0 { Source::Event(event) } else { Source::End },
        &mut |vm| match vm.unlocked(|_| attempt()) {
            Err(Errno::EAGAIN) => Ok(false),
            other => {
                answer = other;
                Ok(true)
            }
        },
    )?;
    Ok(answer)
}

/// [`blocking_on`] the event of a socket.
///
/// # Errors
/// Those of [`blocking_on`].
pub fn blocking<R: Send>(
    vm: &mut Vm,
    socket: Handle,
    timeout_us: Option<u64>,
    attempt: impl FnMut() -> Result<R, Errno> + Send,
) -> Result<Result<R, Errno>, Raise> {
    blocking_on(vm, socket_event(socket.number()), timeout_us, attempt)
}

/// The same in a task without a VM; `ticks` as [`Event::wait`] takes them. `EAGAIN` for 0, else `ETIMEDOUT`.
///
/// # Errors
/// Those of `attempt`, and as above.
pub fn until<R>(
    event: &Event,
    ticks: u32,
    mut attempt: impl FnMut() -> Result<R, Errno>,
) -> Result<R, Errno> {
    let mut answer = Err(Errno::EAGAIN);
    let mut look = || {
        answer = attempt();
        !matches!(answer, Err(Errno::EAGAIN))
    };
    if ticks == 0 {
        look();
        return answer;
    }
    if event.wait(ticks, look) { answer } else { Err(Errno::ETIMEDOUT) }
}

/// Waits in a task without a VM until the socket is ready for one of these bits of [`ready`], or failed.
///
/// # Errors
/// `EBADF`: it is closed; `ETIMEDOUT`, `EAGAIN` as [`until`].
pub fn until_ready(socket: Handle, bits: u32, ticks: u32) -> Result<u32, Errno> {
    until(socket_event(socket.number()), ticks, || match socket.ready()? {
        is if is & (bits | ready::ERROR | ready::HANG_UP) != 0 => Ok(is),
        _ => Err(Errno::EAGAIN),
    })
}

/// A time in ticks; longer than the kernel's clock: without limit.
pub fn ticks_for_ms(ms: u64) -> u32 {
    rtos::ticks_for_us(ms.saturating_mul(1000))
}
