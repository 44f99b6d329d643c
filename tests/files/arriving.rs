//! Weights that arrive: a table of odd files, each with what its refusal says.

use chainrule::checkpoint::{Checkpoint, Difference, Expected, Options, Refusal, Tensor, from_bytes, to_bytes};

/// The network of this file: `w` of four elements, `b` of two.
const NETWORK: [Expected; 2] = [Expected { name: "w", shape: &[2, 2] }, Expected { name: "b", shape: &[2] }];

/// A file with `header` and as many bytes of data as said.
fn file(header: impl AsRef<[u8]>, data: usize) -> Vec<u8> {
    let header = header.as_ref();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn read(bytes: &[u8]) -> Result<Checkpoint<f32>, Refusal> {
    from_bytes(bytes, &NETWORK, Options::default())
}

const W: &str = r#""w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#;
const B: &str = r#""b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}"#;

/// The valid header with one piece of text replaced.
fn with(old: &str, new: &str) -> String {
    let valid = format!("{{{W},{B}}}");
    assert!(valid.contains(old), "{old}");
    valid.replace(old, new)
}

#[test]
fn a_valid_file_is_read_in_the_networks_order() {
    let mut bytes = file(format!("{{ {B} , {W},\n\"__metadata__\":{{\"format\":\"pt\"}}}}   "), 0);
    bytes.extend((1..=6).flat_map(|k| (k as f32).to_le_bytes()));
    let checkpoint = read(&bytes).unwrap();
    assert_eq!(checkpoint.tensors, [vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0]]);
    assert_eq!(checkpoint.metadata, [("format".to_owned(), "pt".to_owned())]);
}

