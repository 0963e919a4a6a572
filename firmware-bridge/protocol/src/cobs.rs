//! Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): any bytes without a zero in them.
//!
//! A stretch of up to 254 bytes that are not zero is led by its length plus one; a length below 255
//! stands for the zero that followed. So a zero on the line is always the end of a frame, and a
//! receiver that joined late, or lost a byte, finds the next frame by itself.

/// A stretch that ends without a zero.
const FULL: u8 = 0xff;

/// Stuffs `plain` into `out` and gives the length; `None` if it does not fit.
pub(crate) fn encode(plain: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut code_at = 0;
    let mut code = 1_u8;
    let mut len = 1_usize;
    for byte in plain {
        if *byte != 0 {
            *out.get_mut(len)? = *byte;
            len = len.checked_add(1)?;
            code = code.checked_add(1)?;
        }
        if *byte == 0 || code == FULL {
            *out.get_mut(code_at)? = code;
            (code_at, code) = (len, 1);
            len = len.checked_add(1)?;
        }
    }
    *out.get_mut(code_at)? = code;
    Some(len)
}

/// Undoes [`encode`]; `None` if `stuffed` holds a zero, ends inside a stretch, or does not fit.
pub(crate) fn decode(stuffed: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut rest = stuffed;
    let mut len = 0_usize;
    let mut zero_due = false;
    while let Some((code, tail)) = rest.split_first() {
        if zero_due {
            *out.get_mut(len)? = 0;
            len = len.checked_add(1)?;
        }
        let stretch = usize::from(code.checked_sub(1)?);
        let (bytes, tail) = tail.split_at_checked(stretch)?;
        if bytes.contains(&0) {
            return None;
        }
        let end = len.checked_add(stretch)?;
        out.get_mut(len..end)?.copy_from_slice(bytes);
        (len, rest, zero_due) = (end, tail, *code != FULL);
    }
    Some(len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn check(plain: &[u8], stuffed: &[u8]) {
        let mut out = [0; 600];
        let len = encode(plain, &mut out).unwrap();
        assert_eq!(&out[..len], stuffed, "encoding {plain:02x?}");
        let mut back = [0; 600];
        let len = decode(stuffed, &mut back).unwrap();
        assert_eq!(&back[..len], plain, "decoding {stuffed:02x?}");
    }

    /// The examples of the paper and of the article in Wikipedia.
    #[test]
    fn known_examples() {
        check(&[], &[1]);
        check(&[0], &[1, 1]);
        check(&[0, 0], &[1, 1, 1]);
        check(&[0, 0x11, 0], &[1, 2, 0x11, 1]);
        check(&[0x11, 0x22, 0, 0x33], &[3, 0x11, 0x22, 2, 0x33]);
        check(&[0x11, 0x22, 0x33, 0x44], &[5, 0x11, 0x22, 0x33, 0x44]);
        check(&[0x11, 0, 0, 0], &[2, 0x11, 1, 1, 1]);
        let run: [u8; 255] = core::array::from_fn(|index| u8::try_from(index).unwrap());
        // 00 01 .. fe: the zero, then a full stretch, then an empty one.
        let mut stuffed = [0; 257];
        (stuffed[0], stuffed[1], stuffed[256]) = (1, 0xff, 1);
        stuffed[2..256].copy_from_slice(&run[1..]);
        check(&run, &stuffed);
    }

    #[test]
    fn a_zero_or_a_cut_stretch_is_refused() {
        for stuffed in [&[0_u8][..], &[2, 0], &[3, 1], &[5, 1, 2, 3], &[2, 1, 0]] {
            assert_eq!(decode(stuffed, &mut [0; 16]), None, "{stuffed:02x?}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(plain in prop::collection::vec(prop_oneof_zeros(), 0..600)) {
            let mut stuffed = [0; 700];
            let len = encode(&plain, &mut stuffed).unwrap();
            prop_assert!(!stuffed[..len].contains(&0));
            prop_assert!(len <= plain.len() + 1 + plain.len() / 254);
            let mut back = [0; 700];
            let back_len = decode(&stuffed[..len], &mut back).unwrap();
            prop_assert_eq!(&back[..back_len], &plain[..]);
        }

        #[test]
        fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut out = [0; 300];
            let _answer: Option<usize> = decode(&bytes, &mut out);
            let _answer: Option<usize> = encode(&bytes, &mut out);
        }
    }

    fn prop_oneof_zeros() -> impl proptest::strategy::Strategy<Value = u8> {
        use proptest::strategy::Strategy as _;
        (any::<u8>(), 0_u8..4).prop_map(|(byte, dice)| if dice == 0 { 0 } else { byte })
    }
}
