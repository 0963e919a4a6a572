//! What training wants of its process.

use tandem_realtime::{Threaded, keep_freed_memory, set_variable_default};

/// Sets this process up for training. Results do not depend on it, speed does: on two cores a step
/// takes two thirds of the time.
///
/// A step frees and takes hundreds of megabytes, which the allocator shall keep. And Candle's own
/// pool of threads, which only adds up gradients here, waits by spinning, on cores that the
/// convolutions need; it can be told to stay away only by a variable.
///
/// # Errors
/// If other threads run already: call it first thing in `main`. Training works all the same.
pub fn prepare_process() -> Result<(), Threaded> {
    keep_freed_memory();
    set_variable_default("CANDLE_NUM_THREADS", "1")
}
