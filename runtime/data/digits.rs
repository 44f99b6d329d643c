//! 1,797 real handwritten digits of 8×8 pixels, part of the library itself.
//!
//! From the UCI *Optical Recognition of Handwritten Digits* data set (E. Alpaydin, C. Kaynak, 1998), <https://doi.org/10.24432/C50P49>,
//! licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); these are its 1,797 test samples, unchanged.

use std::io::Read;
use std::path::PathBuf;

use flate2::bufread::GzDecoder;
use ndarray::{ArrayD, IxDyn};

use super::{Dataset, Error, Refusal, csv};

static FILE: &[u8] = include_bytes!("digits.csv.gz");

/// More than the file unpacks to: 264,712 bytes.
const CAP: u64 = 1 << 20;
const SAMPLES: usize = 1797;
const TRAIN: usize = 1437;

/// 1,437 samples for training and 360 for testing: images of shape `[sample, 1, 8, 8]` from 0 to 1, and labels of shape `[sample]`, 0 to 9.
///
/// The split is the same always and everywhere: the file's samples in an order shuffled once with a fixed seed. (In the file's own order
/// samples of one writer follow each other; shuffled, most writers have samples in both parts, as is usual with this data set.)
///
/// ```
/// let (train, test) = chainrule::data::digits::load()?;
/// assert_eq!((train.len(), test.len()), (1437, 360));
/// assert_eq!(train.column(0)?.shape(), [1437, 1, 8, 8]);
/// # Ok::<(), chainrule::data::Error>(())
/// ```
///
/// # Errors
/// None, as long as the library's own file is intact.
pub fn load() -> Result<(Dataset<f32>, Dataset<f32>), Error> {
    let refused = |why| Error::Refused { file: PathBuf::from("digits.csv.gz"), why };
    let mut text = Vec::new();
    let unpacked = GzDecoder::new(FILE).take(CAP).read_to_end(&mut text);
    unpacked.map_err(|error| refused(Refusal::Gzip { message: error.to_string() }))?;

    let options = csv::Options { classes: Some(10), ..csv::Options::default() };
    let rows = csv::from_bytes::<f32>(&text, options).map_err(refused)?;
    let pixels = rows.column(0)?;
    let images = pixels.iter().map(|&value| value / 16.0).collect();
    let images = ArrayD::from_shape_vec(IxDyn(&[SAMPLES, 1, 8, 8]), images).map_err(|_| {
        refused(Refusal::Shape { expected: format!("[{SAMPLES}, 64]"), found: pixels.shape().to_vec() })
    })?;
    let data = Dataset::new(vec![images, rows.column(1)?.to_owned()])?;
    data.select(&order(SAMPLES))?.split_at(TRAIN)
}

/// A permutation of the numbers below `count`, by Fisher and Yates with splitmix64 from zero.
fn order(count: usize) -> Vec<usize> {
    let mut state = 0_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % below as u64) as usize
    };
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, draw(last + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_is_the_same_everywhere() {
        let (train, test) = load().unwrap();
        let mut counts = [0; 10];
        for part in [&train, &test] {
            assert!(part.column(0).unwrap().iter().all(|pixel| (0.0..=1.0).contains(pixel)));
            part.column(1).unwrap().iter().for_each(|&label| counts[label as usize] += 1);
        }
        // as the data set's own description counts them
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let order = order(SAMPLES);
        let sorted: std::collections::BTreeSet<_> = order.iter().collect();
        assert_eq!(sorted.len(), SAMPLES);
        // from an independent implementation, in Python
        assert_eq!(order[..6], [1219, 1332, 145, 640, 51, 272]);
        assert_eq!(order[SAMPLES - 3..], [199, 1452, 1441]);
    }
}
