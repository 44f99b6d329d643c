//! Data sets: arrays whose leading axis is the sample. Readers of the built-in digits, of MNIST, of IDX and CSV
//! files come with the feature `data`.
//!
//! In: arrays, or files from strangers. Out: a [`Dataset`]. Guarantees that its columns are of one length, not empty and row-major, and
//! that whatever a file holds, memory grows with what the file really has and not with what it claims.

mod error;

#[cfg(feature = "data")]
pub mod csv;
#[cfg(feature = "data")]
pub mod digits;
#[cfg(feature = "data")]
pub mod idx;
#[cfg(feature = "data")]
pub mod mnist;

pub use crate::files::Unreadable;
pub use error::{Error, Refusal};

use ndarray::{ArrayD, ArrayView, ArrayViewD, Axis, Dimension, aview1};

use crate::checkpoint::Stored;

/// Samples: one array for each input and each target of a network, in the order of its declaration, sample by sample along the leading
/// axis. Labels and tokens are stored as `E` holding whole numbers; see [`integers`].
///
/// ```
/// use chainrule::data::Dataset;
/// use ndarray::array;
///
/// let points = array![[0.0_f32, 0.1], [1.0, 0.9], [0.2, 0.0]].into_dyn();
/// let data = Dataset::labelled(points, &[0, 1, 0_usize])?;
/// let (train, test) = data.split_at(2)?;
/// assert_eq!((train.len(), test.len()), (2, 1));
/// assert_eq!(train.column(1)?, array![0.0, 1.0].into_dyn());
/// # Ok::<(), chainrule::data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<E> {
    columns: Vec<ArrayD<E>>,
}

#[allow(clippy::len_without_is_empty)] // it never is
impl<E: Clone> Dataset<E> {
    /// A data set of these columns.
    ///
    /// # Errors
    /// No column, a column without samples or without a sample axis, columns of different lengths.
    pub fn new(columns: Vec<ArrayD<E>>) -> Result<Self, Error> {
        let expected = columns.first().ok_or(Error::NoColumns)?.shape().first().copied().unwrap_or(0);
        for (column, array) in columns.iter().enumerate() {
            match array.shape().first() {
                None => return Err(Error::NoSampleAxis { column }),
                Some(0) => return Err(Error::Empty { column }),
                Some(&found) if found != expected => {
                    return Err(Error::Lengths { column, expected, found });
                }
                Some(_) => {}
            }
        }
        let row_major = |array: ArrayD<E>| match array.is_standard_layout() {
            true => array,
            false => array.as_standard_layout().into_owned(),
        };
        Ok(Dataset { columns: columns.into_iter().map(row_major).collect() })
    }

    /// One input of shape `[sample, …]` and one label a sample.
    ///
    /// # Errors
    /// As [`Dataset::new`] and [`integers`].
    pub fn labelled<I: Copy + TryInto<u64>>(inputs: ArrayD<E>, labels: &[I]) -> Result<Self, Error>
    where
        E: Stored,
    {
        Self::new(vec![inputs, integers(aview1(labels))?])
    }

    /// The number of samples; at least one.
    pub fn len(&self) -> usize {
        self.columns[0].shape()[0]
    }

    /// The number of columns: inputs and targets.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Column `k`, of shape `[sample, …]`, row-major.
    ///
    /// # Errors
    /// There is no such column.
    pub fn column(&self, k: usize) -> Result<ArrayViewD<'_, E>, Error> {
        let column = self.columns.get(k).ok_or(Error::NoColumn { column: k, columns: self.columns.len() })?;
        Ok(column.view())
    }

    /// The samples before `at`, and those from it on.
    ///
    /// # Errors
    /// One of the two would be empty.
    pub fn split_at(&self, at: usize) -> Result<(Self, Self), Error> {
        if at == 0 || at >= self.len() {
            return Err(Error::Split { at, samples: self.len() });
        }
        let (front, back) = self
            .columns
            .iter()
            .map(|column| {
                let (front, back) = column.view().split_at(Axis(0), at);
                (front.to_owned(), back.to_owned())
            })
            .unzip();
        Ok((Dataset { columns: front }, Dataset { columns: back }))
    }

    /// The samples of these numbers, in this order; one may stand there more than once.
    ///
    /// # Errors
    /// A number that is no sample's, or no number at all.
    pub fn select(&self, samples: &[usize]) -> Result<Self, Error> {
        if samples.is_empty() {
            return Err(Error::Empty { column: 0 });
        }
        if let Some(&sample) = samples.iter().find(|&&sample| sample >= self.len()) {
            return Err(Error::NoSample { sample, samples: self.len() });
        }
        Ok(Dataset { columns: self.columns.iter().map(|column| column.select(Axis(0), samples)).collect() })
    }
}

