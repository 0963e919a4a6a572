//! What the parts do together, on the real kernel. No test asserts how long anything took.

mod allocation;
mod confine;
mod kernel;

use tandem_realtime::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
