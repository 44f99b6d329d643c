//! In: `ndarray` arrays and views of any rank and strides, of elements or of integers, one or several. Out: [`Column`]s, each the
//! elements of one input in row-major order. Copies only what is not in that order, or holds integers. Judges nothing.

use std::borrow::Cow;

use ndarray::{ArrayBase, Data, Dimension};

use crate::data::Dataset;
use crate::lanes::Element;

/// One input (or target, or cotangent): its extents and its elements in row-major order.
#[derive(Clone, Debug)]
pub struct Column<'a, E: Element> {
    /// The extents, with the batch's in front if there is a batch.
    pub dims: Vec<usize>,
    /// The elements. Integers are elements too.
    pub values: Cow<'a, [E]>,
}

impl<E: Element> Column<'_, E> {
    /// The same with elements of another type.
    pub(crate) fn cast<F: Element>(&self) -> Column<'static, F> {
        Column {
            dims: self.dims.clone(),
            values: self.values.iter().map(|value| F::from_f64(value.to_f64())).collect(),
        }
    }

    /// The same, borrowed.
    pub(crate) fn borrow(&self) -> Column<'_, E> {
        Column { dims: self.dims.clone(), values: Cow::Borrowed(&self.values) }
    }
}

/// What an array for a model of element `E` may hold: `E` itself, or integers (classes, tokens, pixels); for `f64` also `f32`.
pub trait Scalar<E: Element>: Copy {
    /// As an element.
    fn element(self) -> E;
    /// As elements, without a copy where they are already.
    fn elements(values: &[Self]) -> Cow<'_, [E]> {
        values.iter().map(|value| value.element()).collect()
    }
}

macro_rules! scalars {
    ($E:ident: $($Integer:ident)*) => {
        impl Scalar<$E> for $E {
            fn element(self) -> $E {
                self
            }
            fn elements(values: &[$E]) -> Cow<'_, [$E]> {
                Cow::Borrowed(values)
            }
        }
        $(impl Scalar<$E> for $Integer {
            fn element(self) -> $E {
                self as $E
            }
        })*
    };
}
scalars!(f32: u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
scalars!(f64: u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32);

/// Arrays for a network's inputs, targets or cotangents, in the order of its declaration: one array, or a tuple, slice or `Vec`
/// of arrays, or a [`Dataset`]. An array has the shape of one sample, or a batch axis in front of it.
///
/// ```
/// use chainrule::model::Inputs;
/// let pixels = ndarray::Array3::<f32>::zeros((10, 8, 8));
/// let labels = ndarray::Array1::<u8>::zeros(10);
/// let both = (&pixels, labels.view());
/// let columns = Inputs::<f32>::columns(&both);
/// assert_eq!(columns[0].dims, [10, 8, 8]);
/// ```
pub trait Inputs<E: Element> {
    /// One column for each array.
    fn columns(&self) -> Vec<Column<'_, E>>;
}

impl<E, S, D> Inputs<E> for ArrayBase<S, D>
where
    E: Element,
    S: Data,
    S::Elem: Scalar<E>,
    D: Dimension,
{
    fn columns(&self) -> Vec<Column<'_, E>> {
        let values = match self.as_slice() {
            Some(values) => Scalar::elements(values),
            None => self.iter().map(|value| value.element()).collect(),
        };
        vec![Column { dims: self.shape().to_vec(), values }]
    }
}

impl<E: Element> Inputs<E> for Column<'_, E> {
    fn columns(&self) -> Vec<Column<'_, E>> {
        vec![self.borrow()]
    }
}

impl<E: Element, I: Inputs<E> + ?Sized> Inputs<E> for &I {
    fn columns(&self) -> Vec<Column<'_, E>> {
        (**self).columns()
    }
}

impl<E: Element, I: Inputs<E>> Inputs<E> for [I] {
    fn columns(&self) -> Vec<Column<'_, E>> {
        self.iter().flat_map(Inputs::columns).collect()
    }
}

impl<E: Element, I: Inputs<E>> Inputs<E> for Vec<I> {
    fn columns(&self) -> Vec<Column<'_, E>> {
        self.as_slice().columns()
    }
}

impl<E: Element, I: Inputs<E>, const N: usize> Inputs<E> for [I; N] {
    fn columns(&self) -> Vec<Column<'_, E>> {
        self.as_slice().columns()
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => { $(
        impl<E: Element, $($name: Inputs<E>),*> Inputs<E> for ($($name,)*) {
            #[expect(non_snake_case, reason = "one name serves as type and value")]
            fn columns(&self) -> Vec<Column<'_, E>> {
                let ($($name,)*) = self;
                let mut columns = Vec::new();
                $(columns.extend($name.columns());)*
                columns
            }
        }
    )* };
}
tuples!((A)(A B)(A B C)(A B C D)(A B C D F)(A B C D F G)(A B C D F G H)(A B C D F G H I));

/// A data set's columns.
impl<E: Element, T: Scalar<E>> Inputs<E> for Dataset<T> {
    fn columns(&self) -> Vec<Column<'_, E>> {
        let views = (0..self.width()).filter_map(|number| self.column(number).ok());
        views
            .map(|view| Column {
                dims: view.shape().to_vec(),
                values: match view.to_slice() {
                    Some(values) => Scalar::elements(values),
                    None => view.iter().map(|value| value.element()).collect(),
                },
            })
            .collect()
    }
}

/// No arrays.
impl<E: Element> Inputs<E> for () {
    fn columns(&self) -> Vec<Column<'_, E>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array, s};

    #[test]
    fn any_strides_arrive_row_major() {
        let whole = Array2::from_shape_fn((4, 3), |(i, j)| (10 * i + j) as f32);
        let transposed: Vec<f32> = whole.t().iter().copied().collect();
        let (sliced, flipped) = (whole.slice(s![..;-2, ..;2]), whole.t());
        let both = (&sliced, &flipped);
        let columns = Inputs::<f32>::columns(&both);
        assert_eq!(columns[0].values[..], [30.0, 32.0, 10.0, 12.0]);
        assert_eq!(columns[1].values[..], transposed);
        assert!(matches!(Inputs::<f32>::columns(&whole)[0].values, Cow::Borrowed(_)));
    }

    #[test]
    fn several_arrays_of_several_types() {
        let (a, b) = (array![[1.0_f64, 2.0]], array![7_i64]);
        let both = (&a, b.view());
        let columns: Vec<Column<'_, f64>> = both.columns();
        assert_eq!(columns[0].dims, [1, 2]);
        assert_eq!(columns[1].values[..], [7.0]);
    }
}
