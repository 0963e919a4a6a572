//! A thread that may do nothing but sleep, for tests of code that must make no system call.
#![expect(unsafe_code, reason = "rustix offers neither system call filters nor a bare exit")]

use std::io;

use crate::clock::{Clock as _, MonotonicClock};

/// What a confined thread may sleep on. No other system call is open to it but to end the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlySleep {
    /// `clock_nanosleep`: how a [`PeriodicTimer`](crate::PeriodicTimer) sleeps.
    Timer,
    /// `futex`, to wait and not to wake, and in a burst `clock_nanosleep`: how a
    /// [`BellTimer`](crate::BellTimer) sleeps.
    Bell,
}

/// Confines the calling thread for the rest of its life: at any other system call than its `sleep`
/// the kernel kills the whole process with `SIGSYS`.
///
/// A thread cannot end without system calls, so a test does this in a process of its own and
/// leaves it by [`exit_confined`].
///
/// # Errors
/// If the kernel knows no system call filters.
pub fn confine(sleep: OnlySleep) -> io::Result<()> {
    let mut filter = program(sleep);
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or(u16::MAX),
        filter: filter.as_mut_ptr(),
    };
    // The first reading of the clock in a process looks for the function with which the others do
    // without a system call.
    core::hint::black_box(MonotonicClock.now());
    // SAFETY: neither call keeps a pointer, and the program outlives the second.
    let status = unsafe {
        match libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) {
            0 => libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program),
            refused => refused,
        }
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Ends the process at once, with no destructor and no handler run, which a confined thread could
/// not afford.
pub fn exit_confined(code: i32) -> ! {
    // SAFETY: it does not return, so nothing can be left in a wrong state.
    unsafe { libc::_exit(code) }
}

/// Where the number of the system call and the low half of its second argument stand in the
/// kernel's `seccomp_data`.
const NUMBER_AT: u32 = 0;
const SECOND_ARGUMENT_AT: u32 = 24 + if cfg!(target_endian = "big") { 4 } else { 0 };

fn program(sleep: OnlySleep) -> Vec<libc::sock_filter> {
    let futex_wait = match sleep {
        OnlySleep::Timer => vec![],
        OnlySleep::Bell => {
            let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
            let is_wait = [load(SECOND_ARGUMENT_AT), unless(wait.cast_unsigned(), 1)];
            [&[unless(number(libc::SYS_futex), 3)], &is_wait[..], &[allow()]].concat()
        }
    };
    let always = [libc::SYS_exit_group, libc::SYS_clock_nanosleep];
    let always = always.map(|call| [unless(number(call), 1), allow()]).concat();
    let otherwise = vec![answer(libc::SECCOMP_RET_KILL_PROCESS)];
    [vec![load(NUMBER_AT)], always, futex_wait, otherwise].concat()
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

fn allow() -> libc::sock_filter {
    answer(libc::SECCOMP_RET_ALLOW)
}

fn load(offset: u32) -> libc::sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset)
}

/// Skips `skip` instructions unless the word loaded is `value`.
fn unless(value: u32, skip: u8) -> libc::sock_filter {
    let compare = instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value);
    libc::sock_filter { jf: skip, ..compare }
}

fn answer(verdict: u32) -> libc::sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, verdict)
}

fn instruction(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap_or(u16::MAX), jt: 0, jf: 0, k }
}
