//! Whatever the bytes, as IDX and as CSV: no panic, no more memory than they are worth, only finite numbers.
#![no_main]

use chainrule::data::{csv, idx};

libfuzzer_sys::fuzz_target!(|file: (bool, &[u8])| {
    let (header, bytes) = file;
    let _ = idx::from_bytes::<u8>(bytes);
    let _ = idx::from_bytes::<f64>(bytes);
    let options = csv::Options {
        header,
        ..csv::Options::default()
    };
    if let Ok(rows) = csv::from_bytes::<f32>(bytes, options) {
        assert!(
            rows.column(0)
                .unwrap()
                .iter()
                .all(|value| value.is_finite())
        );
        assert_eq!(rows.column(1).unwrap().len(), rows.len());
    }
});
