//! Our latest-value channel beside five others, for a payload of 2 KB that is read by reference.
//!
//! One operation takes a few nanoseconds and reading the clock takes forty, so an operation's time
//! is that of a batch of [`OPERATIONS`] of them, divided: `n` counts batches, and `max` is the
//! slowest batch, not the slowest operation. Only the preempted reader is timed read by read,
//! because what matters there is a thousand times longer than the clock.

mod channels;
mod preempted;

use std::hint::black_box;
use std::time::Duration;

use serde_json::Value;
use tandem_realtime::{Clock as _, Distribution, Granted, Histogram, MonotonicClock, Unit};

use crate::bench::Facts;
use crate::bench::latest::channels::{
    ArcSwap, Channel, Crossbeam, Latest, Mutex, Payload, Read as _, TripleBuffer, Watch, Write as _,
};
use crate::table;

/// Operations in a batch. A batch in microseconds is an operation in nanoseconds.
const OPERATIONS: u32 = 1000;
const NANOSECONDS_EACH: Unit = Unit::Microseconds;

/// Batches of each kind: enough for a 99.9th percentile.
const BATCHES: u32 = 10_000;

/// Batches before the first that counts.
const WARM_UP_BATCHES: u32 = 100;

/// What one channel comes to.
struct Row {
    name: &'static str,
    /// A read when nothing new was written: what most ticks find, five ticks to a chunk.
    read_ns: Distribution,
    /// A write that nobody reads.
    write_ns: Distribution,
    /// A write and a read of what was written, by one thread.
    exchange_ns: Distribution,
    /// A read by a real-time thread whose writer was preempted, perhaps in the middle of a write.
    preempted_reader_us: Distribution,
}

/// What is measured, its unit, and where a row keeps it.
type Column = (&'static str, &'static str, fn(&Row) -> &Distribution);

/// Measures every channel; each spends `preempted_for` with its writer preempted.
pub(super) fn run(preempted_for: Duration) -> Facts {
    let mut granted = Granted::default();
    let rows = [
        row::<Latest>(preempted_for, &mut granted),
        row::<TripleBuffer>(preempted_for, &mut granted),
        row::<ArcSwap>(preempted_for, &mut granted),
        row::<Mutex>(preempted_for, &mut granted),
        row::<Watch>(preempted_for, &mut granted),
        row::<Crossbeam>(preempted_for, &mut granted),
    ];
    let columns: [Column; 4] = [
        ("read_ns", "ns", |row| &row.read_ns),
        ("write_ns", "ns", |row| &row.write_ns),
        ("exchange_ns", "ns", |row| &row.exchange_ns),
        ("preempted_reader_us", "us", |row| &row.preempted_reader_us),
    ];
    let mut facts = Facts::new();
    for (name, unit, column) in columns {
        println!("{}", table::titled(name, unit));
        for row in &rows {
            println!("{}", table::row(&format!("  {}", row.name), column(row)));
        }
        let by_channel = rows.iter().map(|row| (row.name.to_owned(), table::json(column(row))));
        facts.insert(name.to_owned(), Value::Object(by_channel.collect()));
    }
    println!("preempted: {granted}");
    facts.insert("preempted_granted".to_owned(), granted.to_string().into());
    facts.insert("operations_per_batch".to_owned(), OPERATIONS.into());
    facts.insert("payload_bytes".to_owned(), size_of::<Payload>().into());
    facts
}

fn row<C: Channel>(preempted_for: Duration, granted: &mut Granted) -> Row {
    eprintln!("measuring {} ...", C::NAME);
    let mut payload = Payload::ZERO;
    let mut write = |writer: &mut C::Writer| {
        payload.sequence += 1;
        black_box(writer).write(black_box(&payload));
    };
    let (mut writer, mut reader) = C::open();
    let write_ns = batches(|| write(&mut writer));
    let read_ns = batches(|| {
        black_box(black_box(&mut reader).read());
    });
    let exchange_ns = batches(|| {
        write(&mut writer);
        black_box(black_box(&mut reader).read());
    });
    let preempted = preempted::measure::<C>(preempted_for, granted);
    Row {
        name: C::NAME,
        read_ns,
        write_ns,
        exchange_ns,
        preempted_reader_us: preempted.distribution(Unit::Microseconds),
    }
}

/// Times an operation, in nanoseconds.
fn batches(mut operation: impl FnMut()) -> Distribution {
    let mut histogram = Histogram::new();
    for _ in 0..WARM_UP_BATCHES * OPERATIONS {
        operation();
    }
    for _ in 0..BATCHES {
        let began = MonotonicClock.now();
        for _ in 0..OPERATIONS {
            operation();
        }
        histogram.record(began.age_at(MonotonicClock.now()));
    }
    histogram.distribution(NANOSECONDS_EACH)
}
