//! The channel under every interleaving that the C11 memory model allows.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p tandem-latest --release --test loom`.
//! The payload is made of loom cells, so a read that is not ordered after the write it sees, or a
//! write to a slot whose reference is still being read, fails the test as a data race.
//! Weakening either of the two swaps to `Acquire` or `Release` alone makes the first test fail.
#![cfg(loom)]
#![expect(unsafe_code, reason = "loom's cells hand out raw pointers")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use loom::{cell::UnsafeCell, thread};
use tandem_latest::{Reader, Writer, channel};
use tandem_types::{Epoch, Stamp};

/// Two words that must always be seen together.
struct Pair(UnsafeCell<u64>, UnsafeCell<u64>);

fn pair() -> Pair {
    Pair(UnsafeCell::new(0), UnsafeCell::new(0))
}

fn set(cell: &UnsafeCell<u64>, value: u64) {
    // SAFETY: the writer holds `&mut Pair` here; loom checks that claim.
    cell.with_mut(|cell| unsafe { *cell = value });
}

fn get(cell: &UnsafeCell<u64>) -> u64 {
    // SAFETY: the reader holds `&Pair` here; loom checks that claim.
    cell.with(|cell| unsafe { *cell })
}

fn write(writer: &mut Writer<Pair>, value: u64) {
    let stamp = Stamp::from_nanos(value);
    let sequence = writer.write(stamp, stamp, |pair| {
        set(&pair.0, value);
        set(&pair.1, value);
    });
    assert_eq!(sequence.0, value);
}

/// Reads once, checks that nothing is torn, and returns the value (zero before the first).
fn read(reader: &mut Reader<Pair>) -> u64 {
    let Some(sample) = reader.latest() else { return 0 };
    let value = get(&sample.value.0);
    assert_eq!(value, get(&sample.value.1));
    assert_eq!(value, sample.sequence.0);
    assert_eq!((value, value), (sample.observed.as_nanos(), sample.published.as_nanos()));
    assert_eq!(sample.epoch, Epoch(7));
    value
}

#[test]
fn no_read_is_torn_and_none_goes_back() {
    loom::model(|| {
        let (mut writer, mut reader) = channel(Epoch(7), pair);
        let producer = thread::spawn(move || (1..=3).for_each(|value| write(&mut writer, value)));
        let seen = [read(&mut reader), read(&mut reader), read(&mut reader)];
        assert!(seen.is_sorted(), "went back: {seen:?}");
        producer.join().unwrap();
    });
}

#[test]
fn the_newest_is_seen_once_the_writer_is_gone() {
    loom::model(|| {
        let (mut writer, mut reader) = channel(Epoch(7), pair);
        let producer = thread::spawn(move || (1..=2).for_each(|value| write(&mut writer, value)));
        let early = read(&mut reader);
        assert!(early <= 2);
        producer.join().unwrap();
        assert_eq!(read(&mut reader), 2);
        assert!(reader.fresh().is_none());
    });
}

#[test]
fn each_sample_is_fresh_at_most_once() {
    loom::model(|| {
        let (mut writer, mut reader) = channel(Epoch(7), pair);
        let producer = thread::spawn(move || (1..=2).for_each(|value| write(&mut writer, value)));
        let mut last = 0;
        for _ in 0..3 {
            if let Some(sample) = reader.fresh() {
                let value = get(&sample.value.1);
                assert!(value > last, "{value} after {last}");
                last = value;
            }
        }
        producer.join().unwrap();
    });
}

#[test]
fn a_write_that_panics_half_way_is_never_seen() {
    loom::model(|| {
        let (mut writer, mut reader) = channel(Epoch(7), pair);
        let producer = thread::spawn(move || {
            write(&mut writer, 1);
            let died = catch_unwind(AssertUnwindSafe(|| {
                writer.write(Stamp::ORIGIN, Stamp::ORIGIN, |pair| {
                    set(&pair.0, 99);
                    resume_unwind(Box::new("died between the two words"));
                });
            }));
            assert!(died.is_err());
            write(&mut writer, 2);
        });
        let seen = [read(&mut reader), read(&mut reader)];
        assert!(seen.is_sorted() && seen[1] <= 2, "{seen:?}");
        producer.join().unwrap();
        assert_eq!(read(&mut reader), 2);
    });
}