#[test]
fn odd_headers_are_refused_each_in_its_own_words() {
    let first = r#""w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#;
    let table: &[(&str, String, &str)] = &[
        ("not an object", "[1, 2]".into(), "expected `{` at byte 0"),
        ("not JSON", "pickle".into(), "expected `{` at byte 0"),
        ("leading blank", format!(" {{{W},{B}}}"), "expected `{` at byte 0"),
        ("byte-order mark", format!("\u{feff}{{{W},{B}}}"), "byte-order mark"),
        ("unclosed", format!("{{{W},{B}"), "found the end"),
        ("text after it", format!("{{{W},{B}}}x"), "nothing but padding blanks"),
        ("newline as padding", format!("{{{W},{B}}}\n"), "nothing but padding blanks"),
        ("zero as padding", format!("{{{W},{B}}}\0"), "nothing but padding blanks"),
        ("comma too many", format!("{{{W},{B},}}"), "a tensor's name in quotes"),
        ("comma too few", format!("{{{W}{B}}}"), "`,` or `}` after an entry"),
        ("duplicate name", format!("{{{W},{B},{first}}}"), "found `w` twice"),
        ("duplicate name, escaped", format!("{{{W},{B},{}}}", W.replace("\"w\"", "\"\\u0077\"")), "found `w` twice"),
        (
            "duplicate field",
            with("[2,2],", "[2,2],\"shape\":[2,2],"),
            "tensor `w`: expected each field once, found `shape` twice",
        ),
        ("unknown field", with("[2,2],", "[2,2],\"stride\":[2,1],"), "found the field `stride`"),
        ("missing field", with("\"shape\":[2,2],", ""), "found no `shape`"),
        (
            "entry no object",
            with("{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}", "16"),
            "tensor `w`: expected an object",
        ),
        (
            "unknown type",
            with("\"F32\",\"shape\":[2,2]", "\"F31\",\"shape\":[2,2]"),
            "tensor `w`: expected elements of type F64, F32, F16 or BF16, found `F31`",
        ),
        ("integers", with("\"F32\",\"shape\":[2,2]", "\"I32\",\"shape\":[2,2]"), "found `I32`"),
        ("type no string", with("\"F32\",\"shape\":[2,2]", "32,\"shape\":[2,2]"), "an element type in quotes"),
        ("negative size", with("[2,2]", "[-2,2]"), "tensor `w`: expected a whole number from 0 to 2^64 - 1"),
        ("fractional size", with("[2,2]", "[2.0,2]"), "whole number"),
        ("size with exponent", with("[2,2]", "[2e0,2]"), "whole number"),
        ("size beyond 64 bits", with("[2,2]", "[18446744073709551616,2]"), "whole number"),
        ("sizes overflow", with("[2,2]", "[4294967296,4294967296]"), "fewer than 2^64 bytes"),
        ("bytes overflow", with("[2,2]", "[4611686018427387904,2]"), "fewer than 2^64 bytes"),
        ("sizes overflow beside a zero", with("[2,2]", "[0,9223372036854775808,4]"), "fewer than 2^64 bytes"),
        ("shape no list", with("[2,2]", "4"), "a list of sizes"),
        ("shape nested", with("[2,2]", "[[2,2]]"), "whole number"),
        ("rank over 8", with("[2,2]", "[1,1,1,1,1,1,1,2,2]"), "at most 8 axes"),
        ("begin after end", with("[0,16]", "[16,0]"), "found 16 to 0"),
        ("three offsets", with("[0,16]", "[0,16,24]"), "two offsets"),
        ("one offset", with("[0,16]", "[0]"), "two offsets"),
        ("shape and place", with("[0,16]", "[0,12]"), "expected 16 bytes for the shape [2, 2], found 12"),
        ("overlap", with("[16,24]", "[12,20]"), "tensor `b`: expected to begin at byte 16, where `w` ends, found 12"),
        ("hole", with("[16,24]", "[20,28]"), "tensor `b`: expected to begin at byte 16, found 20"),
        ("hole at the front", with("[0,16]", "[24,40]"), "expected to begin at byte 0, found 16"),
        ("control character", with("\"w\"", "\"w\\n\""), "without control characters"),
        ("control character, C1", with("\"w\"", "\"w\u{9b}31m\""), "without control characters"),
        ("raw control character", with("\"w\"", "\"w\u{1b}\""), "an escape such as"),
        ("lone surrogate", with("\"w\"", "\"\\ud800\""), "an escape that JSON has"),
        ("metadata no object", format!("{{\"__metadata__\":[],{W},{B}}}"), "an object of strings"),
        ("metadata no string", format!("{{\"__metadata__\":{{\"a\":1}},{W},{B}}}"), "a metadata value in quotes"),
        ("metadata nested", format!("{{\"__metadata__\":{{\"a\":{{}}}},{W},{B}}}"), "a metadata value in quotes"),
        (
            "duplicate metadata key",
            format!("{{\"__metadata__\":{{\"a\":\"1\",\"a\":\"1\"}},{W},{B}}}"),
            "found `a` twice",
        ),
        (
            "duplicate metadata",
            format!("{{\"__metadata__\":{{}},\"__metadata__\":{{}},{W},{B}}}"),
            "`__metadata__` twice",
        ),
        (
            "metadata key with control characters",
            format!("{{\"__metadata__\":{{\"\\u001b\":\"\"}},{W},{B}}}"),
            "without control",
        ),
        ("deep nesting", format!("{{\"w\":{}", "[".repeat(100_000)), "tensor `w`: expected an object"),
    ];
    for (what, header, message) in table {
        let refusal = read(&file(header, 24)).expect_err(what).to_string();
        assert!(refusal.contains(message), "{what}: {refusal}");
        assert!(refusal.contains("expected") && refusal.contains("found"), "{what}: {refusal}");
    }
}

#[test]
fn lengths_are_compared_with_the_files_own() {
    let valid = file(format!("{{{W},{B}}}"), 24);
    assert!(read(&valid).is_ok());

    let header_length = |length: u64| {
        let mut bytes = valid.clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        read(&bytes).unwrap_err()
    };
    for length in [0, 1, valid.len() as u64 - 7, 1 << 40, 1 << 63, u64::MAX - 7, u64::MAX] {
        let refusal = header_length(length);
        assert!(matches!(refusal, Refusal::HeaderLength { length: l, .. } if l == length), "{length}: {refusal}");
    }
    for end in 0..valid.len() {
        assert!(read(&valid[..end]).is_err(), "truncated to {end} bytes");
    }
    assert!(matches!(read(&valid[..valid.len() - 1]), Err(Refusal::Truncated { .. })));
    let longer = [&valid[..], b"\0"].concat();
    assert!(matches!(read(&longer), Err(Refusal::TrailingBytes { .. })));

    let mut broken = valid.clone();
    broken[9] = 0xff;
    assert_eq!(read(&broken), Err(Refusal::NotUtf8 { at: 1 }));
}

