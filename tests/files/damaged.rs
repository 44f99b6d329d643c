//! Weights that arrive, by chance: what was written reads back bit by bit, and no damage panics or loads as something else.

use chainrule::checkpoint::{Expected, Options, Tensor, from_bytes, to_bytes};
use proptest::prelude::*;

const ALL: Options = Options { allow_non_finite: true };

fn tensors() -> impl Strategy<Value = Vec<(String, Vec<usize>)>> {
    let name = "[a-z]{1,3}(\\.[a-zé\"\\\\😀0-9]{0,4})?";
    proptest::collection::btree_map(name, proptest::collection::vec(0_usize..4, 0..4), 0..5)
        .prop_map(|map| map.into_iter().collect())
}

/// Values whose bits tell them apart, some of them not numbers.
fn values(shape: &[usize], seed: u32) -> Vec<f32> {
    (0..shape.iter().product::<usize>() as u32)
        .map(|k| f32::from_bits((k ^ seed).wrapping_mul(2_654_435_761)))
        .collect()
}

fn write(list: &[(String, Vec<usize>)], values: &[Vec<f32>], metadata: &[(&str, &str)]) -> Vec<u8> {
    let tensors: Vec<_> =
        list.iter().zip(values).map(|((name, shape), values)| Tensor { name, shape, values }).collect();
    to_bytes(&tensors, metadata).unwrap()
}

fn expected(list: &[(String, Vec<usize>)]) -> Vec<Expected<'_>> {
    list.iter().map(|(name, shape)| Expected { name, shape }).collect()
}

fn bits(values: &[Vec<f32>]) -> Vec<Vec<u32>> {
    values.iter().map(|values| values.iter().map(|value| value.to_bits()).collect()).collect()
}

proptest! {
    #[test]
    fn what_is_written_reads_back(list in tensors(), seed: u32, note in "\\PC*", rotate in 0_usize..5) {
        let values: Vec<_> = list.iter().map(|(_, shape)| values(shape, seed)).collect();
        let bytes = write(&list, &values, &[("note", &note)]);
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap());
        prop_assert_eq!(header % 8, 0);

        // the network may have its tensors in another order than the file
        let (mut list, mut values) = (list, values);
        let rotate = rotate % list.len().max(1);
        list.rotate_left(rotate);
        values.rotate_left(rotate);
        let read = from_bytes::<f32>(&bytes, &expected(&list), ALL).unwrap();
        let finite = |v: &Vec<Vec<f32>>| v.iter().flatten().all(|x| !x.is_nan());
        if finite(&values) {
            prop_assert_eq!(bits(&read.tensors), bits(&values));
        } else {
            let same = |a: &f32, b: &f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            prop_assert!(read.tensors.iter().flatten().zip(values.iter().flatten()).all(|(a, b)| same(a, b)));
        }
        prop_assert_eq!(read.metadata, vec![("note".to_owned(), note)]);
    }

    /// A damaged file is refused, or else the damage lies in values or metadata only: then every other value is as it was.
    #[test]
    fn damage_never_panics_and_never_loads_as_something_else(
        damage in proptest::collection::vec((0_usize..400, any::<u8>(), 0_u8..4), 1..4),
    ) {
        let list = [("conv.weight".to_owned(), vec![2, 1, 3]), ("conv.bias".to_owned(), vec![2]), ("fc".to_owned(), vec![])];
        let values: Vec<_> = list.iter().map(|(_, shape)| (0..shape.iter().product::<usize>()).map(|k| 1.5 + k as f32).collect()).collect();
        let valid = write(&list, &values, &[("step", "7")]);
        let mut bytes = valid.clone();
        for (at, byte, how) in damage {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < bytes.len() => bytes[at] = byte,
                3 if at < bytes.len() => { bytes.remove(at); }
                _ => {}
            }
        }
        if let Ok(read) = from_bytes::<f32>(&bytes, &expected(&list), ALL) {
            let data = 9 * 4;
            let as_stored: Vec<f32> = bytes[bytes.len() - data..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
            let loaded: Vec<f32> = read.tensors.concat();
            let same = |a: &f32, b: &f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            prop_assert!(loaded.iter().zip(&as_stored).all(|(a, b)| same(a, b)), "{loaded:?} {as_stored:?}");
        }
    }

    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let network = [Expected { name: "w", shape: &[1] }];
        prop_assert!(from_bytes::<f64>(&noise, &network, ALL).is_err());
        let mut framed = (noise.len() as u64).to_le_bytes().to_vec();
        framed.extend(&noise);
        prop_assert!(from_bytes::<f64>(&framed, &network, ALL).is_err());
    }
}
