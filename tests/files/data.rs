//! Data that arrives: IDX, MNIST and CSV files, whole and odd.

use std::io::Write;
use std::path::Path;

use chainrule::data::{Error, Refusal, csv, idx, mnist};
use flate2::{Compression, write::GzEncoder};
use ndarray::array;
use proptest::prelude::*;

use crate::Scratch;

/// An IDX file of this type code and shape with these bytes.
fn idx_file(code: u8, shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, code, shape.len() as u8];
    shape.iter().for_each(|extent| file.extend(extent.to_be_bytes()));
    file.extend(data);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn idx_files_are_read_gzipped_or_not() {
    let bytes = idx_file(0x08, &[2, 3], &[1, 2, 3, 4, 5, 255]);
    for file in [gzip(&bytes), bytes] {
        assert_eq!(idx::from_bytes::<u8>(&file).unwrap(), array![[1, 2, 3], [4, 5, 255]].into_dyn());
    }
    assert_eq!(idx::from_bytes::<i8>(&idx_file(0x09, &[1], &[0xff])).unwrap(), array![-1].into_dyn());
    assert_eq!(idx::from_bytes::<i16>(&idx_file(0x0b, &[1], &[1, 2])).unwrap(), array![258].into_dyn());
    assert_eq!(idx::from_bytes::<i32>(&idx_file(0x0c, &[1], &[0, 0, 1, 2])).unwrap(), array![258].into_dyn());
    assert_eq!(idx::from_bytes::<f32>(&idx_file(0x0d, &[1], &1.5_f32.to_be_bytes())).unwrap(), array![1.5].into_dyn());
    assert_eq!(idx::from_bytes::<f64>(&idx_file(0x0e, &[1], &1.5_f64.to_be_bytes())).unwrap(), array![1.5].into_dyn());
    assert_eq!(idx::from_bytes::<u8>(&idx_file(0x08, &[0, 3], &[])).unwrap().shape(), [0, 3]);
}

#[test]
fn odd_idx_files_are_refused() {
    let valid = idx_file(0x08, &[2, 3], &[0; 6]);
    let huge = [u32::MAX, u32::MAX, u32::MAX];
    let mut wrong_sum = gzip(&valid);
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "truncated"),
        ("magic", b"PK\x03\x04....".to_vec(), "begins with two zero bytes"),
        ("element type", idx_file(0x0d, &[1], &[0; 4]), "type u8 (code 0x08), found code 0x0d"),
        ("unknown type", idx_file(0x0a, &[1], &[0; 4]), "found code 0x0a"),
        ("no axes", idx_file(0x08, &[], &[0]), "1 to 8 axes, found 0"),
        ("nine axes", idx_file(0x08, &[1; 9], &[0]), "1 to 8 axes, found 9"),
        ("header cut", valid[..9].to_vec(), "truncated"),
        ("one byte less", valid[..valid.len() - 1].to_vec(), "expected 18 bytes, found 17"),
        ("one byte more", [&valid[..], &[0]].concat(), "follows the last element"),
        ("3.3 TB in 4 KB", idx_file(0x08, &[60_000, 7_000, 7_800], &[0; 4096]), "truncated"),
        ("overflow", idx_file(0x08, &huge, &[0; 64]), "no more elements than a file of 80 bytes"),
        ("overflow beside a zero", idx_file(0x08, &[0, u32::MAX, u32::MAX, u32::MAX], &[]), "no more elements"),
        ("overflow of isize beside a zero", idx_file(0x08, &[0, 1 << 31, 1 << 31, 2], &[]), "no more elements"),
        ("gzipped: 3.3 TB", gzip(&idx_file(0x08, &[60_000, 7_000, 7_800], &[0; 4096])), "no more elements"),
        ("gzipped: one byte less", gzip(&valid[..valid.len() - 1]), "expected 18 bytes, found 17"),
        ("gzipped: one byte more", gzip(&[&valid[..], &[0]].concat()), "follows the last element"),
        ("gzip bomb", gzip(&[&valid[..], &vec![0; 50_000_000]].concat()), "follows the last element"),
        ("gzip cut", gzip(&valid)[..20].to_vec(), "gzip"),
        ("gzip checksum", wrong_sum, "intact gzip stream"),
        ("two members", [gzip(&valid), gzip(&valid)].concat(), "one gzip member"),
        ("one file in two members", [gzip(&valid[..12]), gzip(&valid[12..])].concat(), "one gzip member"),
        ("behind the member", [gzip(&valid), vec![0]].concat(), "one gzip member"),
    ];
    for (what, file, message) in table {
        let refusal = idx::from_bytes::<u8>(&file).expect_err(what).to_string();
        assert!(refusal.contains(message), "{what}: {refusal}");
        assert!(refusal.contains("expected") && refusal.contains("found"), "{what}: {refusal}");
    }
    for end in 0..valid.len() {
        assert!(idx::from_bytes::<u8>(&valid[..end]).is_err());
        let packed = gzip(&valid);
        assert!(idx::from_bytes::<u8>(&packed[..packed.len() - 1 - end.min(packed.len() - 1)]).is_err());
    }
}

