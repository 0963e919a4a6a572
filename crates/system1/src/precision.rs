//! From the width of the mathematics to that of the networks, and back.

/// Numbers in the width of the networks, as many as there is room for.
pub(crate) fn narrow(wide: &[f64], narrow: &mut [f32]) {
    narrow.iter_mut().zip(wide).for_each(|(narrow, &wide)| *narrow = wide as f32);
}

/// The same numbers in the width of the mathematics.
pub(crate) fn widen(narrow: &[f32], wide: &mut [f64]) {
    wide.iter_mut().zip(narrow).for_each(|(wide, &narrow)| *wide = narrow.into());
}
