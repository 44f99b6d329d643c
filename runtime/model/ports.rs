//! In: columns, and the ports they are meant for. Out: the number of samples. Guarantees: as many columns as ports, each of its port's shape
//! (with a batch axis in all of them or in none), equally many samples, at least one, integers within their range.

use super::Column;
use crate::error::{Error, port_names};
use crate::lanes::Element;
use crate::network::{Network, Port};
use crate::shape::Values;

/// One sample without a batch axis, or a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batched {
    One,
    Many(usize),
}

impl Batched {
    pub(crate) fn count(self) -> usize {
        match self {
            Batched::One => 1,
            Batched::Many(count) => count,
        }
    }

    fn is_batch(self) -> bool {
        self != Batched::One
    }
}

/// Checks columns against ports; `before` is an array of the same call that was checked already.
pub(crate) fn check<N: Network, E: Element>(
    what: &'static str,
    ports: &'static [Port],
    columns: &[Column<'_, E>],
    before: Option<(&'static str, Batched)>,
) -> Result<Batched, Error> {
    let network = N::NAME;
    if ports.len() != columns.len() {
        return Err(Error::Count {
            network,
            what,
            expected: ports.len(),
            names: port_names(ports),
            found: columns.len(),
        });
    }
    let mut first = before;
    for (port, column) in ports.iter().zip(columns) {
        let name = port.name;
        let batched = shape::<E>(port, column).ok_or_else(|| Error::Shape {
            network,
            name,
            expected: Box::new(port.shape),
            found: column.dims.clone(),
        })?;
        let (other, expected) = *first.get_or_insert((name, batched));
        if expected.is_batch() != batched.is_batch() {
            return Err(Error::Mixed { first: other, first_batched: expected.is_batch(), second: name });
        }
        if expected != batched {
            return Err(Error::Batch {
                first: other,
                expected: expected.count(),
                second: name,
                found: batched.count(),
            });
        }
        if batched.count() == 0 {
            return Err(Error::Empty { network, name });
        }
        if what != "output" {
            integers(network, port, column)?;
        }
    }
    first.map_or(Err(Error::Empty { network, name: what }), |(_, batched)| Ok(batched))
}

fn shape<E: Element>(port: &Port, column: &Column<'_, E>) -> Option<Batched> {
    let dims = port.shape.dims();
    if column.dims == dims {
        return Some(Batched::One);
    }
    let (&count, rest) = column.dims.split_first()?;
    (rest == dims).then_some(Batched::Many(count))
}

fn integers<E: Element>(network: &'static str, port: &Port, column: &Column<'_, E>) -> Result<(), Error> {
    let Values::Below(below) = port.shape.values() else {
        return Ok(());
    };
    let good = |value: f64| value >= 0.0 && value < below as f64 && value.fract() == 0.0;
    let wrong = column.values.iter().position(|value| !good(value.to_f64()));
    wrong.map_or(Ok(()), |at| {
        Err(Error::Integer {
            network,
            name: port.name,
            below,
            value: column.values[at].to_f64(),
            sample: at / port.shape.size().max(1),
        })
    })
}
