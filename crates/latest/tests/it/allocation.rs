use tandem_latest::channel;
use tandem_realtime::CountingAllocator;
use tandem_types::{Epoch, Stamp};

/// Miri interprets every instruction, and each round writes half a thousand numbers.
const ROUNDS: u16 = if cfg!(miri) { 20 } else { 1000 };

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn neither_end_touches_the_heap_after_construction() {
    assert!(CountingAllocator::is_installed());
    let (mut writer, mut reader) = channel(Epoch(1), || vec![0.0_f32; 512]);
    let before = CountingAllocator::heap_calls();
    for round in 1..=ROUNDS {
        writer.write(Stamp::ORIGIN, Stamp::ORIGIN, |latent| latent.fill(f32::from(round)));
        let sample = reader.fresh().map(|sample| (sample.value[511], sample.sequence.0));
        assert_eq!(sample, Some((f32::from(round), u64::from(round))));
        assert!(reader.fresh().is_none());
    }
    assert_eq!(CountingAllocator::heap_calls(), before);
}