/// A directory like MNIST's, of three images a part, with one file's bytes replaced.
fn mnist_directory(replaced: &str, bytes: Option<&[u8]>) -> Scratch {
    let scratch = Scratch::new();
    for part in ["train", "t10k"] {
        let images = idx_file(0x08, &[3, 28, 28], &[51; 3 * 784]);
        let labels = idx_file(0x08, &[3], &[0, 9, 5]);
        std::fs::write(scratch.path(&format!("{part}-images-idx3-ubyte.gz")), gzip(&images)).unwrap();
        std::fs::write(scratch.path(&format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
    match bytes {
        Some(bytes) => std::fs::write(scratch.path(replaced), bytes).unwrap(),
        None => std::fs::remove_file(scratch.path(replaced)).unwrap(),
    }
    scratch
}

#[test]
fn mnist_is_four_files_that_belong_together() {
    let whole = idx_file(0x08, &[3], &[1, 2, 3]);
    let scratch = mnist_directory("train-labels-idx1-ubyte", Some(&whole));
    let (train, test) = mnist::load(&scratch.0).unwrap();
    assert_eq!(train.column(0).unwrap().shape(), [3, 1, 28, 28]);
    assert!(train.column(0).unwrap().iter().all(|pixel| *pixel == 0.2));
    assert_eq!(train.column(1).unwrap(), array![1.0, 2.0, 3.0].into_dyn());
    assert_eq!(test.column(1).unwrap(), array![0.0, 9.0, 5.0].into_dyn());

    let (images, labels) = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte");
    let table: [(&str, Option<Vec<u8>>, &str); 7] = [
        (labels, None, "expected one of the files `t10k-labels-idx1-ubyte` or `t10k-labels-idx1-ubyte.gz`, found none"),
        (
            images,
            Some(idx_file(0x08, &[2, 28, 28], &[0; 2 * 784])),
            "expected the shape [3, 28, 28], one image for each label, found [2, 28, 28]",
        ),
        (images, Some(idx_file(0x08, &[3, 8, 8], &[0; 3 * 64])), "found [3, 8, 8]"),
        (images, Some(idx_file(0x08, &[3], &[0; 3])), "found [3]"),
        (labels, Some(idx_file(0x08, &[3], &[0, 10, 1])), "whole numbers below 10, found 10 in sample 1"),
        (labels, Some(idx_file(0x08, &[0], &[])), "expected the shape [samples], found [0]"),
        (labels, Some(idx_file(0x0d, &[3], &[0; 12])), "type u8"),
    ];
    for (file, bytes, message) in table {
        let scratch = mnist_directory(file, bytes.as_deref());
        let error = mnist::load(&scratch.0).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        let named = if bytes.is_some() { scratch.path(file) } else { scratch.0.clone() };
        assert!(error.starts_with(&format!("`{}`: ", named.display())), "{error}");
    }
}

fn table(text: &str) -> Result<(Vec<f32>, Vec<f32>), Refusal> {
    let data = csv::from_bytes::<f32>(text.as_bytes(), csv::Options::default())?;
    let column = |k| data.column(k).unwrap().iter().copied().collect();
    Ok((column(0), column(1)))
}

#[test]
fn csv_as_programs_write_it_is_read() {
    for text in [
        "1,2,0\n3,4,1\n",
        "1,2,0\n3,4,1",
        "1,2,0\r\n3,4,1\r\n",
        "\u{feff}1,2,0\n3,4,1\n",
        "\u{feff}1,2,0\r\n3,4,1\r\n\r\n",
        " 1 , 2,\t0\n+3,4.0,1e0\n\n\n",
        "\"1\",\"2\",\"0\"\n3,\"4\",1\n",
    ] {
        assert_eq!(table(text), Ok((vec![1.0, 2.0, 3.0, 4.0], vec![0.0, 1.0])), "{text:?}");
    }
    let options = csv::Options { header: true, label: csv::Label::At(0), classes: Some(3) };
    let data = csv::from_bytes::<f64>(b"\"class, as \"\"is\"\"\",a\n2,-0.5\n", options).unwrap();
    assert_eq!(data.column(0).unwrap(), array![[-0.5]].into_dyn());
    assert_eq!(data.column(1).unwrap(), array![2.0].into_dyn());
}

#[test]
fn odd_csv_is_refused_with_line_and_field() {
    let long = format!("1,2\n{},2\n", "1".repeat(10_000_000));
    let no_end = "1,".repeat(5_000_000);
    let cases: &[(&str, &str, &str)] = &[
        ("empty", "", "at least one row"),
        ("blank", "\n\r\n  \n", "at least one row"),
        ("mark only", "\u{feff}", "at least one row"),
        ("ragged, short", "1,2\n3\n", "line 2: expected 2 fields, found 1"),
        ("ragged, long", "1,2\n3,4,5\n", "line 2: expected 2 fields, found 3"),
        ("empty line inside", "1,2\n\n3,4\n", "line 2: expected 2 fields, found 0"),
        ("empty field", "1,2\n,4\n", "line 2, field 1: expected a finite number, found ``"),
        (
            "text",
            "a,b\n1,2\n",
            "line 1, field 1: expected a finite number, found `a`; fill it in, drop the row, or say that line 1 is a header",
        ),
        ("not a number", "1,2\nNaN,4\n", "line 2, field 1: expected a finite number, found `NaN`"),
        ("infinite", "1,2\n3,-inf\n", "line 2, field 2: expected a finite number, found `-inf`"),
        ("infinite by size", "1e999,2\n", "found `1e999`"),
        ("infinite in f32", "1e39,2\n", "found `1e39`"),
        ("hexadecimal", "0x10,2\n", "found `0x10`"),
        ("decimal comma", "1;2\n", "expected a label column among at least two, found 1 columns"),
        ("unclosed quote", "1,2\n\"3,4\n5,6\n", "line 2: expected quotes around whole fields"),
        ("unclosed quote at the end", "1,2\n3,\"4", "line 2: expected quotes around whole fields"),
        ("quote over lines", "1,\"2\n\"\n", "line 1: expected quotes around whole fields"),
        ("carriage returns only", "1,2\r3,4\r", "line 1"),
        ("a 10 MB line", &long, "line 2: expected at most 1048576 bytes"),
        ("no line end at all", &no_end, "line 1: expected at most 1048576 bytes"),
        ("control characters", "1,\u{1b}[31m2\n", "found `\\u{1b}[31m2`"),
    ];
    for (what, text, message) in cases {
        let refusal = table(text).expect_err(what).to_string();
        assert!(refusal.contains(message), "{what}: {refusal}");
        assert!(refusal.contains("expected") && refusal.contains("found"), "{what}: {refusal}");
    }

    let classes = csv::Options { classes: Some(2), ..csv::Options::default() };
    for label in ["2", "-1", "0.5"] {
        let text = format!("5,0\n5,{label}\n");
        let refusal = csv::from_bytes::<f32>(text.as_bytes(), classes).unwrap_err();
        assert!(matches!(refusal, Refusal::Label { sample: 1, classes: 2, .. }), "{refusal}");
    }
    let beyond = csv::Options { label: csv::Label::At(2), ..csv::Options::default() };
    assert_eq!(csv::from_bytes::<f32>(b"1,2\n", beyond), Err(Refusal::LabelColumn { label: 2, columns: 2 }));
    let header = csv::Options { header: true, ..csv::Options::default() };
    assert_eq!(csv::from_bytes::<f32>(b"a,b\n", header), Err(Refusal::NoRows));
    assert_eq!(csv::from_bytes::<f32>(b"1,2\n\xff,3\n", header), Err(Refusal::NotUtf8 { line: 2 }));
    assert_eq!(csv::from_bytes::<f32>(&gzip(b"1,2\n"), header), Err(Refusal::Compressed));
}

#[test]
fn data_files_are_named_in_errors() {
    let scratch = Scratch::new();
    let path = scratch.path("points.csv");
    std::fs::write(&path, "1,x\n").unwrap();
    let error = csv::load::<f32>(&path, csv::Options::default()).unwrap_err();
    assert!(error.to_string().starts_with(&format!("`{}`: line 1, field 2: ", path.display())), "{error}");
    std::fs::write(&path, "1,2\n").unwrap();
    assert_eq!(csv::load::<f32>(&path, csv::Options::default()).unwrap().len(), 1);

    for path in [scratch.0.as_path(), Path::new("/dev/zero"), Path::new("none")] {
        assert!(matches!(csv::load::<f32>(path, csv::Options::default()), Err(Error::Unreadable { .. })));
        assert!(matches!(idx::load::<u8>(path), Err(Error::Unreadable { .. })));
    }
}

proptest! {
    #[test]
    fn numbers_survive_csv(rows in proptest::collection::vec(any::<[f32; 3]>(), 1..20)) {
        prop_assume!(rows.iter().flatten().all(|value| value.is_finite()));
        let text: String = rows.iter().map(|[a, b, c]| format!("{a:e},\"{b}\",{c}\r\n")).collect();
        let (inputs, labels) = table(&text).unwrap();
        prop_assert_eq!(inputs, rows.iter().flat_map(|[a, b, _]| [*a, *b]).collect::<Vec<_>>());
        prop_assert_eq!(labels, rows.iter().map(|row| row[2]).collect::<Vec<_>>());
    }

    #[test]
    fn no_text_panics(text in "[0-9,\"\\r\\n eé.-]{0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = table(&text);
        let _ = csv::from_bytes::<f64>(&bytes, csv::Options { header: true, ..csv::Options::default() });
    }

    /// Whatever happens to an IDX file, it is refused, or has its six elements still.
    #[test]
    fn damaged_idx_never_panics(packed: bool, at in 0_usize..60, byte: u8, how in 0_u8..3) {
        let valid = idx_file(0x08, &[2, 3], &[1, 2, 3, 4, 5, 6]);
        let mut file = if packed { gzip(&valid) } else { valid };
        let at = at % file.len();
        match how {
            0 => file.truncate(at),
            1 => file.insert(at, byte),
            _ => file[at] = byte,
        }
        if let Ok(read) = idx::from_bytes::<u8>(&file) {
            prop_assert_eq!(read.len(), 6);
            prop_assert!(!packed || read.iter().copied().eq(1..=6), "the checksum lets nothing through");
        }
    }
}
