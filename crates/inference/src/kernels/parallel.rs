//! Spreads pieces of work over rayon's threads, or over none.
//!
//! A single piece runs on the calling thread without waking, or even creating, the thread pool:
//! at batch one, where the daemon runs, every kernel has a single piece.

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSliceMut as _;

/// The results of `work` on each job, in the order of the jobs.
pub(crate) fn map<J: Send, R: Send>(jobs: Vec<J>, work: impl Fn(J) -> R + Sync + Send) -> Vec<R> {
    if jobs.len() > 1 && rayon::current_num_threads() > 1 {
        jobs.into_par_iter().map(work).collect()
    } else {
        jobs.into_iter().map(work).collect()
    }
}

/// Runs `work(index, piece)` on pieces of `out`, each `length` long but perhaps the last.
pub(crate) fn for_each_piece(
    out: &mut [f32],
    length: usize,
    work: impl Fn(usize, &mut [f32]) + Sync + Send,
) {
    let length = length.max(1);
    if out.len() > length && rayon::current_num_threads() > 1 {
        out.par_chunks_mut(length).enumerate().for_each(|(index, piece)| work(index, piece));
    } else {
        out.chunks_mut(length).enumerate().for_each(|(index, piece)| work(index, piece));
    }
}
