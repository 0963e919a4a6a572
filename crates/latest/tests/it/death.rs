use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::Arc,
    thread,
};

use tandem_latest::{Writer, channel};
use tandem_types::{Epoch, Sequence, Stamp};

use crate::{read, write};

/// Dies inside `fill`, after having changed the slot, without a message on the terminal.
fn die_while_writing(writer: &mut Writer<u64>) {
    writer.write(Stamp::ORIGIN, Stamp::ORIGIN, |slot| {
        *slot = 666;
        resume_unwind(Box::new("died in the middle of a write"));
    });
}

#[test]
fn a_writer_that_is_dropped_leaves_its_last_value() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    write(&mut writer, 1);
    write(&mut writer, 2);
    drop(writer);
    assert_eq!(read(&mut reader), Some(2));
    assert_eq!(read(&mut reader), Some(2));
    assert!(reader.fresh().is_none());
}

#[test]
fn a_write_that_panics_is_never_published() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    write(&mut writer, 1);
    for _ in 0..5 {
        assert!(catch_unwind(AssertUnwindSafe(|| die_while_writing(&mut writer))).is_err());
        assert_eq!(read(&mut reader), Some(1));
    }
    assert_eq!(write(&mut writer, 2), Sequence(2), "the panics used up no sequence number");
    assert_eq!(read(&mut reader), Some(2));
}

#[test]
fn a_thread_that_dies_in_its_very_first_write_leaves_nothing() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    let producer = thread::spawn(move || die_while_writing(&mut writer));
    assert!(producer.join().is_err());
    assert_eq!(read(&mut reader), None);
}

#[test]
fn a_thread_that_dies_in_a_later_write_leaves_the_one_before() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    let producer = thread::spawn(move || {
        assert_eq!((1..=7).map(|value| write(&mut writer, value)).last(), Some(Sequence(7)));
        die_while_writing(&mut writer);
    });
    assert!(producer.join().is_err());
    assert_eq!(read(&mut reader), Some(7));
}

#[test]
fn a_writer_outlives_its_reader() {
    let (mut writer, reader) = channel(Epoch(1), || 0);
    drop(reader);
    assert_eq!((1..=9).map(|value| write(&mut writer, value)).last(), Some(Sequence(9)));
}

#[test]
fn all_three_values_are_dropped_once_both_ends_are_gone() {
    let owner = Arc::new(());
    let (mut writer, mut reader) = channel(Epoch(1), || Arc::clone(&owner));
    writer.write(Stamp::ORIGIN, Stamp::ORIGIN, |_| {});
    assert_eq!(reader.latest().map(|sample| Arc::strong_count(&sample.value)), Some(4));
    drop(writer);
    assert_eq!(Arc::strong_count(&owner), 4);
    drop(reader);
    assert_eq!(Arc::strong_count(&owner), 1);
}

/// What cannot be sent can still be passed within one thread.
#[test]
fn values_need_not_be_send_on_one_thread() {
    let (mut writer, mut reader) = channel(Epoch(1), || Rc::new(0));
    writer.write(Stamp::ORIGIN, Stamp::ORIGIN, |slot| *slot = Rc::new(4));
    assert_eq!(reader.latest().map(|sample| *sample.value), Some(4));
}