#[test]
fn a_header_beyond_the_cap_is_not_read() {
    // 99 MB of empty tensors took a peer 11 s and 1.5 GB; here only a length is looked at
    let entry = r#","t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#;
    let header = format!("{{{W}{}}}", entry.repeat(200_000));
    let begun = std::time::Instant::now();
    assert!(matches!(read(&file(header, 16)), Err(Refusal::HeaderTooLong { .. })));
    assert!(begun.elapsed().as_secs() < 2);
}

#[test]
fn all_differences_from_the_network_are_listed_at_once() {
    let header = r#"{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"extra":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},
        "other":{"dtype":"F64","shape":[],"data_offsets":[20,28]}}"#;
    let refusal = read(&file(header, 28)).unwrap_err();
    let expected = [
        Difference::Misshaped { name: "w".into(), expected: vec![2, 2], found: vec![4] },
        Difference::Missing { name: "b".into(), shape: vec![2] },
        Difference::Surplus { name: "extra".into(), shape: vec![1] },
        Difference::Surplus { name: "other".into(), shape: vec![] },
    ];
    assert_eq!(refusal, Refusal::OtherNetwork { differences: expected.to_vec() });
    assert_eq!(
        refusal.to_string(),
        "expected this network's tensors, found differences:
  misshaped `w`: expected [2, 2], found [4]
  missing `b`: expected [2], found none
  surplus `extra`: expected none, found [1]
  surplus `other`: expected none, found []
load it into the network that saved it"
    );
}

#[test]
fn values_that_are_not_finite_are_refused_unless_asked_for() {
    let network = [Expected { name: "w", shape: &[2, 2] }];
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let values = [1.0, 2.0, bad, 4.0];
        let bytes = to_bytes(&[Tensor { name: "w", shape: &[2, 2], values: &values }], &[]).unwrap();
        let refusal = from_bytes::<f32>(&bytes, &network, Options::default()).unwrap_err();
        assert!(
            matches!(&refusal, Refusal::NonFinite { tensor, index, .. } if tensor == "w" && index == &[1, 0]),
            "{refusal}"
        );
        let allowed = from_bytes::<f32>(&bytes, &network, Options { allow_non_finite: true }).unwrap();
        assert_eq!(allowed.tensors[0][2].to_bits(), bad.to_bits());
    }
    let bytes = to_bytes(&[Tensor { name: "w", shape: &[2, 2], values: &[0.0, 1e300, 0.0, 0.0] }], &[]).unwrap();
    let refusal = from_bytes::<f32>(&bytes, &network, Options::default()).unwrap_err();
    assert_eq!(refusal, Refusal::TooLarge { tensor: "w".into(), index: vec![0, 1], value: 1e300 });
    assert!(from_bytes::<f64>(&bytes, &network, Options::default()).is_ok());
}

#[test]
fn short_floats_are_read() {
    for (dtype, one) in [("F16", 0x3c00_u16), ("BF16", 0x3f80)] {
        let mut bytes = file(format!(r#"{{"w":{{"dtype":"{dtype}","shape":[2],"data_offsets":[0,4]}}}}"#), 0);
        bytes.extend([one, one | 0x8000].map(u16::to_le_bytes).concat());
        let read = from_bytes::<f32>(&bytes, &[Expected { name: "w", shape: &[2] }], Options::default()).unwrap();
        assert_eq!(read.tensors, [vec![1.0, -1.0]], "{dtype}");
    }
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let tensor = |name, shape| Tensor::<f32> { name, shape, values: &[1.0, 2.0] };
    type Case<'a> = (&'a [Tensor<'a, f32>], &'a [(&'a str, &'a str)], &'a str);
    let table: [Case; 7] = [
        (&[tensor("w", &[3])], &[], "tensor `w`: expected as many values as the shape [3] has, found 2"),
        (&[tensor("w", &[usize::MAX, 2])], &[], "expected as many values"),
        (&[tensor("w", &[2]), tensor("w", &[2])], &[], "found `w` twice"),
        (&[tensor("w\n", &[2])], &[], "found `w\\n`"),
        (&[tensor("__metadata__", &[2])], &[], "found `__metadata__`"),
        (&[tensor("w", &[1, 1, 1, 1, 1, 1, 1, 1, 2])], &[], "at most 8 axes"),
        (&[], &[("a", "1"), ("a", "2")], "found `a` twice"),
    ];
    for (tensors, metadata, message) in table {
        let refusal = to_bytes(tensors, metadata).unwrap_err().to_string();
        assert!(refusal.contains(message), "{refusal}");
    }
}
