//! Whatever the bytes: no panic, no more memory than they are worth; and what loads is what the writer writes for it.
#![no_main]

use chainrule::checkpoint::{Expected, Options, Tensor, from_bytes, to_bytes};

const NETWORK: [Expected; 3] = [
    Expected {
        name: "w",
        shape: &[2, 1],
    },
    Expected {
        name: "b",
        shape: &[],
    },
    Expected {
        name: "e",
        shape: &[0, 3],
    },
];

libfuzzer_sys::fuzz_target!(|file: (bool, &[u8])| {
    let (framed, bytes) = file;
    let mut whole = Vec::new();
    if framed {
        // the header's length is hard to guess: here it is, followed by twelve bytes of data
        let header = bytes.len().saturating_sub(12) as u64;
        whole.extend(header.to_le_bytes());
    }
    whole.extend(bytes);
    let Ok(read) = from_bytes::<f32>(&whole, &NETWORK, Options::default()) else {
        return;
    };
    let tensors: Vec<_> = NETWORK
        .iter()
        .zip(&read.tensors)
        .map(|(tensor, values)| Tensor {
            name: tensor.name,
            shape: tensor.shape,
            values,
        })
        .collect();
    let metadata: Vec<_> = read
        .metadata
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let again = to_bytes(&tensors, &metadata).expect("what was read can be written");
    assert_eq!(
        from_bytes::<f32>(&again, &NETWORK, Options::default()),
        Ok(read)
    );
});
