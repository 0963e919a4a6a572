use proptest::prelude::{any, prop, prop_assert, proptest};

use super::*;

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn errors(bytes: &[u8]) -> Vec<String> {
    match read(Path::new("w"), bytes) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn entry(name: &str, dtype: &str, shape: &str, offsets: &str) -> String {
    format!("\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":{offsets}}}")
}

#[test]
fn reads_both_precisions_and_passes_over_metadata() {
    let header = format!(
        "{{\"__metadata__\":{{\"made\":\"by hand\"}},{},{}}}",
        entry("a", "F32", "[2]", "[0,8]"),
        entry("b", "F16", "[1,1]", "[8,10]")
    );
    let mut data = 1.5_f32.to_le_bytes().to_vec();
    data.extend((-2.0_f32).to_le_bytes());
    data.extend(f16::from_f32(0.25).to_le_bytes());
    let tensors = read(Path::new("w"), &file(&header, &data)).unwrap();
    assert_eq!(tensors["a"], Tensor { shape: vec![2], data: vec![1.5, -2.0] });
    assert_eq!(tensors["b"], Tensor { shape: vec![1, 1], data: vec![0.25] });
}

#[test]
fn names_what_is_wrong() {
    let one = |dtype, shape, offsets| format!("{{{}}}", entry("a", dtype, shape, offsets));
    let huge = (1_u64 << 61) - 1;
    let overflow = (0..8)
        .map(|i| {
            entry(
                &format!("t{i}"),
                "U8",
                &format!("[{huge}]"),
                &format!("[{},{}]", i * huge, (i + 1) * huge),
            )
        })
        .collect::<Vec<_>>()
        .join(",");
    let rows: [(Vec<u8>, &str); 12] = [
        (vec![1, 2], "cut off within its header: 2 bytes of 8"),
        (vec![255; 20], "cut off within its header"),
        (file("not json", &[]), "header cannot be read"),
        (file("{\"a\": 5}", &[]), "header cannot be read"),
        (file(&one("F32", "[1]", "[0,4]"), &[0; 3]), "tensor `a` is truncated"),
        (file(&one("F32", "[1]", "[0,4]"), &[0; 5]), "5 bytes long, but its header speaks of 4"),
        (file(&one("F32", "[2]", "[0,4]"), &[0; 4]), "has shape [2] but 4 bytes"),
        (file(&one("F32", "[1]", "[4,0]"), &[0; 4]), "tensor `a` leaves a gap"),
        (file(&one("I64", "[1]", "[0,8]"), &[0; 8]), "is of type I64"),
        (file(&one("F32", "[1]", "[0,4]"), &f32::NAN.to_le_bytes()), "not finite at element 0"),
        (file(&one("F16", "[1]", "[0,2]"), &f16::INFINITY.to_le_bytes()), "not finite"),
        (file(&format!("{{{overflow}}}"), &[]), "tensor `t0`"),
    ];
    for (bytes, expected) in rows {
        let errors = errors(&bytes);
        assert!(errors.iter().any(|line| line.contains(expected)), "{expected}: {errors:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_tensors_or_errors(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!read(Path::new("w"), &bytes).is_err_and(|errors| errors.is_empty()));
    }

    #[test]
    fn any_header_gives_tensors_or_errors(
        dtype in "F32|F16|F64|U8|",
        shape in prop::collection::vec(any::<usize>(), 0..3),
        start in any::<u64>(),
        end in any::<u64>(),
        data in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let header = entry("a", &dtype, &format!("{shape:?}"), &format!("[{start},{end}]"));
        let bytes = file(&format!("{{{header}}}"), &data);
        prop_assert!(!read(Path::new("w"), &bytes).is_err_and(|errors| errors.is_empty()));
    }
}
