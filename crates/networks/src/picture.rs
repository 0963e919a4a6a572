//! Pictures as tensors.

/// The bytes do not fill the tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture of {bytes} bytes does not fill a tensor of {elements} numbers")]
pub struct PictureError {
    /// Bytes given.
    pub bytes: usize,
    /// Numbers the tensor holds.
    pub elements: usize,
}

/// Writes an `rgb8` picture (rows from the top) as a planar tensor `[3, H, W]` with values in
/// `[-0.5, 0.5]`, the range every network here is trained on.
///
/// # Errors
/// If `out` is not as long as `rgb`.
pub fn picture_into(rgb: &[u8], out: &mut [f32]) -> Result<(), PictureError> {
    if rgb.len() != out.len() || !rgb.len().is_multiple_of(3) {
        return Err(PictureError { bytes: rgb.len(), elements: out.len() });
    }
    let plane = rgb.len() / 3;
    let (red, rest) = out.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let planes = red.iter_mut().zip(green).zip(blue);
    for (pixel, ((r, g), b)) in rgb.chunks_exact(3).zip(planes) {
        *r = f32::from(pixel[0]) / 255.0 - 0.5;
        *g = f32::from(pixel[1]) / 255.0 - 0.5;
        *b = f32::from(pixel[2]) / 255.0 - 0.5;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_come_apart() {
        let mut out = [9.0; 6];
        picture_into(&[0, 255, 51, 255, 0, 51], &mut out).unwrap();
        assert_eq!(out, [-0.5, 0.5, 0.5, -0.5, -0.3, -0.3]);
        assert!(picture_into(&[0; 3], &mut out).is_err());
    }
}