/// Labels or tokens as the elements of a network: whole numbers from 0, of the same shape.
///
/// # Errors
/// A negative number, or one that `E` does not hold exactly (the first is 2^24 + 1 in `f32`).
pub fn integers<E: Stored, I: Copy + TryInto<u64>, D: Dimension>(values: ArrayView<I, D>) -> Result<ArrayD<E>, Error> {
    let convert = |(position, &value): (usize, &I)| {
        let whole: Option<u64> = value.try_into().ok();
        whole
            .map(|whole| (whole, E::narrow(whole as f64)))
            // via u128: 2^64 - 1 would otherwise round up to 2^64 and saturate back to itself
            .filter(|&(whole, element)| element.widen() as u128 == u128::from(whole))
            .map(|(_, element)| element)
            .ok_or(Error::Integer { position, found: whole, element: E::DTYPE })
    };
    let elements: Vec<E> = values.iter().enumerate().map(convert).collect::<Result<_, _>>()?;
    Ok(ArrayD::from_shape_vec(values.raw_dim().into_dyn(), elements).expect("as many elements as before"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, IxDyn, array};

    fn ramp(shape: &[usize]) -> ArrayD<f32> {
        let count = shape.iter().product::<usize>();
        Array::from_iter((0..count).map(|k| k as f32)).into_shape_with_order(IxDyn(shape)).unwrap()
    }

    #[test]
    fn columns_have_to_agree() {
        let table: [(Vec<ArrayD<f32>>, &str); 5] = [
            (vec![], "at least one column"),
            (vec![ramp(&[0, 3])], "column 0: expected at least one sample"),
            (vec![ramp(&[2]), ramp(&[])], "column 1: expected a leading axis"),
            (vec![ramp(&[2, 3]), ramp(&[3])], "column 1: expected 2 samples"),
            (vec![ramp(&[2, 3]), ramp(&[0])], "column 1: expected at least one sample"),
        ];
        for (columns, message) in table {
            let error = Dataset::new(columns).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("found"), "{error}");
        }
    }

    #[test]
    fn parts_keep_samples_together() {
        let data = Dataset::labelled(ramp(&[4, 2]), &[0_u8, 1, 2, 3]).unwrap();
        let (front, back) = data.split_at(1).unwrap();
        assert_eq!((front.len(), back.len(), back.width()), (1, 3, 2));
        assert_eq!(back.column(0).unwrap(), array![[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]].into_dyn());

        let picked = data.select(&[3, 0, 3]).unwrap();
        assert_eq!(picked.column(0).unwrap(), array![[6.0, 7.0], [0.0, 1.0], [6.0, 7.0]].into_dyn());
        assert_eq!(picked.column(1).unwrap(), array![3.0, 0.0, 3.0].into_dyn());

        assert!(matches!(data.split_at(0), Err(Error::Split { .. })));
        assert!(matches!(data.split_at(4), Err(Error::Split { .. })));
        assert!(matches!(data.select(&[]), Err(Error::Empty { .. })));
        assert!(matches!(data.select(&[0, 4]), Err(Error::NoSample { sample: 4, samples: 4 })));
        assert!(matches!(data.column(2), Err(Error::NoColumn { column: 2, columns: 2 })));
    }

    #[test]
    fn columns_are_row_major_whatever_they_were() {
        let transposed = ramp(&[2, 3]).reversed_axes();
        let data = Dataset::new(vec![transposed]).unwrap();
        assert_eq!(data.column(0).unwrap().as_slice().unwrap(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    }

    #[test]
    fn integers_are_exact_or_refused() {
        let tokens = array![[0_usize, 7], [1 << 24, 3]];
        assert_eq!(integers::<f32, _, _>(tokens.view()).unwrap(), array![[0.0, 7.0], [16_777_216.0, 3.0]].into_dyn());
        assert!(integers::<f32, _, _>(aview1(&[(1_usize << 24) + 1])).is_err());
        assert!(integers::<f64, _, _>(aview1(&[(1_usize << 24) + 1])).is_ok());
        assert!(integers::<f64, _, _>(aview1(&[u64::MAX])).is_err());
        let error = integers::<f32, _, _>(aview1(&[1, -1])).unwrap_err();
        assert!(error.to_string().contains("at position 1"), "{error}");
    }
}
