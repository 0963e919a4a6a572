use std::thread;

use tandem_latest::channel;
use tandem_types::{Epoch, Sequence, Stamp};

use crate::{ROUNDS, read, write};

#[test]
fn nothing_is_read_before_the_first_write() {
    let (mut writer, mut reader) = channel(Epoch(1), || 5);
    assert_eq!((read(&mut reader), reader.fresh().is_some()), (None, false));
    write(&mut writer, 6);
    assert_eq!(read(&mut reader), Some(6));
}

#[test]
fn the_newest_wins_and_stays() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    assert_eq!((1..=5).map(|value| write(&mut writer, value).0).last(), Some(5));
    let sample = *reader.latest().unwrap();
    assert_eq!((sample.value, sample.sequence), (5, Sequence(5)));
    assert_eq!((sample.observed.as_nanos(), sample.published.as_nanos()), (5, 6));
    assert_eq!(reader.latest(), Some(&sample));
    assert_eq!(reader.fresh(), None);
}

#[test]
fn another_life_counts_from_one_again() {
    let (mut writer, mut reader) = channel(Epoch(1), || 0);
    write(&mut writer, 8);
    write(&mut writer, 9);
    writer.begin_epoch(Epoch(2));
    let old = *reader.latest().unwrap();
    assert_eq!((old.epoch, old.sequence, old.value), (Epoch(1), Sequence(2), 9));
    write(&mut writer, 10);
    let new = *reader.latest().unwrap();
    assert_eq!((new.epoch, new.sequence, new.value), (Epoch(2), Sequence(1), 10));
}

/// One thread writes as fast as it can, the other reads as fast as it can, until the last value
/// was seen. A value that is larger than a machine word would show a torn read.
#[test]
fn two_threads_at_full_speed_never_tear_and_never_go_back() {
    const WORDS: usize = 32;
    let (mut writer, mut reader) = channel(Epoch(3), || [0_u64; WORDS]);
    let producer = thread::spawn(move || {
        for round in 1..=ROUNDS {
            let stamp = Stamp::from_nanos(round);
            writer.write(stamp, stamp, |words| words.fill(round));
        }
    });
    let mut last = Sequence(0);
    while last.0 < ROUNDS {
        let Some(sample) = reader.fresh() else {
            thread::yield_now();
            continue;
        };
        assert!(sample.sequence > last, "{:?} after {last:?}", sample.sequence);
        last = sample.sequence;
        assert_eq!(sample.value, [last.0; WORDS]);
        assert_eq!(sample.observed.as_nanos(), last.0);
    }
    producer.join().unwrap();
    assert_eq!(reader.latest().map(|sample| sample.sequence), Some(Sequence(ROUNDS)));
}
